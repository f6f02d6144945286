/**
 * A tiled layer: what both the closed form and the schedule start from. Sizes are already padded
 * (IC to a multiple of J, OC and C to a multiple of K; MODEL section 2), so nothing downstream pads again.
 */
import type { SimdOp } from '../operations/simdTable.ts';
import type { UsefulAxis } from './usefulAxis.ts';

/** The seven convolution loops, in the paper's notation. */
export const CONV_DIMS = ['oc', 'ic', 'kh', 'kw', 'n', 'oh', 'ow'] as const;
export type ConvDim = (typeof CONV_DIMS)[number];

/** A number per convolution loop: sizes of a tensor space, or of a tile of it. */
export type ConvSizes = Readonly<Record<ConvDim, number>>;

/** The paper's loop order, outermost first: weight stationary. */
export const WEIGHT_STATIONARY: readonly ConvDim[] = ['oc', 'ic', 'kh', 'kw', 'n', 'oh', 'ow'];

/** A gemm with one row keeps its output: the reduction runs innermost and no psum leaves the chip (MODEL section 3). */
export const OUTPUT_STATIONARY: readonly ConvDim[] = ['n', 'oh', 'ow', 'oc', 'ic', 'kh', 'kw'];

/** The loops that accumulate into the same psum. */
export const REDUCTION_DIMS: readonly ConvDim[] = ['ic', 'kh', 'kw'];

/** The loops over what is computed anew with the same weights: W iterations of a weight tile. */
export const POSITION_DIMS: readonly ConvDim[] = ['n', 'oh', 'ow'];

/** Which loops each tensor of a convolution depends on. */
export const RELEVANT_DIMS = {
  weight: ['oc', 'ic', 'kh', 'kw'],
  ifmap: ['ic', 'kh', 'kw', 'n', 'oh', 'ow'],
  psum: ['oc', 'n', 'oh', 'ow'],
  bias: ['oc'],
} as const satisfies Record<string, readonly ConvDim[]>;

/** Rows and columns of a tensor. */
export interface UsefulPlane {
  readonly rows: UsefulAxis;
  readonly columns: UsefulAxis;
}

/**
 * What of a conv or gemm is the network's own work, and not only fills the array, pads an image or stands between
 * dilated elements (OPERATIONS, Useful and issued work).
 */
export interface SaUseful {
  /** Multiply-accumulates, border taps included, inserted zeros excluded. */
  readonly macs: number;
  /** Channels, images, rows and columns before padding; each begins with the first position of its loop. */
  readonly sizes: Pick<ConvSizes, 'oc' | 'ic' | 'n' | 'oh' | 'ow'>;
  readonly ifmap: UsefulPlane;
  readonly kernel: UsefulPlane;
  /** False where a bias is charged that the layer does not have. */
  readonly hasBias: boolean;
}

/** A conv or gemm on the systolic array. A gemm is a 1×1 conv on a 1×1 image whose rows are `n`. */
export interface SaLayer {
  readonly unit: 'SA';
  readonly name: string;
  readonly op: 'conv' | 'gemm';
  /** Padded sizes of the layer. */
  readonly sizes: ConvSizes;
  /** Outer tile (T_φ). */
  readonly tile: ConvSizes;
  readonly stride: number;
  /** Loop order, outermost first. */
  readonly loopOrder: readonly ConvDim[];
  /** Bits per element. */
  readonly bits: { readonly ifmap: number; readonly weight: number; readonly psum: number; readonly bias: number };
  /** Left out of a layer without a network: all of it is useful then. */
  readonly useful?: SaUseful;
}

/** A number per SIMD loop. For pool gradients h and w are dY's. */
export interface SimdSizes {
  readonly c: number;
  readonly n: number;
  readonly h: number;
  readonly w: number;
}

/** The window that slides over a pool's input; 1×1 with stride 1 where there is none. */
export interface Window {
  readonly kh: number;
  readonly kw: number;
  readonly stride: number;
}

/** What of a SIMD layer is the network's own work. */
export interface SimdUseful {
  /** Multiply-accumulates; 0 for all that is none. */
  readonly macs: number;
  /** Sizes before padding. */
  readonly sizes: SimdSizes;
  /** What a window slides over, without its padding. */
  readonly window: UsefulPlane;
}

/** A layer on the SIMD array: a row of the operations table with sizes. */
export interface SimdLayer {
  readonly unit: 'SIMD';
  readonly name: string;
  readonly op: SimdOp;
  readonly sizes: SimdSizes;
  readonly tile: SimdSizes;
  readonly window: Window;
  /** Bits per element: as loaded, as stored (b_i wide when quantised for a conv that follows), and inside VMem. */
  readonly bits: { readonly input: number; readonly output: number; readonly psum: number };
  /** Left out of a layer without a network: all of it is useful then. */
  readonly useful?: SimdUseful;
}

export type Layer = SaLayer | SimdLayer;

/** Height or width of the ifmap region that `out` outputs of a kernel of `kernel` need: (out − 1)·S + kernel. */
export function inputExtent(out: number, stride: number, kernel: number): number {
  return (out - 1) * stride + kernel;
}

/** A gemm with a single row, which the paper runs output stationary. */
export function isOneRowGemm(layer: SaLayer): boolean {
  return layer.op === 'gemm' && layer.sizes.n === 1;
}
