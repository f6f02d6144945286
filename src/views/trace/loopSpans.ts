/** The loops of a conv or gemm as steps: how many each iteration spans, and how often the loop runs. */
import type { LoopDim, SaLayer } from '../../model/layers/layer.ts';
import { ceilDiv } from '../../model/layers/rounding.ts';

/** The steps that one iteration of each convolution loop spans, and how often the loop runs. */
export type LoopSpans = Readonly<Record<LoopDim, { readonly span: number; readonly trips: number }>>;

const knownSpans = new WeakMap<SaLayer, LoopSpans>();

/** The spans of a layer's loops. */
export function loopSpans(layer: SaLayer): LoopSpans {
  const known = knownSpans.get(layer) ?? workOutSpans(layer);
  knownSpans.set(layer, known);
  return known;
}

function workOutSpans(layer: SaLayer): LoopSpans {
  const spans = {} as Record<LoopDim, { span: number; trips: number }>;
  let span = 1;
  for (const dim of [...layer.loopOrder].reverse()) {
    const trips = ceilDiv(layer.sizes[dim], layer.tile[dim]);
    spans[dim] = { span, trips };
    span *= trips;
  }
  spans.g = { span, trips: layer.groups };
  return spans;
}
