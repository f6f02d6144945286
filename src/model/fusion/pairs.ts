/** Which layers the published tool fuses: an SA layer and the SIMD layer that follows it (FUSION.md, The published tool's estimate). */
import type { Layer } from '../layers/layer.ts';
import type { SimdOp } from '../operations/simdTable.ts';

/** The SIMD operations that it fuses with the conv before them. */
const BEHIND_CONV: ReadonlySet<SimdOp> = new Set<SimdOp>(['relu', 'tensor-add', 'bn-statistics']);
/** A parameter's update is fused with the conv or gemm that makes its gradient. */
const UPDATES: ReadonlySet<SimdOp> = new Set<SimdOp>(['sgd-4d', 'sgd-2d']);

/** Whether a SIMD layer is fused with the layer before it, by their kinds alone. */
export function isPair(before: Layer | undefined, layer: Layer): boolean {
  if (before?.unit !== 'SA' || layer.unit !== 'SIMD') return false;
  return UPDATES.has(layer.op) || (before.op === 'conv' && BEHIND_CONV.has(layer.op));
}

/**
 * The members of pairs, by place: in program order, operations that cost nothing left out, whether or not the first's
 * result is what the second reads.
 */
export function membersOfPairs(layers: readonly Layer[]): boolean[] {
  return layers.map((layer, place) => {
    const next = layers[place + 1];
    return isPair(layers[place - 1], layer) || (next !== undefined && isPair(layer, next));
  });
}
