/** What the ceiling closed form should have said where it is wrong (SEMANTICS, `corner`): layers with few tiles. */
import type { SaLayer } from '../layers/layer.ts';
import type { Hardware } from '../spec/hardware.ts';
import { convClosedForm, tileTimes } from './conv.ts';

/** Whole tiles along each loop that the weight tile stays for (W), along the reduction (A), and along oc (O). */
function tileCounts(layer: SaLayer): { W: number; A: number; O: number } {
  const count = (dim: keyof SaLayer['sizes']): number => Math.ceil(layer.sizes[dim] / layer.tile[dim]);
  return { W: count('oh') * count('ow') * count('n'), A: count('kh') * count('kw') * count('ic'), O: count('oc') };
}

/**
 * Stall cycles of the `ceiling` variant with the right case counts where W = 1. For a one-row gemm with several
 * ic tiles the published cases are right already. Equals the `paper` simulation on every layer in the paper's order.
 */
export function cornerStallCycles(layer: SaLayer, hardware: Hardware): number {
  const { W, A, O } = tileCounts(layer);
  const isOutputStationary = layer.op === 'gemm' && layer.sizes.n === 1;
  if (W > 1 || (isOutputStationary && A > 1)) return convClosedForm(layer, hardware, 'ceiling').stallCycles;
  const { weight: w, bias: b, ifmap: f, psum: p, compute: C } = tileTimes(layer, hardware);
  const first = Math.max(f, w + b);
  if (A * O === 1) return first + p;
  const case5 = Math.max(0, f - C, p - C, w + b - C);
  const ends = first + Math.max(0, p - C) + p;
  if (A === 1) return ends + Math.max(0, f - C, w + b - C) + (O - 2) * case5;
  const case4 = Math.max(0, f - C, w - C, 2 * p - C);
  return ends + Math.max(0, f - C, w - C, p - C) + ((A - 1) * O - 1) * case4 + (O - 1) * case5;
}
