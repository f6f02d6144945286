import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { closedForm } from '../../src/model/analytical/closedForm.ts';
import { cornerStallCycles } from '../../src/model/analytical/corner.ts';
import type { Layer, SaLayer, SimdLayer } from '../../src/model/layers/layer.ts';
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

describe('a random layer in the default order under the paper’s assumptions', () => {
  it('equals the ceiling closed form in every column where a weight tile stays for more than one tile', () => {
    fc.assert(
      fc.property(
        saCases().filter(({ layer }) => weightTiles(layer) > 1),
        ({ hardware, layer }) => {
          expect(simulatedColumns(layer, hardware)).toEqual(ceilingColumns(layer, hardware));
        },
      ),
      sample(1000),
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
      sample(1000),
    );
  });

  it.each(Object.keys(SIMD_OPERATIONS) as SimdOp[])('equals the ceiling closed form in every column: %s', (op) => {
    const isComparable = ({ sizes, tile }: SimdLayer): boolean =>
      op !== 'reduce-sum' || (sizes.n === tile.n && sizes.h === tile.h && sizes.w === tile.w);
    fc.assert(
      fc.property(
        simdCases(op).filter(({ layer }) => isComparable(layer)),
        ({ hardware, layer }) => {
          expect(simulatedColumns(layer, hardware)).toEqual(ceilingColumns(layer, hardware));
        },
      ),
      sample(60),
    );
  });
});
