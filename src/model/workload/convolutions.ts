/**
 * The three convolutions that belong to a conv: itself and its two gradients, as the array runs them (section V-B,
 * table V). A transposed conv is the input gradient of a conv, whose gradients are that conv and its weight gradient.
 */
import { inputPlane, type PerDirection, type SaUseful, type Sliding, UNIT_SLIDING } from '../layers/layer.ts';
import { type UsefulAxis, usefulFromStart } from '../layers/usefulAxis.ts';
import type { WorkloadLayer } from '../schemas/workload.ts';
import type { Expansion } from './expansion.ts';
import type { GraphNode, Shape } from './graph.ts';
import type { Layout, SaOperation } from './program.ts';
import { windowsOf } from './window.ts';

/** Layers that are a conv, in one way or another. */
type ConvLayer = Extract<WorkloadLayer, { op: 'conv' | 'depthwise-conv' | 'transposed-conv' }>;
/** A node of such a layer. */
export type AnyConvNode = GraphNode & { readonly layer: ConvLayer };

/** A conv from an input to an output; weights are output channels × input channels of a group × KH × KW. */
export interface Convolution extends Sliding {
  readonly batch: number;
  readonly groups: number;
  readonly input: Shape;
  readonly output: Shape;
  readonly kernel: PerDirection;
  /** Zeros before the first row and column, and behind the last. */
  readonly before: PerDirection;
  readonly after: PerDirection;
}

/** The conv that a layer is or, if it is transposed, that it reverses: from its output to its input. */
export function convolutionOf({ layer, inputShapes, outputShape }: AnyConvNode, batch: number): Convolution {
  const [input] = inputShapes as [Shape];
  const { h, w } = windowsOf(layer);
  const isTransposed = layer.op === 'transposed-conv';
  return {
    batch,
    groups: layer.op === 'depthwise-conv' ? layer.dimensions.C : (layer.groups ?? 1),
    input: isTransposed ? outputShape : input,
    output: isTransposed ? input : outputShape,
    kernel: { h: h.kernel, w: w.kernel },
    stride: { h: h.stride, w: w.stride },
    dilation: { h: h.dilation, w: w.dilation },
    before: { h: h.before, w: w.before },
    after: { h: h.after, w: w.after },
  };
}

/** What of an operation a convolution decides, and how its operands are laid out for it. */
export interface ArrayConvolution
  extends Pick<SaOperation, 'op' | 'groups' | 'sizes' | 'stride' | 'dilation' | 'padding' | 'useful'> {
  readonly layouts: { readonly ifmap: Layout; readonly weight: Layout };
}

/** Products of a conv, border taps included, as torch counts them; its gradients have the same. */
function usefulMacs({ batch, groups, input, output, kernel }: Convolution): number {
  return (batch * output.H * output.W * kernel.h * kernel.w * input.C * output.C) / groups;
}

/** The rows or columns of an image behind its padding. */
function behindPadding(padding: number, count: number): UsefulAxis {
  return { from: padding, step: 1, count };
}

/** Elements of a tensor with `distance` − 1 zeros between neighbours, the first at `from`. */
function spread(count: number, distance: number, from: number): UsefulAxis {
  return { from, step: distance, count };
}

/** The conv itself; `hasBias` where it adds one. */
export function forwardConvolution(conv: Convolution, hasBias: boolean): ArrayConvolution {
  const { batch, groups, input, output, kernel, stride, dilation, before } = conv;
  const own = { oc: output.C / groups, ic: input.C / groups, n: batch, oh: output.H, ow: output.W };
  const sizes = { ...own, kh: kernel.h, kw: kernel.w };
  const useful: SaUseful = {
    macs: usefulMacs(conv),
    sizes: own,
    ifmap: { rows: behindPadding(before.h, input.H), columns: behindPadding(before.w, input.W) },
    kernel: { rows: usefulFromStart(kernel.h), columns: usefulFromStart(kernel.w) },
    hasBias,
  };
  return { op: 'conv', groups, sizes, stride, dilation, padding: before, useful, layouts: { ifmap: {}, weight: {} } };
}

/**
 * The gradient with respect to the input: the output's, with stride − 1 zeros between neighbours, under the flipped
 * weights. `reaches`: as far as the kernel reaches, padding included, not only the input itself.
 */
export function inputGradientConvolution(
  conv: Convolution,
  { reaches = false, hasBias = false }: { readonly reaches?: boolean; readonly hasBias?: boolean } = {},
): ArrayConvolution {
  const { batch, groups, input, output, kernel, stride, dilation, before } = conv;
  const reached = inputPlane({ h: output.H, w: output.W }, kernel, conv);
  // Table V pads with K − 1 zeros and so computes the forward pass's padding too, of which nobody needs the gradient.
  const padding = {
    h: (kernel.h - 1) * dilation.h - (reaches ? 0 : before.h),
    w: (kernel.w - 1) * dilation.w - (reaches ? 0 : before.w),
  };
  const own = { oc: input.C / groups, ic: output.C / groups, n: batch, oh: input.H, ow: input.W };
  return {
    op: 'conv',
    groups,
    sizes: { ...own, kh: kernel.h, kw: kernel.w, ...(reaches ? { oh: reached.h, ow: reached.w } : {}) },
    stride: UNIT_SLIDING.stride,
    dilation,
    padding,
    useful: {
      macs: usefulMacs(conv),
      sizes: own,
      ifmap: { rows: spread(output.H, stride.h, padding.h), columns: spread(output.W, stride.w, padding.w) },
      kernel: { rows: usefulFromStart(kernel.h), columns: usefulFromStart(kernel.w) },
      hasBias,
    },
    layouts: {
      ifmap: { distance: stride },
      weight: { isTransposed: true, groups: { count: groups, along: 'images' }, isFlipped: true },
    },
  };
}

/**
 * The gradient with respect to the weights: the output's, with stride − 1 zeros between neighbours, is the kernel, the
 * batch the input channels; the ofmap has the inputs of a group as images. `exact` gives as many rows and columns as
 * the kernel has, as table V says; the published runs let the window slide over all of the padded input.
 */
export function weightGradientConvolution(conv: Convolution, expansion: Expansion): ArrayConvolution {
  const { batch, groups, input, output, kernel, stride, dilation, before, after } = conv;
  const spanned = { h: stride.h * (output.H - 1) + 1, w: stride.w * (output.W - 1) + 1 };
  const own = { oc: output.C / groups, ic: batch, n: input.C / groups, oh: kernel.h, ow: kernel.w };
  const slid = {
    oh: Math.floor((input.H + before.h + after.h - spanned.h) / dilation.h) + 1,
    ow: Math.floor((input.W + before.w + after.w - spanned.w) / dilation.w) + 1,
  };
  return {
    op: 'conv',
    groups,
    sizes: { ...own, kh: spanned.h, kw: spanned.w, ...(expansion === 'exact' ? {} : slid) },
    // Neighbouring weights are the kernel's dilation apart.
    stride: dilation,
    dilation: UNIT_SLIDING.dilation,
    padding: before,
    useful: {
      macs: usefulMacs(conv),
      sizes: own,
      ifmap: { rows: behindPadding(before.h, input.H), columns: behindPadding(before.w, input.W) },
      kernel: { rows: spread(output.H, stride.h, 0), columns: spread(output.W, stride.w, 0) },
      hasBias: false,
    },
    layouts: {
      ifmap: { isTransposed: true, groups: { count: groups, along: 'channels' } },
      weight: { isTransposed: true, distance: stride },
    },
  };
}
