/** The gradients of conv and gemm, which run on the systolic array as conv and gemm themselves (section V-B, table V). */
import { inputExtent } from '../layers/layer.ts';
import type { Expansion } from './expansion.ts';
import { outputTensor } from './forward.ts';
import type { ConvNode, GemmNode, GraphNode, Shape } from './graph.ts';
import { type Layout, NO_PADDING, type Operation, type SaOperation } from './program.ts';
import { gemmUseful, inputGradientUseful, weightGradientUseful } from './usefulWork.ts';
import { perDirection, sidesOf } from './window.ts';

/** Stride and padding of a conv, which are those of both directions and all sides. */
function windowOf({ layer }: ConvNode): { readonly stride: number; readonly padding: number } {
  return { stride: perDirection(layer.stride).h, padding: sidesOf(layer.padding).top };
}

/** An operand of a gradient, and how it is laid out for it. */
interface Operand extends Layout {
  readonly tensor: string;
}

/**
 * A gradient on the array behind the transposition of its operands, which costs nothing but is what comes "next"
 * (MODEL section 1).
 */
function transposed(
  node: GraphNode,
  which: 'dX' | 'dW',
  { ifmap, weight }: { readonly ifmap: Operand; readonly weight: Operand },
  operation: Pick<SaOperation, 'op' | 'sizes' | 'padding' | 'positions' | 'isOfmapTransposed' | 'useful'>,
): Operation[] {
  const name = `${node.layer.name}.${which}`;
  const laidOut = { ifmap: `${name}.ifmap`, weight: `${name}.weight` };
  const { tensor: ifmapTensor, ...ifmapLayout } = ifmap;
  const { tensor: weightTensor, ...weightLayout } = weight;
  return [
    {
      unit: 'free',
      name: `${name}.transpose`,
      op: 'transpose',
      layouts: { ifmap: ifmapLayout, weight: weightLayout },
      reads: { ifmap: ifmapTensor, weight: weightTensor },
      writes: laidOut,
    },
    {
      unit: 'SA',
      name,
      ...operation,
      stride: 1,
      reads: laidOut,
      writes: { ofmap: name },
      source: node.source,
    },
  ];
}

/** The gradient convolution with respect to the input: dilated dY under the flipped weights. */
export function convInputGradient(node: ConvNode, dY: string, batch: number, expansion: Expansion): Operation[] {
  const { OC, IC, KH, KW, OH, OW } = node.layer.dimensions;
  const { name } = node.layer;
  const { stride, padding } = windowOf(node);
  const [input] = node.inputShapes as [Shape];
  // Only a published run computes the gradient of the network's input, and that of all that the kernel reaches.
  const isFirst = expansion === 'published' && node.producers[0] === undefined;
  // Table V pads with K − 1 zeros and so computes the forward pass's padding too, of which nobody needs the gradient.
  const unneeded = isFirst ? 0 : padding;
  const zeros = { h: KH - 1 - unneeded, w: KW - 1 - unneeded };
  return transposed(
    node,
    'dX',
    {
      ifmap: { tensor: dY, dilation: stride },
      weight: { tensor: `${name}.W`, isTransposed: true, isFlipped: true },
    },
    {
      op: 'conv',
      sizes: {
        oc: IC,
        ic: OC,
        kh: KH,
        kw: KW,
        n: batch,
        oh: isFirst ? inputExtent(OH, stride, KH) : input.H,
        ow: isFirst ? inputExtent(OW, stride, KW) : input.W,
      },
      padding: zeros,
      useful: inputGradientUseful(node, batch, stride, zeros),
    },
  );
}

/** The gradient convolution with respect to the weights: dY, dilated, is the kernel, the batch the input channels. */
export function convWeightGradient(node: ConvNode, dY: string, batch: number, expansion: Expansion): Operation[] {
  const { OC, IC, KH, KW, OH, OW } = node.layer.dimensions;
  const { stride, padding } = windowOf(node);
  const [input] = node.inputShapes as [Shape];
  const dilated = (outputs: number): number => stride * (outputs - 1) + 1;
  // Table V says that the output is the kernel; the published runs let the window slide over all of the padded input.
  const isExact = expansion === 'exact' || node.producers[0] === undefined;
  const side = (kernel: number, extent: number, outputs: number): number =>
    isExact ? kernel : extent + 2 * padding - dilated(outputs) + 1;
  return transposed(
    node,
    'dW',
    {
      ifmap: { tensor: outputTensor(node.producers[0], 'training'), isTransposed: true },
      weight: { tensor: dY, isTransposed: true, dilation: stride },
    },
    {
      op: 'conv',
      sizes: {
        oc: OC,
        ic: batch,
        kh: dilated(OH),
        kw: dilated(OW),
        n: IC,
        oh: side(KH, input.H, OH),
        ow: side(KW, input.W, OW),
      },
      padding: { h: padding, w: padding },
      isOfmapTransposed: true,
      useful: weightGradientUseful(node, batch, stride, { h: padding, w: padding }),
    },
  );
}

const GEMM = { op: 'gemm', padding: NO_PADDING } as const;
const ONE = { kh: 1, kw: 1, oh: 1, ow: 1 } as const;

/** dX = dY · Wᵀ, with the rows of the forward pass. */
export function gemmInputGradient(node: GemmNode, dY: string, batch: number): Operation[] {
  const { OC, IC, M = 1 } = node.layer.dimensions;
  const [{ H, W }] = node.inputShapes as [Shape];
  return transposed(
    node,
    'dX',
    { ifmap: { tensor: dY }, weight: { tensor: `${node.layer.name}.W`, isTransposed: true } },
    {
      ...GEMM,
      sizes: { oc: IC, ic: OC, n: batch * M, ...ONE },
      positions: { h: H, w: W },
      useful: gemmUseful(IC, OC, batch * M, false),
    },
  );
}

/** dW = Xᵀ · dY, with IN rows. */
export function gemmWeightGradient(node: GemmNode, dY: string, batch: number): Operation[] {
  const { OC, IC, M = 1 } = node.layer.dimensions;
  return transposed(
    node,
    'dW',
    {
      ifmap: { tensor: outputTensor(node.producers[0], 'training'), isMatrix: true, isTransposed: true },
      weight: { tensor: dY },
    },
    { ...GEMM, sizes: { oc: OC, ic: batch * M, n: IC, ...ONE }, useful: gemmUseful(OC, batch * M, IC, false) },
  );
}
