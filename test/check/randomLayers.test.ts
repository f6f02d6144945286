import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { closedForm } from '../../src/model/analytical/closedForm.ts';
import { segmentForm } from '../../src/model/analytical/conv.ts';
import { cornerCycles, cornerStallCycles } from '../../src/model/analytical/corner.ts';
import type { Layer, SaLayer } from '../../src/model/layers/layer.ts';
import { columnsOf } from '../../src/model/layers/result.ts';
import { Machine } from '../../src/model/machine/machine.ts';
import { SIMD_OPERATIONS, type SimdOp } from '../../src/model/operations/simdTable.ts';
import { PAPER } from '../../src/model/schedule/assumptions.ts';
import type { Hardware } from '../../src/model/schemas/hardware.ts';
import { saCases, sample, simdCases } from '../support/arbitraries.ts';

/** Every column that the closed form has, of a run under the paper's assumptions. */
function simulatedColumns(layer: Layer, hardware: Hardware): Record<string, number> {
  const { computeCycles, stallCycles, totalCycles, dramBits, sramBits, ops, opCounts } = new Machine(hardware).run(
    layer,
    PAPER,
  );
  return Object.fromEntries(columnsOf({ computeCycles, stallCycles, totalCycles, dramBits, sramBits, ops, opCounts }));
}

function ceilingColumns(layer: Layer, hardware: Hardware): Record<string, number> {
  return Object.fromEntries(columnsOf(closedForm(layer, hardware, 'ceiling')));
}

/** W = ⌈m_oh⌉⌈m_ow⌉⌈m_n⌉: the tiles that a weight tile stays for. */
function weightTiles({ sizes, tile }: SaLayer): number {
  return Math.ceil(sizes.oh / tile.oh) * Math.ceil(sizes.ow / tile.ow) * Math.ceil(sizes.n / tile.n);
}

describe('a random layer in any loop order under the paper’s assumptions', () => {
  it('equals the ceiling closed form in every column but, in a published order, the stall, which is the corner’s', () => {
    fc.assert(
      fc.property(saCases({ randomOrder: true, mostSlots: 16 }), ({ hardware, layer }) => {
        const expected = ceilingColumns(layer, hardware);
        const stallCycles = cornerStallCycles(layer, hardware);
        if (segmentForm(layer) === 'loop nest') expect(stallCycles).toBe(expected['stallCycles']);
        const totalCycles = expected['computeCycles']! + stallCycles;
        expect(simulatedColumns(layer, hardware)).toEqual({ ...expected, stallCycles, totalCycles });
      }),
      sample(500),
    );
  });
});

describe('a random layer in the default order under the paper’s assumptions', () => {
  it('equals the ceiling closed form in every column where a weight tile stays for more than one tile', () => {
    fc.assert(
      fc.property(
        saCases().filter(({ layer }) => weightTiles(layer) > 1),
        ({ hardware, layer }) => {
          expect(simulatedColumns(layer, hardware)).toEqual(ceilingColumns(layer, hardware));
        },
      ),
      sample(500),
    );
  });

  it('differs where W = 1 in its stall alone, which is the corner’s', () => {
    fc.assert(
      fc.property(
        saCases().filter(({ layer }) => weightTiles(layer) === 1),
        ({ hardware, layer }) => {
          const expected = ceilingColumns(layer, hardware);
          const stallCycles = cornerStallCycles(layer, hardware);
          const totalCycles = expected['computeCycles']! + stallCycles;
          expect(simulatedColumns(layer, hardware)).toEqual({ ...expected, stallCycles, totalCycles });
        },
      ),
      sample(500),
    );
  });

  it.each(Object.keys(SIMD_OPERATIONS) as SimdOp[])('equals the ceiling closed form in every column: %s', (op) => {
    // A reduction waits for every tile of its input and fills the pipeline for each: cycles that only `corner` has.
    const cycles = ['computeCycles', 'stallCycles', 'totalCycles'];
    const without = (columns: Record<string, number>): Record<string, number> =>
      op === 'reduce-sum'
        ? Object.fromEntries(Object.entries(columns).filter(([name]) => !cycles.includes(name)))
        : columns;
    fc.assert(
      fc.property(simdCases(op), ({ hardware, layer }) => {
        const simulated = simulatedColumns(layer, hardware);
        expect(without(simulated)).toEqual(without(ceilingColumns(layer, hardware)));
        expect(cornerCycles(layer, hardware)).toBe(simulated['totalCycles']);
      }),
      sample(30),
    );
  });
});
