/** Which tile a step of a fused group's SIMD side is about, from the step's number alone. */
import { CONV_DIMS, type ConvDim, type ConvSizes, type SaLayer } from '../layers/layer.ts';
import { ceilDiv } from '../layers/rounding.ts';
import { type ConvTile, perDim } from './saTile.ts';

/** A step: a tile that is handed over (part 0), or the statistics behind the last one of an oc tile (part 1). */
export interface FusedTile {
  readonly tile: ConvTile;
  readonly part: 0 | 1;
}

/** The dimensions that no sum runs over. */
const POSITIONS: readonly ConvDim[] = ['oc', 'n', 'oh', 'ow'];

/**
 * The tile of a step, cut where `covered` ends: sums are complete in the order of the SA layer's loops, those that
 * accumulate in their last iteration. With channel steps oc is the outermost loop, and one more step ends each of its
 * tiles.
 */
export function fusedTile(
  { tile, loopOrder }: SaLayer,
  covered: ConvSizes,
  hasChannelSteps: boolean,
  step: number,
): FusedTile {
  const trips = (dim: ConvDim): number => ceilDiv(covered[dim], tile[dim]);
  const tilesPerChannel = trips('n') * trips('oh') * trips('ow');
  const behind = hasChannelSteps ? step % (tilesPerChannel + 1) : 0;
  const part = hasChannelSteps && behind === tilesPerChannel ? 1 : 0;
  const channelSteps = hasChannelSteps ? Math.floor(step / (tilesPerChannel + 1)) : 0;
  let rest = step - channelSteps - part;
  const index = new Map<ConvDim, number>();
  for (const dim of loopOrder.filter((each) => POSITIONS.includes(each)).reverse()) {
    index.set(dim, rest % trips(dim));
    rest = Math.floor(rest / trips(dim));
  }
  for (const dim of CONV_DIMS) if (!index.has(dim)) index.set(dim, trips(dim) - 1);
  const from = perDim((dim) => index.get(dim)! * tile[dim]);
  const extents = perDim((dim) => Math.min(tile[dim], covered[dim] - from[dim]));
  return { tile: { group: rest, from, extents }, part };
}
