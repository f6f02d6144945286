/** Sizes in the paper's notation: loops of convolutions and of the SIMD array, windows that slide, and what they reach. */

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

/** The window of what has none. */
export const NO_WINDOW: Window = { kh: 1, kw: 1, ...UNIT_SLIDING };

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
