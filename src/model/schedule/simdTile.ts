/** Which elements of its tensors a step of a SIMD layer needs, from the step's number alone. */
import type { SimdLayer, SimdSizes, Window } from '../layers/layer.ts';
import { ceilDiv, roundUpTo } from '../layers/rounding.ts';
import { type Tensor, tensorShape, windowOf } from '../operations/simdRow.ts';
import { innerDims, simdOperation, simdParts } from '../operations/simdTable.ts';
import type { Region } from './region.ts';

/** A step: the part of its operation, and the tile. */
export interface SimdStep {
  readonly part: number;
  readonly from: SimdSizes;
  readonly extents: SimdSizes;
  /** The first tile of the inner loops, where accumulators start at zero. */
  readonly isFirstOfBlock: boolean;
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
 * The place of a step: for each tile of the outer loops the parts in order, a `tile` part for each tile of the inner
 * loops, of which w is the innermost; the inner loops' places are 0 in parts that run once.
 */
export function simdPlace(layer: SimdLayer, step: number): SimdPlace {
  const { op, sizes, tile } = layer;
  const row = simdOperation(op);
  const parts = simdParts(layer);
  const tripsOf = (dim: keyof SimdSizes): number => ceilDiv(sizes[dim], tile[dim]);
  const planeTiles = innerDims(row).reduce((tiles, dim) => tiles * tripsOf(dim), 1);
  const stepsOf = (part: number): number => (parts[part]!.per === 'tile' ? planeTiles : 1);
  const stepsPerBlock = parts.reduce((steps, _, part) => steps + stepsOf(part), 0);
  let rest = step % stepsPerBlock;
  let part = 0;
  for (; rest >= stepsOf(part); part++) rest -= stepsOf(part);
  const block = Math.floor(step / stepsPerBlock);
  const [hTrips, wTrips] = [tripsOf('h'), tripsOf('w')];
  const isByImage = row.outer.includes('n');
  return {
    part,
    c: isByImage ? Math.floor(block / tripsOf('n')) : block,
    n: isByImage ? block % tripsOf('n') : Math.floor(rest / (hTrips * wTrips)),
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
  const isFirstOfBlock = innerDims(simdOperation(layer.op)).every((dim) => from[dim] === 0);
  return { part, from, extents, isFirstOfBlock };
}

/** The part of a tensor that a step needs. */
export function simdRegion(
  tensor: Pick<Tensor, 'dims' | 'around'>,
  { from, extents }: SimdStep,
  window: Window,
): Region {
  const { dims } = tensor;
  const { stride } = windowOf(tensor, window);
  const along = (direction: 'h' | 'w'): number => {
    if (!dims.includes(direction)) return 0;
    return from[direction] * (dims.includes(direction === 'h' ? 'kh' : 'kw') ? stride[direction] : 1);
  };
  return {
    from: [dims.includes('c') ? from.c : 0, dims.includes('n') ? from.n : 0, along('h'), along('w')],
    sizes: tensorShape(tensor, extents, window),
  };
}
