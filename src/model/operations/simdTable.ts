/**
 * Every operation of the SIMD array as one row: its tensors, its instructions and what must fit into VMem
 * (MODEL.md §2 and §4, OPERATIONS.md). The tiling generator, the closed form, the schedule and the proofs with real
 * data all read these rows; adding an operation means adding a row to one of the files that are put together here.
 */
import type { SimdSizes } from '../layers/sizes.ts';
import { ARITHMETIC_ROWS } from './arithmeticRows.ts';
import { FUNCTION_ROWS } from './functionRows.ts';
import { NORM_ROWS } from './normRows.ts';
import { ROWWISE_ROWS } from './rowwiseRows.ts';
import { type Part, type SimdOperation, tableOf } from './simdRow.ts';
import { WINDOW_ROWS } from './windowRows.ts';

/** The table. */
export const SIMD_OPERATIONS = tableOf({
  ...FUNCTION_ROWS,
  ...ARITHMETIC_ROWS,
  ...WINDOW_ROWS,
  ...NORM_ROWS,
  ...ROWWISE_ROWS,
});

export type SimdOp = keyof typeof SIMD_OPERATIONS;

/** All operations, in the table's order. */
export const SIMD_OPS = Object.keys(SIMD_OPERATIONS) as SimdOp[];

const rows: ReadonlyMap<SimdOp, SimdOperation> = new Map(SIMD_OPS.map((name) => [name, SIMD_OPERATIONS[name]]));

/** The row of an operation. */
export function simdOperation(name: SimdOp): SimdOperation {
  return rows.get(name)!;
}

/** Operations whose window is their whole image: what runs in their stead, image tile by image tile, where that does not fit. */
export const TILE_BY_TILE: Readonly<Partial<Record<SimdOp, SimdOp>>> = {
  'global-avg-pool': 'plane-mean',
  'global-avg-pool-grad': 'plane-mean-grad',
};

/** What decides how a layer goes through its operation's parts. */
interface TiledOperation {
  readonly op: SimdOp;
  readonly sizes: SimdSizes;
  readonly tile: SimdSizes;
}

const PLANE_OF_IMAGE = ['h', 'w'] as const;
const PLANE_OF_BATCH = ['n', 'h', 'w'] as const;

/** The loops inside each part of an operation, outermost first. */
export function innerDims({ outer }: SimdOperation): readonly ('n' | 'h' | 'w')[] {
  return outer.includes('n') ? PLANE_OF_IMAGE : PLANE_OF_BATCH;
}

/** The parts of a layer: where all inner loops are in one tile, those of one pass over the data. */
export function simdParts(layer: TiledOperation): readonly Part[] {
  return partsOf(simdOperation(layer.op), layer);
}

/** The same where the layer's row is at hand. */
export function partsOf(row: SimdOperation, { sizes, tile }: Omit<TiledOperation, 'op'>): readonly Part[] {
  if (row.partsInOnePass === undefined) return row.parts;
  return innerDims(row).every((dim) => tile[dim] === sizes[dim]) ? row.partsInOnePass : row.parts;
}
