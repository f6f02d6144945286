/** Convolution loops as bits of the masks of a LoopNest. */
import { LOOP_DIMS, type LoopDim, REDUCTION_DIMS } from '../layers/layer.ts';

/** The bit of a convolution loop. */
export function bitOf(dim: LoopDim): number {
  return 1 << LOOP_DIMS.indexOf(dim);
}

/** The bits of some loops. */
export function maskOf(dims: readonly LoopDim[]): number {
  return dims.reduce((mask, dim) => mask | bitOf(dim), 0);
}

/** All loops that accumulate: a step with all of them in their first iteration starts a psum. */
export const REDUCTION_MASK = maskOf(REDUCTION_DIMS);

/** Whether all loops that accumulate are in their first (or last) iteration, by a nest's mask of these. */
export function coversReduction(mask: number): boolean {
  return (mask & REDUCTION_MASK) === REDUCTION_MASK;
}
