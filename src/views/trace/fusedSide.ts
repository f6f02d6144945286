/**
 * A fused group in a trace: two layers of the group's name, one per array. Steps of the SIMD side are the tiles that the
 * SA layer completes, and those of statistics behind an oc tile.
 */
import { type FusedGroup, nameOfGroup } from '../../model/fusion/groups.ts';
import { type LoopDim, REDUCTION_DIMS, type SaLayer, type SimdLayer } from '../../model/layers/layer.ts';
import { roundUpTo } from '../../model/layers/rounding.ts';
import { simdParts } from '../../model/operations/simdTable.ts';
import { type SimdPlace, simdPlace } from '../../model/schedule/simdTile.ts';
import { loopSpans } from './loopSpans.ts';

/** The SIMD side of a group. */
export interface FusedSide extends SimdLayer {
  /** The loops that tell complete tiles apart, outermost first, and how often each runs. */
  readonly tileLoops: readonly { readonly dim: LoopDim; readonly trips: number }[];
  /** Statistics end the group: a step follows the last tile of each oc tile. */
  readonly hasChannelSteps: boolean;
  /** Tiles that a step loads, or stores, at most. */
  readonly mostTransfers: number;
}

/** Whether a layer of a trace is the SIMD side of a group. */
export function isFusedSide(layer: SaLayer | SimdLayer): layer is FusedSide {
  return 'tileLoops' in layer;
}

/** The two layers of a group, for an array of so many columns. */
export function layersOfGroup(group: FusedGroup, columns: number): readonly [SaLayer, FusedSide] {
  const { sa, members } = group;
  const name = nameOfGroup(group);
  const { tile } = sa;
  const spans = loopSpans(sa);
  const tripsOf = (dim: LoopDim): number => spans[dim].trips;
  const tiles = { c: roundUpTo(tile.oc, columns), n: tile.n, h: tile.oh, w: tile.ow };
  const last = members.at(-1)!.layer;
  const parts = members.map((member) => ({ member, parts: simdParts(member.layer) }));
  const loads = parts.flatMap(({ member: { handedOver, inside }, parts: [part] }) =>
    part!.loads.filter(({ tensor }) => !handedOver.has(tensor) && !inside.has(tensor)),
  );
  const stores = simdParts(last).map((part) => part.stores.length);
  const side: FusedSide = {
    ...last,
    name,
    tile: tiles,
    sizes: {
      c: tripsOf('g') * tripsOf('oc') * tiles.c,
      n: tripsOf('n') * tiles.n,
      h: tripsOf('oh') * tiles.h,
      w: tripsOf('ow') * tiles.w,
    },
    tileLoops: (['g', ...sa.loopOrder] as const)
      .filter((dim) => !(REDUCTION_DIMS as readonly string[]).includes(dim))
      .map((dim) => ({ dim, trips: tripsOf(dim) })),
    hasChannelSteps: parts.some((each) => each.parts.length > 1),
    mostTransfers: Math.max(loads.length, ...stores),
  };
  return [{ ...sa, name }, side];
}

/** Where a step of a layer on the SIMD array is, counted in tiles; in a group part 1 is the step behind an oc tile. */
export function placeOf(layer: SimdLayer, step: number): SimdPlace {
  return isFusedSide(layer) ? placeInGroup(layer, step) : simdPlace(layer, step);
}

function placeInGroup(side: FusedSide, step: number): SimdPlace {
  const { part, tile } = tileOfStep(side, step);
  const at = coordinatesOf(side, tile);
  return { part, c: at.g * tripsOf(side, 'oc') + at.oc, n: at.n, h: at.oh, w: at.ow };
}

/** The number of the tile that a step takes, or that the step behind an oc tile follows. */
function tileOfStep(side: FusedSide, step: number): { part: number; tile: number } {
  if (!side.hasChannelSteps) return { part: 0, tile: step };
  const tiles = tripsOf(side, 'n') * tripsOf(side, 'oh') * tripsOf(side, 'ow');
  const [block, rest] = [Math.floor(step / (tiles + 1)), step % (tiles + 1)];
  return rest === tiles ? { part: 1, tile: (block + 1) * tiles - 1 } : { part: 0, tile: block * tiles + rest };
}

type Coordinates = Record<'g' | 'oc' | 'n' | 'oh' | 'ow', number>;

function coordinatesOf({ tileLoops }: FusedSide, tile: number): Coordinates {
  const at = { g: 0, oc: 0, n: 0, oh: 0, ow: 0 };
  let rest = tile;
  for (const { dim, trips } of [...tileLoops].reverse()) {
    at[dim as keyof Coordinates] = rest % trips;
    rest = Math.floor(rest / trips);
  }
  return at;
}

function tripsOf({ tileLoops }: FusedSide, dim: LoopDim): number {
  return tileLoops.find((loop) => loop.dim === dim)!.trips;
}

/** The step of the SA layer that completes the tile that a step takes; undefined where it takes none. */
export function makingStep(side: FusedSide, sa: SaLayer, step: number): number | undefined {
  const { part, tile } = tileOfStep(side, step);
  if (part > 0) return undefined;
  const spans = loopSpans(sa);
  const at = coordinatesOf(side, tile);
  const ofTile = Object.entries(at).reduce((sum, [dim, place]) => sum + place * spans[dim as LoopDim].span, 0);
  return REDUCTION_DIMS.reduce((sum, dim) => sum + (spans[dim].trips - 1) * spans[dim].span, ofTile);
}

/** The step of the SIMD side that takes what a step of the SA layer has completed; undefined if it completes nothing. */
export function takingStep(side: FusedSide, sa: SaLayer, saStep: number): number | undefined {
  const spans = loopSpans(sa);
  const at = (dim: LoopDim): number => Math.floor(saStep / spans[dim].span) % spans[dim].trips;
  if (REDUCTION_DIMS.some((dim) => at(dim) < spans[dim].trips - 1)) return undefined;
  const tile = side.tileLoops.reduce((number, { dim, trips }) => number * trips + at(dim), 0);
  if (!side.hasChannelSteps) return tile;
  const tiles = tripsOf(side, 'n') * tripsOf(side, 'oh') * tripsOf(side, 'ow');
  return tile + Math.floor(tile / tiles);
}
