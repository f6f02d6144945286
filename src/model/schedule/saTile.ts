/** Which elements of its tensors a step of a conv or gemm layer needs, from the step's number and the loop order alone. */
import { CONV_DIMS, type ConvDim, type ConvSizes, ifmapPlane, type SaLayer, type Sliding } from '../layers/layer.ts';
import { ceilDiv, roundUpTo } from '../layers/rounding.ts';
import type { Four, Region } from './region.ts';

export type SaTensorName = 'weight' | 'ifmap' | 'bias' | 'psum';

/** A tile: its group, and where in it the tile begins and how far it reaches in each loop. */
export interface ConvTile {
  readonly group: number;
  readonly from: ConvSizes;
  readonly extents: ConvSizes;
}

/** Convolution sizes by a rule. */
export function perDim(value: (dim: ConvDim) => number): ConvSizes {
  return Object.fromEntries(CONV_DIMS.map((dim) => [dim, value(dim)])) as ConvSizes;
}

/**
 * Shapes of the tensors of so many groups, which follow each other along oc and ic: G·oc × ic × kh × kw,
 * n × G·ic × ih × iw with padding, G·oc × 1 × 1 × 1, n × G·oc × oh × ow.
 */
export function saShapes(sizes: ConvSizes, sliding: Sliding, groups = 1): Record<SaTensorName, Four> {
  const { oc, ic, kh, kw, n, oh, ow } = sizes;
  const { h, w } = ifmapPlane(sizes, sliding);
  return {
    weight: [groups * oc, ic, kh, kw],
    ifmap: [n, groups * ic, h, w],
    bias: [groups * oc, 1, 1, 1],
    psum: [n, groups * oc, oh, ow],
  };
}

/** The sizes of a layer's groups as its tiles cover them: with full edge tiles, whole tiles. */
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
  return { group: rest, from, extents: perDim((dim) => Math.min(tile[dim], covered[dim] - from[dim])) };
}

/** The part of a tensor that a tile needs, in tensors of which each group is as large as `covered`. */
export function regionOf(
  tensor: SaTensorName,
  { group, from, extents }: ConvTile,
  sliding: Sliding,
  covered: ConvSizes,
): Region {
  const sizes = saShapes(extents, sliding)[tensor];
  const { stride, dilation } = sliding;
  const [oc, ic] = [group * covered.oc + from.oc, group * covered.ic + from.ic];
  switch (tensor) {
    case 'weight':
      return { from: [oc, from.ic, from.kh, from.kw], sizes };
    case 'ifmap': {
      const row = from.oh * stride.h + from.kh * dilation.h;
      return { from: [from.n, ic, row, from.ow * stride.w + from.kw * dilation.w], sizes };
    }
    case 'bias':
      return { from: [oc, 0, 0, 0], sizes };
    case 'psum':
      return { from: [from.n, oc, from.oh, from.ow], sizes };
  }
}
