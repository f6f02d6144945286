import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CONV_DIMS, type ConvSizes, type SaLayer } from '../../src/model/layers/layer.ts';
import { Machine } from '../../src/model/machine/machine.ts';
import { SIMD_OPERATIONS, type SimdOp } from '../../src/model/operations/simdTable.ts';
import { type Assumptions, assumptionsOf, HARDWARE, PAPER } from '../../src/model/schedule/assumptions.ts';
import type { Hardware } from '../../src/model/schemas/hardware.ts';
import { isDefined, saCases, sample, simdCases } from '../support/arbitraries.ts';
import { bruteForceSa, bruteForceSimd } from '../support/bruteForce.ts';

const KEEP_RESIDENT = assumptionsOf(new Set());
const cases = saCases({ randomSlots: true, randomOrder: true, mostMacs: 20_000 });

/** What the machine reports of the things that the brute force counts. */
function machineCounts(layer: SaLayer, hardware: Hardware, assumptions: Assumptions): unknown {
  const { tiles, computeCycles, dramBits, sramBits, opCounts } = new Machine(hardware).run(layer, assumptions);
  const { wbuf, ibuf, obuf, bbuf } = sramBits;
  return { tiles, computeCycles, dramBits, sramBits: { wbuf, ibuf, obuf, bbuf }, mac: opCounts.mac };
}

/** The layer enlarged to whole tiles. */
function enlarged(layer: SaLayer): SaLayer {
  const { sizes, tile } = layer;
  const whole = CONV_DIMS.map((dim) => [dim, Math.ceil(sizes[dim] / tile[dim]) * tile[dim]]);
  return { ...layer, sizes: Object.fromEntries(whole) as ConvSizes };
}

describe('a conv or gemm in any loop order', () => {
  it('computes every MAC once and moves the bits that a count of all its steps gives', () => {
    fc.assert(
      fc.property(cases, ({ hardware, layer }) => {
        const { leastOften, mostOften, ...counted } = bruteForceSa(layer, hardware);
        expect([leastOften, mostOften]).toEqual([1, 1]);
        expect(machineCounts(layer, hardware, HARDWARE)).toEqual(counted);
      }),
      sample(250),
    );
  });

  it('moves and computes whole tiles at the edges under the paper’s assumptions', () => {
    fc.assert(
      fc.property(cases, ({ hardware, layer }) => {
        fc.pre(isDefined({ hardware, layer }, PAPER));
        const { leastOften, mostOften, ...counted } = bruteForceSa(enlarged(layer), hardware);
        expect([leastOften, mostOften]).toEqual([1, 1]);
        expect(machineCounts(layer, hardware, PAPER)).toEqual(counted);
      }),
      sample(150),
    );
  });

  it('with resident tiles kept loads what no slot holds and sends away no psum that the next step adds to', () => {
    fc.assert(
      fc.property(cases, ({ hardware, layer }) => {
        const { leastOften, mostOften, ...counted } = bruteForceSa(layer, hardware, true);
        expect([leastOften, mostOften]).toEqual([1, 1]);
        expect(machineCounts(layer, hardware, KEEP_RESIDENT)).toEqual(counted);
      }),
      sample(250),
    );
  });
});

describe('a SIMD layer', () => {
  it.each(Object.keys(SIMD_OPERATIONS) as SimdOp[])('moves the bits of all its tiles at true size: %s', (op) => {
    fc.assert(
      fc.property(simdCases(op, { randomSlots: true }), ({ hardware, layer }) => {
        const { ifmap, ofmap } = new Machine(hardware).run(layer, HARDWARE).dramBits;
        expect({ ifmap, ofmap }).toEqual(bruteForceSimd(layer));
      }),
      sample(20),
    );
  });
});
