/** One suite for every memory behind the interfaces: what must hold whatever the DRAM. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LAYOUTS } from '../../src/model/dram/layout.ts';
import { type DramModel, IDEAL, SHARINGS } from '../../src/model/dram/model.ts';
import type { Layer } from '../../src/model/layers/layer.ts';
import { Machine } from '../../src/model/machine/machine.ts';
import type { SimulatedResult } from '../../src/model/machine/statistics.ts';
import { totalWaiting } from '../../src/model/machine/waiting.ts';
import { SIMD_OPERATIONS, type SimdOp } from '../../src/model/operations/simdTable.ts';
import { type Assumptions, HARDWARE } from '../../src/model/schedule/assumptions.ts';
import type { Hardware } from '../../src/model/schemas/hardware.ts';
import type { LatencySpec } from '../../src/model/schemas/latency.ts';
import { assumptionSets, type Case, isDefined, saCases, sample, simdCases } from '../support/arbitraries.ts';
import { dramPreset } from '../support/dram.ts';

const perInterface = { latencyCycles: 37, jitterCycles: 11, burstBytes: 32, efficiency: 0.8 };
const latency: LatencySpec = {
  name: 'test',
  model: 'latency',
  interfaces: { weight: perInterface, ifmap: perInterface, psum: perInterface, vmem: perInterface },
};

const banked = LAYOUTS.flatMap((layout) =>
  SHARINGS.map((sharing): [string, DramModel] => [
    `HBM2, ${layout} layout, channels ${sharing}`,
    { kind: 'banked', spec: dramPreset('HBM2'), layout, sharing },
  ]),
);
const models: [string, DramModel][] = [
  ['ideal', IDEAL],
  ['latency with jitter', { kind: 'latency', spec: latency, seed: '1' }],
  ...banked,
  ['DDR4-2400', { kind: 'banked', spec: dramPreset('DDR4-2400'), layout: 'tiles', sharing: 'shared' }],
];

const anyCase: fc.Arbitrary<Case<Layer>> = fc.oneof(
  { weight: 3, arbitrary: saCases({ randomSlots: true, randomOrder: true, mostMacs: 20_000 }) },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom(...(Object.keys(SIMD_OPERATIONS) as SimdOp[]))
      .chain((op) => simdCases(op, { randomSlots: true })),
  },
);

function run(hardware: Hardware, layer: Layer, assumptions: Assumptions, dram: DramModel): SimulatedResult {
  return new Machine(hardware, { dram }).run(layer, assumptions);
}

describe.each(models)('with %s', (_, dram) => {
  it('any layer runs to its end, moves the same bits and accounts for every cycle', () => {
    fc.assert(
      fc.property(anyCase, assumptionSets, ({ hardware, layer }, assumptions) => {
        fc.pre(isDefined({ hardware, layer }, assumptions));
        const ideal = run(hardware, layer, assumptions, IDEAL);
        const result = run(hardware, layer, assumptions, dram);
        expect(result.dramBits).toEqual(ideal.dramBits);
        expect(result.sramBits).toEqual(ideal.sramBits);
        expect(result.computeCycles).toBe(ideal.computeCycles);
        expect(result.computeCycles + totalWaiting(result.waiting)).toBe(result.totalCycles);
      }),
      sample(20),
    );
  });

  it('no interface delivers more than its own bits per cycle', () => {
    fc.assert(
      fc.property(anyCase, assumptionSets, ({ hardware, layer }, assumptions) => {
        fc.pre(isDefined({ hardware, layer }, assumptions));
        const { dramBits, interfaceBusyCycles: busy } = run(hardware, layer, assumptions, dram);
        const { bitsPerCycle } = hardware;
        if (layer.unit === 'SIMD') {
          expect(dramBits.ifmap + dramBits.ofmap).toBeLessThanOrEqual(busy.vmem * bitsPerCycle.vmem);
          return;
        }
        expect(dramBits.weight + dramBits.bias).toBeLessThanOrEqual(busy.weight * bitsPerCycle.weight);
        expect(dramBits.ifmap).toBeLessThanOrEqual(busy.ifmap * bitsPerCycle.ifmap);
        expect(dramBits.psum + dramBits.ofmap).toBeLessThanOrEqual(busy.psum * bitsPerCycle.psum);
      }),
      sample(20),
    );
  });

  it('the same input and seed give the same result', () => {
    fc.assert(
      fc.property(anyCase, assumptionSets, ({ hardware, layer }, assumptions) => {
        fc.pre(isDefined({ hardware, layer }, assumptions));
        expect(run(hardware, layer, assumptions, dram)).toEqual(run(hardware, layer, assumptions, dram));
      }),
      sample(10),
    );
  });
});

describe('a memory that the layers share', () => {
  const hbm2: DramModel = { kind: 'banked', spec: dramPreset('HBM2'), layout: 'tiles', sharing: 'shared' };

  it('goes on from layer to layer: a refresh comes after so many cycles of all, not of one', () => {
    const [{ hardware, layer }] = fc.sample(simdCases('relu'), sample(1)) as [Case<Layer>];
    const quick = { ...hardware, clockPicoseconds: 1000, bitsPerCycle: { ...hardware.bitsPerCycle, vmem: 512 } };
    const machine = new Machine(quick, { dram: hbm2 });
    const assumptions = HARDWARE;
    let cycles = 0;
    let refreshes = 0;
    while (cycles < 3 * 3900) {
      const result = machine.run(layer, assumptions);
      expect(result.totalCycles).toBeLessThan(3900);
      cycles += result.totalCycles;
      refreshes += result.memory!.refreshes;
    }
    // 8 channels, each due at 3900, 7800 and 11 700; the last may fall behind the end.
    expect(refreshes).toBeGreaterThanOrEqual(8 * 2);
    expect(refreshes).toBeLessThanOrEqual(8 * 3);
  });

  it('moves whole bursts: at least the bits asked for', () => {
    fc.assert(
      fc.property(anyCase, assumptionSets, ({ hardware, layer }, assumptions) => {
        fc.pre(isDefined({ hardware, layer }, assumptions));
        const { dramBits, memory } = run(hardware, layer, assumptions, hbm2);
        const bits = Object.values(dramBits).reduce((sum, each) => sum + each, 0);
        expect(512 * memory!.bursts).toBeGreaterThanOrEqual(bits);
        // Every burst is a column command, but for writes that still wait and what the write queue answers.
        expect(memory!.rowHits + memory!.rowMisses).toBeLessThanOrEqual(memory!.bursts);
      }),
      sample(30),
    );
  });
});
