/**
 * What the accelerator executes, in program order: operations with their sizes, before padding and tiling.
 * Free operations stay in the list, because they decide what comes "next" (MODEL section 1).
 */
import type { ConvDim, ConvSizes, SimdSizes, Window } from '../layers/layer.ts';
import type { SimdOp } from '../operations/simdTable.ts';

/** What the workload file fixes for a layer; each wins over the generator and the hardware. */
export interface SaOverrides {
  readonly tile?: ConvSizes | undefined;
  readonly loopOrder?: readonly ConvDim[] | undefined;
  readonly bits?: { readonly [tensor in 'ifmap' | 'weight' | 'psum' | 'bias']?: number | undefined } | undefined;
}

export interface SimdOverrides {
  readonly tile?: SimdSizes | undefined;
  readonly bits?: { readonly input?: number | undefined; readonly output?: number | undefined } | undefined;
}

/** A conv or gemm; a gemm has kh = kw = oh = ow = 1 and its rows in n. */
export interface SaOperation {
  readonly unit: 'SA';
  readonly name: string;
  readonly op: 'conv' | 'gemm';
  readonly sizes: ConvSizes;
  readonly stride: number;
  readonly overrides?: SaOverrides;
  /** Place in the workload file, for messages. */
  readonly source: string;
}

/** A SIMD operation; for pool gradients h and w are dY's. */
export interface SimdOperationStep {
  readonly unit: 'SIMD';
  readonly name: string;
  readonly op: SimdOp;
  readonly sizes: SimdSizes;
  readonly window: Window;
  readonly overrides?: SimdOverrides;
  readonly source: string;
}

/** Something that the paper counts as an operation but that costs nothing: flatten, transpose, loss. */
export interface FreeOperation {
  readonly unit: 'free';
  readonly name: string;
}

export type Operation = SaOperation | SimdOperationStep | FreeOperation;

/** A network ready to be tiled. */
export interface Program {
  readonly name: string;
  readonly file: string;
  readonly phase: 'inference' | 'training';
  readonly batch: number;
  readonly operations: readonly Operation[];
}

export const NO_WINDOW: Window = { kh: 1, kw: 1, stride: 1 };
