/** Picks tiles by their coordinates, the place along every loop, from 0. */
import {
  type Layer,
  LOOP_DIMS,
  type LoopDim,
  REDUCTION_DIMS,
  type SaLayer,
  type SimdLayer,
} from '../../model/layers/layer.ts';
import { ceilDiv } from '../../model/layers/rounding.ts';
import { simdOperation, simdParts } from '../../model/operations/simdTable.ts';
import { simdPlace } from '../../model/schedule/simdTile.ts';
import { type FusedSide, isFusedSide, placeOf } from './fusedSide.ts';
import { loopSpans } from './loopSpans.ts';
import type { Range } from './range.ts';
import type { Slice } from './slice.ts';

const SIMD_DIMS = ['c', 'part', 'n', 'h', 'w'] as const;

/** Every coordinate that a tile can have. */
export const TILE_DIMS: readonly string[] = [...new Set<string>([...LOOP_DIMS, ...SIMD_DIMS])];

/** A range per dimension; a dimension that is not named is not restricted. */
export type TileRanges = ReadonlyMap<string, Range>;

/** Whether the tiles of a layer have all these coordinates. */
export function hasTileDims(layer: Layer, ranges: TileRanges): boolean {
  const dims: readonly string[] = layer.unit === 'SA' ? LOOP_DIMS : SIMD_DIMS;
  return [...ranges.keys()].every((dim) => dims.includes(dim));
}

/** Whether a slice's tile is used at some of the coordinates. Its layer has them. */
export function coversTiles(
  slice: Pick<Slice, 'traced' | 'step' | 'lastStep' | 'tensor'>,
  ranges: TileRanges,
): boolean {
  const covered = coveredBy(slice);
  return [...ranges].every(([dim, { first, last }]) => {
    const at = covered.get(dim);
    return at === undefined || (at.first <= last && at.last >= first);
  });
}

/** A loop, outermost first: its coordinate in the first and the last step of a use, and how often it runs. */
interface LoopUse {
  readonly dim: string;
  readonly first: number;
  readonly last: number;
  readonly trips: number;
}

/** The coordinates between the two ends of a use; inside a loop that advances between them all others run through. */
function coveredBy({ traced, step, lastStep, tensor }: Parameters<typeof coversTiles>[0]): Map<string, Range> {
  const { layer } = traced;
  const loops = layer.unit === 'SA' ? saLoops(layer, step, lastStep) : simdLoops(layer, step, lastStep);
  const covered = new Map<string, Range>();
  let runsThrough = false;
  for (const { dim, first, last, trips } of loops) {
    covered.set(dim, runsThrough ? { first: 0, last: trips - 1 } : { first, last });
    runsThrough ||= first !== last;
  }
  // Of the steps that a bias tile spans, those that begin a psum use it.
  if (tensor === 'bias') for (const dim of REDUCTION_DIMS) covered.set(dim, { first: 0, last: 0 });
  return covered;
}

function saLoops(layer: SaLayer, step: number, lastStep: number): LoopUse[] {
  const spans = loopSpans(layer);
  const loops: readonly LoopDim[] = ['g', ...layer.loopOrder];
  return loops.map((dim) => {
    const { span, trips } = spans[dim];
    const at = (each: number): number => Math.floor(each / span) % trips;
    return { dim, first: at(step), last: at(lastStep), trips };
  });
}

/** What belongs to a part that runs per channel has no place in the plane. */
function simdLoops(layer: SimdLayer, step: number, lastStep: number): LoopUse[] {
  if (isFusedSide(layer)) return fusedLoops(layer, step);
  const { op, sizes, tile } = layer;
  const parts = simdParts(layer);
  const isByImage = simdOperation(op).outer.includes('n');
  const outer = isByImage ? (['c', 'n', 'part'] as const) : (['c', 'part'] as const);
  const inner = isByImage ? (['h', 'w'] as const) : (['n', 'h', 'w'] as const);
  const [from, to] = [simdPlace(layer, step), simdPlace(layer, lastStep)];
  const dims = parts[from.part]!.per === 'tile' ? [...outer, ...inner] : outer;
  return dims.map((dim) => {
    const trips = dim === 'part' ? parts.length : ceilDiv(sizes[dim], tile[dim]);
    return { dim, first: from[dim], last: to[dim], trips };
  });
}

/** A tile that is handed over is used by one step. */
function fusedLoops(side: FusedSide, step: number): LoopUse[] {
  const place = placeOf(side, step);
  const dims = place.part === 0 ? SIMD_DIMS : (['c', 'part'] as const);
  return dims.map((dim) => ({ dim, first: place[dim], last: place[dim], trips: 1 }));
}
