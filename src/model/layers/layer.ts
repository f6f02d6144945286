/**
 * A tiled layer: what both the closed form and the schedule start from. Sizes are already padded
 * (IC to a multiple of J, OC and C to a multiple of K; MODEL.md §2), so nothing downstream pads again.
 */
import type { SimdOp } from '../operations/simdTable.ts';
import type { ConvDim, ConvSizes, SimdSizes, Sliding, Window } from './sizes.ts';
import type { UsefulAxis } from './usefulAxis.ts';

export * from './sizes.ts';

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
  /** The roles of tensors that lie as their layer has made them, so that it may hand them over on chip. */
  readonly asMade?: readonly string[];
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
  /** The roles of tensors that lie as their layer has made them, so that it may hand them over on chip. */
  readonly asMade?: readonly string[];
}

export type Layer = SaLayer | SimdLayer;

/** A gemm with a single row per group, which the paper runs output stationary. */
export function isOneRowGemm(layer: SaLayer): boolean {
  return layer.op === 'gemm' && layer.sizes.n === 1;
}
