/** Elements that the tiles of a dimension cover, all of them and those that are the network's own. */
import { inputExtent } from '../layers/layer.ts';
import type { DramBits } from '../layers/result.ts';
import { ceilDiv } from '../layers/rounding.ts';
import { type UsefulAxis, usefulInWindows } from '../layers/usefulAxis.ts';

/** Bits of DRAM traffic per tensor: all that move, and those that are elements of the network's own tensors. */
export interface Traffic {
  readonly issued: DramBits;
  readonly useful: DramBits;
}

/** A number for what moves and one for what of it is useful. */
export interface Count {
  readonly issued: number;
  readonly useful: number;
}

/** The counts of several axes as that of the region that they span. */
export const product = (counts: readonly Count[]): Count => ({
  issued: counts.reduce((all, { issued }) => all * issued, 1),
  useful: counts.reduce((all, { useful }) => all * useful, 1),
});

/** Tiles of one size along a loop, and one more behind them where the last is smaller. */
export interface Cut {
  readonly pitch: number;
  readonly runs: readonly { readonly first: number; readonly length: number; readonly count: number }[];
}

/** How a dimension is cut into tiles. */
export function cutOf(size: number, tile: number, edgesAreFull: boolean): Cut {
  const rest = edgesAreFull ? 0 : size % tile;
  const whole = edgesAreFull ? ceilDiv(size, tile) : Math.floor(size / tile);
  return {
    pitch: tile,
    runs: [
      ...(whole > 0 ? [{ first: 0, length: tile, count: whole }] : []),
      ...(rest > 0 ? [{ first: whole * tile, length: rest, count: 1 }] : []),
    ],
  };
}

/** A tile of one position. */
export const ONE_POSITION = cutOf(1, 1, true);

/** Elements of all tiles along a loop, of which the first `useful` positions are the tensor's own. */
export function elementsAlong(cut: Cut, useful: number): Count {
  const issued = cut.runs.reduce((all, { length, count }) => all + length * count, 0);
  // Tiles lie side by side: each position is in one of them.
  return { issued, useful: Math.min(useful, issued) };
}

/** Elements of all windows that tiles of outputs and of the kernel need of an input, halos each time. */
export function windowsAlong(
  outputs: Cut,
  kernel: Cut,
  axis: UsefulAxis,
  { stride, dilation }: { readonly stride: number; readonly dilation: number } = { stride: 1, dilation: 1 },
): Count {
  let [issued, useful] = [0, 0];
  for (const out of outputs.runs) {
    for (const taps of kernel.runs) {
      const length = inputExtent(out.length, stride, taps.length, dilation);
      issued += out.count * taps.count * length;
      for (let tile = 0; tile < taps.count; tile++) {
        const first = out.first * stride + (taps.first + tile * kernel.pitch) * dilation;
        useful += usefulInWindows(axis, first, outputs.pitch * stride, length, out.count);
      }
    }
  }
  return { issued, useful };
}
