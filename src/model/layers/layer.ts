/**
 * A tiled layer: what both the closed form and the schedule start from. Sizes are already padded
 * (IC to a multiple of J, OC and C to a multiple of K; MODEL.md §2), so nothing downstream pads again.
 */
import type { SimdOp } from '../operations/simdTable.ts';
import type { UsefulAxis } from './usefulAxis.ts';

/** The seven convolution loops, in the paper's notation. */
export const CONV_DIMS = ['oc', 'ic', 'kh', 'kw', 'n', 'oh', 'ow'] as const;
export type ConvDim = (typeof CONV_DIMS)[number];

/** A number per convolution loop: sizes of a tensor space, or of a tile of it. */
export type ConvSizes = Readonly<Record<ConvDim, number>>;

/** All loops of a convolution: groups, of which each is a convolution by itself, are outside of the seven. */
export const LOOP_DIMS = [...CONV_DIMS, 'g'] as const;
export type LoopDim = (typeof LOOP_DIMS)[number];

/** The paper's loop order, outermost first: weight stationary. */
export const WEIGHT_STATIONARY: readonly ConvDim[] = ['oc', 'ic', 'kh', 'kw', 'n', 'oh', 'ow'];

/** A gemm with one row keeps its output: the reduction runs innermost and no psum leaves the chip (MODEL.md §3). */
export const OUTPUT_STATIONARY: readonly ConvDim[] = ['n', 'oh', 'ow', 'oc', 'ic', 'kh', 'kw'];

/** The loops that accumulate into the same psum. */
export const REDUCTION_DIMS: readonly ConvDim[] = ['ic', 'kh', 'kw'];

/** The loops over what is computed anew with the same weights: W iterations of a weight tile. */
export const POSITION_DIMS: readonly ConvDim[] = ['n', 'oh', 'ow'];

/** Which of the seven loops each tensor of a convolution depends on; on the group they all do. */
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
 * dilated elements (OPERATIONS.md, Useful and issued work).
 */
export interface SaUseful {
  /** Multiply-accumulates, border taps included, inserted zeros excluded. */
  readonly macs: number;
  /** Of a group: channels, images, rows and columns before padding; each begins with the first position of its loop. */
  readonly sizes: Pick<ConvSizes, 'oc' | 'ic' | 'n' | 'oh' | 'ow'>;
  readonly ifmap: UsefulPlane;
  readonly kernel: UsefulPlane;
  /** False where a bias is charged that the layer does not have. */
  readonly hasBias: boolean;
}

/** A number for height and one for width. */
export interface PerDirection {
  readonly h: number;
  readonly w: number;
}

/** One number for height and width. */
export function inBoth(value: number): PerDirection {
  return { h: value, w: value };
}

/** How a kernel slides over its input: its steps, and the distance of its neighbouring elements. */
export interface Sliding {
  readonly stride: PerDirection;
  readonly dilation: PerDirection;
}

/** How a kernel slides along one direction. */
export function slidingAlong(
  { stride, dilation }: Sliding,
  direction: keyof PerDirection,
): { readonly stride: number; readonly dilation: number } {
  return { stride: stride[direction], dilation: dilation[direction] };
}

/** A kernel without gaps that moves by one. */
export const UNIT_SLIDING: Sliding = { stride: inBoth(1), dilation: inBoth(1) };

/**
 * Whose results a layer loads: per tensor, by its role in the operation, the names of the layers that make it. Tensors
 * that none makes (weights, biases, a network's input) are in DRAM from the beginning.
 */
export type ProducerNames = Readonly<Record<string, readonly string[]>>;

/**
 * A conv or gemm on the systolic array. A gemm is a 1×1 conv on a 1×1 image whose rows are `n`. Sizes and tile are those
 * of one group: T_g is 1.
 */
export interface SaLayer extends Sliding {
  readonly unit: 'SA';
  readonly name: string;
  readonly op: 'conv' | 'gemm';
  /** G: how many convolutions of these sizes it is, one after the other. */
  readonly groups: number;
  /** Padded sizes of a group. */
  readonly sizes: ConvSizes;
  /** Outer tile (T_φ). */
  readonly tile: ConvSizes;
  /** Order of the seven loops, outermost first; groups are outside of them. */
  readonly loopOrder: readonly ConvDim[];
  /** Bits per element. */
  readonly bits: { readonly ifmap: number; readonly weight: number; readonly psum: number; readonly bias: number };
  /** Left out of a layer without a network: all of it is useful then, and it depends on no other. */
  readonly useful?: SaUseful;
  readonly producers?: ProducerNames;
}

/** A number per SIMD loop. For pool gradients h and w are dY's. */
export interface SimdSizes {
  readonly c: number;
  readonly n: number;
  readonly h: number;
  readonly w: number;
}

/** The window that slides over an input, of a pool say; 1×1 with stride 1 where there is none. */
export interface Window extends Sliding {
  readonly kh: number;
  readonly kw: number;
}

/** What of a SIMD layer is the network's own work. */
export interface SimdUseful {
  /** Multiply-accumulates; 0 for all that is none. */
  readonly macs: number;
  /** Sizes before padding. */
  readonly sizes: SimdSizes;
  /** What a window slides over, without its padding. */
  readonly window: UsefulPlane;
  /** False where a bias is charged that the layer does not have. */
  readonly hasBias: boolean;
}

/** The window of what has none. */
export const NO_WINDOW: Window = { kh: 1, kw: 1, ...UNIT_SLIDING };

/** A layer on the SIMD array: a row of the operations table with sizes. */
export interface SimdLayer {
  readonly unit: 'SIMD';
  readonly name: string;
  readonly op: SimdOp;
  readonly sizes: SimdSizes;
  readonly tile: SimdSizes;
  readonly window: Window;
  /**
   * Bits per element: as loaded, as stored (b_i wide when quantised for a conv that follows), and inside VMem; of kernels
   * and their biases as loaded.
   */
  readonly bits: {
    readonly input: number;
    readonly output: number;
    readonly psum: number;
    readonly weight: number;
    readonly bias: number;
  };
  /** Left out of a layer without a network: all of it is useful then, and it depends on no other. */
  readonly useful?: SimdUseful;
  readonly producers?: ProducerNames;
}

export type Layer = SaLayer | SimdLayer;

/** Height or width of the region that `out` outputs of a kernel need of its input: (out − 1)·S + (kernel − 1)·D + 1. */
export function inputExtent(out: number, stride: number, kernel: number, dilation: number): number {
  return (out - 1) * stride + (kernel - 1) * dilation + 1;
}

/** Height and width of the region that outputs of a kernel need of its input. */
export function inputPlane(out: PerDirection, kernel: PerDirection, { stride, dilation }: Sliding): PerDirection {
  return {
    h: inputExtent(out.h, stride.h, kernel.h, dilation.h),
    w: inputExtent(out.w, stride.w, kernel.w, dilation.w),
  };
}

/** Height and width of the ifmap of a tile, or of a whole group. */
export function ifmapPlane({ oh, ow, kh, kw }: ConvSizes, sliding: Sliding): PerDirection {
  return inputPlane({ h: oh, w: ow }, { h: kh, w: kw }, sliding);
}

/** Height and width of what windows over outputs of these sizes reach. */
export function windowInput({ h, w }: PerDirection, window: Window): PerDirection {
  return inputPlane({ h, w }, { h: window.kh, w: window.kw }, window);
}

/** A gemm with a single row per group, which the paper runs output stationary. */
export function isOneRowGemm(layer: SaLayer): boolean {
  return layer.op === 'gemm' && layer.sizes.n === 1;
}
