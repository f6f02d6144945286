import { describe, expect, it } from 'vitest';
import { inBoth, type SimdLayer, type SimdSizes } from '../../src/model/layers/layer.ts';
import { Machine } from '../../src/model/machine/machine.ts';
import type { TileMove } from '../../src/model/machine/observer.ts';
import type { SimdOp } from '../../src/model/operations/simdTable.ts';
import { HARDWARE } from '../../src/model/schedule/assumptions.ts';
import { type Corruption, skipMove } from '../../src/studies/verify/corruptions.ts';
import { FunctionalSimd } from '../../src/studies/verify/functionalSimd.ts';
import { EPSILON } from '../../src/studies/verify/simdReference.ts';
import type { Tensor } from '../../src/studies/verify/tensor.ts';
import { TINY_HARDWARE } from '../support/tinyMachine.ts';

/** One channel of one image, a row as wide as there are values. */
const row = (...values: number[]): Tensor => ({ sizes: [1, 1, 1, values.length], data: Float64Array.from(values) });
const missing = (width: number): Tensor => row(...new Array<number>(width).fill(Number.NaN));

/** Runs an operation on one row, tile by tile of width `tile`; returns the tensors asked for and all moves. */
function runRow(
  op: SimdOp,
  { width, tile, window = 1, stride = 1 }: { width: number; tile: number; window?: number; stride?: number },
  tensors: Record<string, Tensor>,
  corruption: Corruption = {},
): { dram: (tensor: string) => number[]; moves: TileMove[] } {
  const ones: SimdSizes = { c: 1, n: 1, h: 1, w: 1 };
  const layer: SimdLayer = {
    unit: 'SIMD',
    name: 'tiny',
    op,
    sizes: { ...ones, w: width },
    tile: { ...ones, w: tile },
    window: { kh: 1, kw: window, stride: inBoth(stride), dilation: inBoth(1) },
    bits: { input: 1, output: 1, psum: 1, weight: 1, bias: 1 },
  };
  const dram = new Map(Object.entries(tensors));
  const observer = new FunctionalSimd(layer, TINY_HARDWARE, false, dram);
  const moves: TileMove[] = [];
  const { transferRequested } = observer;
  observer.transferRequested = (name, requested) => {
    moves.push(...requested);
    transferRequested.call(observer, name, requested);
  };
  const machine = new Machine(TINY_HARDWARE);
  machine.observe(corruption.corrupt?.(observer) ?? observer);
  machine.run(layer, HARDWARE);
  return { dram: (tensor) => [...dram.get(tensor)!.data], moves };
}

describe('a SIMD layer with real data', () => {
  it('adds the overlapping halos of a max pool gradient into DRAM', () => {
    // Windows of 2 with stride 1 over inputs 0 to 3: dY = 5, 7, 9 go to inputs 0 + 1, 1 + 0, 2 + 1.
    const tensors = { dY: row(5, 7, 9), index: row(1, 0, 1), dX: row(0, 0, 0, 0) };
    expect(runRow('max-pool-grad', { width: 3, tile: 1, window: 2 }, tensors).dram('dX')).toEqual([0, 12, 0, 9]);
  });

  it('leaves in place what no window covers', () => {
    // Windows of 1 with stride 3: inputs 0 and 3.
    const tensors = { dY: row(5, 7), dX: row(0, 0, 0, 0) };
    expect(runRow('avg-pool-grad', { width: 2, tile: 1, stride: 3 }, tensors).dram('dX')).toEqual([5, 0, 0, 7]);
  });

  it('gathers batch-norm statistics over all tiles of a channel', () => {
    const tensors = { X: row(1, 3, 5, 7), mean: row(Number.NaN), invStd: row(Number.NaN) };
    const { dram } = runRow('bn-statistics', { width: 4, tile: 3 }, tensors);
    expect(dram('mean')).toEqual([4]); // 16 / 4
    expect(dram('invStd')[0]).toBeCloseTo(1 / Math.sqrt(5 + EPSILON), 12); // (9 + 1 + 1 + 9) / 4
  });

  it('writes X̂ of a batch-norm gradient, reads it again and keeps dγ and dβ on chip', () => {
    const tensors = {
      ...{ X: row(1, 3, 5, 7), dY: row(1, 0, 0, 3), mean: row(4), invStd: row(0.5), gamma: row(2) },
      ...{ Xhat: missing(4), dX: missing(4), dgamma: missing(1), dbeta: missing(1) },
    };
    const { dram, moves } = runRow('bn-grad', { width: 4, tile: 2 }, tensors);
    expect(dram('Xhat')).toEqual([-1.5, -0.5, 0.5, 1.5]); // (X − 4) / 2
    expect(dram('dgamma')).toEqual([3]); // −1.5·1 + 1.5·3
    expect(dram('dbeta')).toEqual([4]);
    // γ·ψ/m = 2·0.5/4 = 0.25 times 4·dY − 4 − 3·X̂.
    expect(dram('dX')).toEqual([0.25 * 4.5, 0.25 * -2.5, 0.25 * -5.5, 0.25 * 3.5]);
    expect(moves.filter(({ tensor }) => tensor === 'Xhat').map(({ direction }) => direction)).toEqual([
      ...['store', 'store'],
      ...['load', 'load'],
    ]);
  });

  it('is wrong whichever move it lacks', () => {
    const tensors = () => ({
      ...{ X: row(1, 3, 5, 7), dY: row(1, 2, 4, 3), mean: row(4), invStd: row(0.5), gamma: row(2) },
      ...{ Xhat: missing(4), dX: missing(4), dgamma: missing(1), dbeta: missing(1) },
    });
    const shape = { width: 4, tile: 2 };
    const results = ({ dram }: ReturnType<typeof runRow>): number[][] => ['dX', 'dgamma', 'dbeta'].map(dram);
    const right = runRow('bn-grad', shape, tensors());
    // mean, 1/std; twice X, dY, X̂; γ; twice X̂, dY, dX; dγ, dβ.
    expect(right.moves).toHaveLength(2 + 6 + 1 + 6 + 2);
    for (let place = 0; place < right.moves.length; place++) {
      const wrong = runRow(
        'bn-grad',
        shape,
        tensors(),
        skipMove(() => true, place),
      );
      expect(results(wrong), `move ${place}`).not.toEqual(results(right));
    }
  });
});
