/** Which elements of its tensors a step of a SIMD layer needs, from the step's number alone. */
import { type SimdLayer, type SimdSizes, type Window, windowInput } from '../layers/layer.ts';
import { ceilDiv, roundUpTo } from '../layers/rounding.ts';
import { type Extent, simdOperation } from '../operations/simdTable.ts';
import type { Four, Region } from './region.ts';

/** A step: the part of its operation, and the tile. */
export interface SimdStep {
  readonly part: number;
  readonly from: SimdSizes;
  readonly extents: SimdSizes;
  /** The first (n, h, w) tile of its c-tile, where accumulators start at zero. */
  readonly isFirstOfChannels: boolean;
}

/** Shape of a tensor, c × n × h × w: haloed for a window, c × 1 × 1 × 1 for a vector. */
export function simdShape(extent: Extent, { c, n, h, w }: SimdSizes, window: Window): Four {
  switch (extent) {
    case 'tile':
      return [c, n, h, w];
    case 'window': {
      const input = windowInput({ h, w }, window);
      return [c, n, input.h, input.w];
    }
    case 'vector':
      return [c, 1, 1, 1];
  }
}

/** A layer's sizes as its tiles cover them: with full edge tiles, whole tiles. */
export function coveredSimdSizes({ sizes, tile }: SimdLayer, edgesAreFull: boolean): SimdSizes {
  if (!edgesAreFull) return sizes;
  return {
    c: roundUpTo(sizes.c, tile.c),
    n: roundUpTo(sizes.n, tile.n),
    h: roundUpTo(sizes.h, tile.h),
    w: roundUpTo(sizes.w, tile.w),
  };
}

/** Where a step is: its part of the operation and, counted in tiles, its place along each loop. */
export interface SimdPlace extends SimdSizes {
  readonly part: number;
}

/**
 * The place of a step: for each c-tile the parts in order, a `tile` part for each tile of n, h and, innermost, w;
 * n, h and w are 0 in parts that run once per c-tile.
 */
export function simdPlace({ op, sizes, tile }: SimdLayer, step: number): SimdPlace {
  const { parts } = simdOperation(op);
  const [hTrips, wTrips] = [ceilDiv(sizes.h, tile.h), ceilDiv(sizes.w, tile.w)];
  const planeTiles = ceilDiv(sizes.n, tile.n) * hTrips * wTrips;
  const stepsOf = (part: number): number => (parts[part]!.per === 'tile' ? planeTiles : 1);
  const stepsPerChannels = parts.reduce((steps, _, part) => steps + stepsOf(part), 0);
  let rest = step % stepsPerChannels;
  let part = 0;
  for (; rest >= stepsOf(part); part++) rest -= stepsOf(part);
  return {
    part,
    c: Math.floor(step / stepsPerChannels),
    n: Math.floor(rest / (hTrips * wTrips)),
    h: Math.floor(rest / wTrips) % hTrips,
    w: rest % wTrips,
  };
}

/** What a step does, its tile cut where `covered` ends. */
export function simdStep(layer: SimdLayer, covered: SimdSizes, step: number): SimdStep {
  const { tile } = layer;
  const { part, c, n, h, w } = simdPlace(layer, step);
  const from = { c: c * tile.c, n: n * tile.n, h: h * tile.h, w: w * tile.w };
  const cut = (dim: keyof SimdSizes): number => Math.min(tile[dim], covered[dim] - from[dim]);
  const extents = { c: cut('c'), n: cut('n'), h: cut('h'), w: cut('w') };
  return { part, from, extents, isFirstOfChannels: n + h + w === 0 };
}

/** The part of a tensor that a step needs. */
export function simdRegion(extent: Extent, { from, extents }: SimdStep, window: Window): Region {
  const sizes = simdShape(extent, extents, window);
  switch (extent) {
    case 'tile':
      return { from: [from.c, from.n, from.h, from.w], sizes };
    case 'window':
      return { from: [from.c, from.n, from.h * window.stride.h, from.w * window.stride.w], sizes };
    case 'vector':
      return { from: [from.c, 0, 0, 0], sizes };
  }
}
