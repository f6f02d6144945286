/** The closed form of a gemm with one row and one ic tile, whose psum never leaves the chip: by hand. */
import { expect, it } from 'vitest';
import { closedForm } from '../../src/model/analytical/closedForm.ts';
import { OUTPUT_STATIONARY, type SaLayer } from '../../src/model/layers/layer.ts';
import { TINY_HARDWARE, tinyConv } from '../support/tinyMachine.ts';

// A tile computes C = 1 cycle; w = 3, b = 1, f = 2, p = 4 cycles at a bit per cycle.
const bits = { weight: 3, ifmap: 2, psum: 4, bias: 1 };
const gemm = (oc: number): SaLayer => ({ ...tinyConv({ oc }, {}), op: 'gemm', loopOrder: OUTPUT_STATIONARY, bits });

it.each([
  // The first tile max(f, w + b), the last p.
  [1, 4 + 4],
  // Between them the second waits max(0, w + b − C), and the last but one for the store before it, p − C.
  [2, 4 + 3 + 3 + 4],
  // And each further tile max(0, w + b − C, p − C).
  [3, 4 + 3 + 3 + 3 + 4],
  [7, 4 + 3 + 5 * 3 + 3 + 4],
])('with %i oc tiles it stalls %i cycles', (oc, stallCycles) => {
  const result = closedForm(gemm(oc), { ...TINY_HARDWARE, bits }, 'published');
  expect([result.computeCycles, result.stallCycles]).toEqual([oc, stallCycles]);
  expect(result.dramBits).toEqual({ weight: 3 * oc, ifmap: 2 * oc, psum: 0, ofmap: 4 * oc, bias: oc });
});

it('with one and a half oc tiles it has the two ends only', () => {
  // Three output channels in tiles of two: C = 2, w = 6, b = 2, p = 8; compute is ⌈2 · 1.5⌉.
  const layer = { ...gemm(3), tile: { ...gemm(3).tile, oc: 2 } };
  const result = closedForm(layer, { ...TINY_HARDWARE, bits }, 'published');
  expect([result.computeCycles, result.stallCycles]).toEqual([3, 8 + 8]);
});
