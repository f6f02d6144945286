/** Which elements of its tensors a step of a conv or gemm layer needs, from the step's number and the loop order alone. */
import { CONV_DIMS, type ConvDim, type ConvSizes, inputExtent, type SaLayer } from '../layers/layer.ts';
import { ceilDiv, roundUpTo } from '../layers/rounding.ts';
import type { Four, Region } from './region.ts';

export type SaTensorName = 'weight' | 'ifmap' | 'bias' | 'psum';

/** A tile: where it begins and how far it reaches in each loop. */
export interface ConvTile {
  readonly from: ConvSizes;
  readonly extents: ConvSizes;
}

/** Convolution sizes by a rule. */
export function perDim(value: (dim: ConvDim) => number): ConvSizes {
  return Object.fromEntries(CONV_DIMS.map((dim) => [dim, value(dim)])) as ConvSizes;
}

/** Shapes of the tensors: oc × ic × kh × kw, n × ic × ih × iw with padding, oc × 1 × 1 × 1, n × oc × oh × ow. */
export function saShapes({ oc, ic, kh, kw, n, oh, ow }: ConvSizes, stride: number): Record<SaTensorName, Four> {
  return {
    weight: [oc, ic, kh, kw],
    ifmap: [n, ic, inputExtent(oh, stride, kh), inputExtent(ow, stride, kw)],
    bias: [oc, 1, 1, 1],
    psum: [n, oc, oh, ow],
  };
}

/** A layer's sizes as its tiles cover them: with full edge tiles, whole tiles. */
export function coveredSizes({ sizes, tile }: SaLayer, edgesAreFull: boolean): ConvSizes {
  return edgesAreFull ? perDim((dim) => roundUpTo(sizes[dim], tile[dim])) : sizes;
}

/** The tile of a step, cut where `covered` ends. */
export function tileOfStep({ tile, loopOrder }: SaLayer, covered: ConvSizes, step: number): ConvTile {
  const index = new Map<ConvDim, number>();
  let rest = step;
  for (const dim of [...loopOrder].reverse()) {
    const trips = ceilDiv(covered[dim], tile[dim]);
    index.set(dim, rest % trips);
    rest = Math.floor(rest / trips);
  }
  const from = perDim((dim) => index.get(dim)! * tile[dim]);
  return { from, extents: perDim((dim) => Math.min(tile[dim], covered[dim] - from[dim])) };
}

/** The part of a tensor that a tile needs. */
export function regionOf(tensor: SaTensorName, { from, extents }: ConvTile, stride: number): Region {
  const sizes = saShapes(extents, stride)[tensor];
  switch (tensor) {
    case 'weight':
      return { from: [from.oc, from.ic, from.kh, from.kw], sizes };
    case 'ifmap':
      return { from: [from.n, from.ic, from.oh * stride + from.kh, from.ow * stride + from.kw], sizes };
    case 'bias':
      return { from: [from.oc, 0, 0, 0], sizes };
    case 'psum':
      return { from: [from.n, from.oc, from.oh, from.ow], sizes };
  }
}
