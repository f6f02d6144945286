/**
 * How a loop order reuses tiles: a tensor is loaded whenever a loop at or outside its innermost relevant loop advances,
 * even if the tile is the same (SEMANTICS.md, Traffic; eqs 3, 6, 9 for any loop order).
 */
import { type ConvDim, type LoopDim, REDUCTION_DIMS, RELEVANT_DIMS } from '../layers/layer.ts';
import type { ConvMultipliers } from './multipliers.ts';

/** What comes and goes while a tile computes, as bits that add up. */
export const MOVES = { ifmap: 1, weight: 2, bias: 4, psumLoad: 8, psumStore: 16 } as const;

/** A loop of the order. */
export interface ReusedLoop {
  readonly dim: LoopDim;
  readonly isReduction: boolean;
  /** Its advance begins another use of these: `MOVES` added up. A bias comes with sums that start, and if oc changes. */
  readonly loads: number;
  /** Its advance ends a visit to a psum tile, which is stored then, and begins another. */
  readonly endsVisit: boolean;
}

/** The loops of an order, outermost first: groups, on which all tensors depend, and the seven. */
export type LoopReuse = readonly ReusedLoop[];

const known = new WeakMap<readonly ConvDim[], LoopReuse>();

/** The reuse that a loop order makes possible; worked out once for each order. */
export function loopReuse(order: readonly ConvDim[]): LoopReuse {
  let reuse = known.get(order);
  if (reuse === undefined) {
    reuse = workOut(order);
    known.set(order, reuse);
  }
  return reuse;
}

function workOut(order: readonly ConvDim[]): LoopReuse {
  const innermost = (relevant: readonly ConvDim[]): number => Math.max(...relevant.map((dim) => order.indexOf(dim)));
  const [weight, ifmap] = [innermost(RELEVANT_DIMS.weight), innermost(RELEVANT_DIMS.ifmap)];
  const [psum, bias] = [innermost(RELEVANT_DIMS.psum), innermost(RELEVANT_DIMS.bias)];
  const seven = order.map((dim, place) => ({
    dim,
    isReduction: REDUCTION_DIMS.includes(dim),
    loads: (place <= weight ? MOVES.weight : 0) + (place <= ifmap ? MOVES.ifmap : 0) + (place <= bias ? MOVES.bias : 0),
    endsVisit: place <= psum,
  }));
  return [{ dim: 'g', isReduction: false, loads: MOVES.weight + MOVES.ifmap + MOVES.bias, endsVisit: true }, ...seven];
}

/** How often the tiles of each tensor travel: multipliers of eqs (3), (6), (10) and (11). */
export interface TileLoads {
  readonly weight: number;
  readonly ifmap: number;
  readonly bias: number;
  /** Visits to each psum tile. */
  readonly visits: number;
}

/**
 * The tile loads of a loop order. Multipliers stay as they are but for those that the published runs round up:
 * ⌈m_oc⌉ for the ifmap, ⌈m_ic⌉, ⌈m_kh⌉, ⌈m_kw⌉ for visits (MODEL.md §3).
 */
export function tileLoads(reuse: LoopReuse, m: ConvMultipliers): TileLoads {
  let [weight, ifmap, bias, visits] = [1, 1, 1, 1];
  for (const { dim, isReduction, loads, endsVisit } of reuse) {
    const trips = m[dim];
    if (trips === 1) continue;
    if ((loads & MOVES.weight) !== 0) weight *= trips;
    if ((loads & MOVES.ifmap) !== 0) ifmap *= dim === 'oc' ? Math.ceil(trips) : trips;
    // A loop between the group and a single oc tile does not bring its bias again.
    if ((loads & MOVES.bias) !== 0 && !isReduction && (dim === 'g' || m.oc > 1)) bias *= trips;
    if (endsVisit && isReduction) visits *= Math.ceil(trips);
  }
  return { weight, ifmap, bias, visits };
}
