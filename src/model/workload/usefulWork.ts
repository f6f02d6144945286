/** What of a conv or gemm and of its gradients is the network's own work (OPERATIONS, Useful and issued work). */
import type { SaUseful } from '../layers/layer.ts';
import { type UsefulAxis, usefulFromStart } from '../layers/usefulAxis.ts';
import { usefulMacsOf } from './counts.ts';
import type { ConvNode, Shape } from './graph.ts';
import type { PerDirection } from './window.ts';

const ONE = usefulFromStart(1);
const ONE_PLACE = { rows: ONE, columns: ONE };

/** The rows or columns of an image behind its padding. */
function behindPadding(padding: number, count: number): UsefulAxis {
  return { from: padding, step: 1, count };
}

/** Elements of a tensor with `dilation` − 1 zeros between neighbours, the first at `from`. */
function dilated(count: number, dilation: number, from: number): UsefulAxis {
  return { from, step: dilation, count };
}

/** Of a forward conv on `batch` images; `hasBias` where it adds one, be it what a batch norm has folded into it. */
export function convUseful(node: ConvNode, batch: number, padding: PerDirection, hasBias: boolean): SaUseful {
  const { OC, IC, KH, KW, OH, OW } = node.layer.dimensions;
  const [{ H, W }] = node.inputShapes as [Shape];
  return {
    macs: batch * usefulMacsOf(node),
    sizes: { oc: OC, ic: IC, n: batch, oh: OH, ow: OW },
    ifmap: { rows: behindPadding(padding.h, H), columns: behindPadding(padding.w, W) },
    kernel: { rows: usefulFromStart(KH), columns: usefulFromStart(KW) },
    hasBias,
  };
}

/** Of a gemm of `rows` rows, forward or backward: all that pads it are its channels. */
export function gemmUseful(oc: number, ic: number, rows: number, hasBias: boolean): SaUseful {
  return {
    macs: oc * ic * rows,
    sizes: { oc, ic, n: rows, oh: 1, ow: 1 },
    ifmap: ONE_PLACE,
    kernel: ONE_PLACE,
    hasBias,
  };
}

/**
 * Of the gradient with respect to a conv's input. It has the products of the forward pass, as torch counts them; dY, its
 * ifmap, is dilated by the stride behind `padding` zeros.
 */
export function inputGradientUseful(node: ConvNode, batch: number, stride: number, padding: PerDirection): SaUseful {
  const { OC, IC, KH, KW, OH, OW } = node.layer.dimensions;
  const [{ H, W }] = node.inputShapes as [Shape];
  return {
    macs: batch * usefulMacsOf(node),
    sizes: { oc: IC, ic: OC, n: batch, oh: H, ow: W },
    ifmap: { rows: dilated(OH, stride, padding.h), columns: dilated(OW, stride, padding.w) },
    kernel: { rows: usefulFromStart(KH), columns: usefulFromStart(KW) },
    hasBias: false,
  };
}

/**
 * Of the gradient with respect to a conv's weights, which has those products too. Its kernel is dY, dilated by the
 * stride; of its outputs those of the forward kernel are useful, however far a published run slides the window.
 */
export function weightGradientUseful(node: ConvNode, batch: number, stride: number, padding: PerDirection): SaUseful {
  const { OC, IC, KH, KW, OH, OW } = node.layer.dimensions;
  const [{ H, W }] = node.inputShapes as [Shape];
  return {
    macs: batch * usefulMacsOf(node),
    sizes: { oc: OC, ic: batch, n: IC, oh: KH, ow: KW },
    ifmap: { rows: behindPadding(padding.h, H), columns: behindPadding(padding.w, W) },
    kernel: { rows: dilated(OH, stride, 0), columns: dilated(OW, stride, 0) },
    hasBias: false,
  };
}
