/** Layers that run on the systolic array, and their gradients, as operations (section V-B, table V). */
import type { PerDirection } from '../layers/layer.ts';
import {
  type AnyConvNode,
  type ArrayConvolution,
  convolutionOf,
  forwardConvolution,
  inputGradientConvolution,
  weightGradientConvolution,
} from './convolutions.ts';
import type { Expansion } from './expansion.ts';
import type { GemmNode, GraphNode, MatmulNode } from './graph.ts';
import {
  firstGradientProduct,
  forwardProduct,
  productOfGemm,
  productOfMatmul,
  secondGradientProduct,
  secondGradientTransposedProduct,
} from './matrixProducts.ts';
import type { Operation, SaOperation, SaOverrides } from './program.ts';

/** A node whose layer runs on the systolic array. */
export type ArrayNode = AnyConvNode | GemmNode | MatmulNode;

/** What a node's forward pass reads: the tensors of its producers. */
type Inputs = readonly [string, string?];

function overridesOf({ layer }: ArrayNode): SaOverrides {
  return {
    tile: layer.tile as SaOverrides['tile'],
    loopOrder: 'loopOrder' in layer ? layer.loopOrder : undefined,
    bits: layer.dataTypes as SaOverrides['bits'],
  };
}

/** Rows and columns of a tensor. */
const planeOf = ({ H, W }: { readonly H: number; readonly W: number }): PerDirection => ({ h: H, w: W });

/** The operation of a layer. `hasShift`: a batch norm is folded into it, whose shift is a bias then. */
export function forwardOnArray(node: ArrayNode, [X, X2]: Inputs, batch: number, hasShift: boolean): SaOperation {
  const { name } = node.layer;
  const { layouts, ...core } = arrayConvolutionOf(node, batch, hasShift);
  const isLaidOut = node.layer.op === 'transposed-conv' || node.layer.op === 'matmul';
  const hasBias = node.layer.op !== 'matmul' && node.layer.bias;
  return {
    unit: 'SA',
    name,
    ...core,
    ...(isLaidOut ? { layouts } : {}),
    reads: {
      ifmap: X,
      weight: node.layer.op === 'matmul' ? X2! : `${name}.W`,
      ...(hasBias ? { bias: `${name}.bias` } : {}),
    },
    writes: { ofmap: name },
    ...(node.layer.op === 'gemm' ? { positions: planeOf(node.outputShape) } : {}),
    ...(node.layer.op === 'matmul' ? { areGroupsImages: true } : {}),
    overrides: overridesOf(node),
    source: node.source,
  };
}

function arrayConvolutionOf(node: ArrayNode, batch: number, hasShift: boolean): ArrayConvolution {
  const { layer } = node;
  switch (layer.op) {
    case 'gemm':
      return forwardProduct(productOfGemm({ ...node, layer }, batch, layer.bias || hasShift));
    case 'matmul':
      return forwardProduct(productOfMatmul({ ...node, layer }, batch));
    default: {
      const conv = convolutionOf({ ...node, layer }, batch);
      const hasBias = layer.bias || hasShift;
      return layer.op === 'transposed-conv'
        ? inputGradientConvolution(conv, { hasBias })
        : forwardConvolution(conv, hasBias);
    }
  }
}

/** The tensors that a gradient multiplies. */
interface Operands {
  readonly ifmap: string;
  readonly weight: string;
}

/**
 * A gradient on the array behind the transposition of its operands, which costs nothing but is what comes "next"
 * (MODEL.md §1).
 */
function gradient(
  node: GraphNode,
  which: string,
  operands: Operands,
  { layouts, ...core }: ArrayConvolution,
  more: Pick<SaOperation, 'positions' | 'isOfmapTransposed' | 'areGroupsImages'> = {},
): Operation[] {
  const name = `${node.layer.name}.${which}`;
  const laidOut = { ifmap: `${name}.ifmap`, weight: `${name}.weight` };
  return [
    { unit: 'free', name: `${name}.transpose`, op: 'transpose', layouts, reads: { ...operands }, writes: laidOut },
    { unit: 'SA', name, ...core, ...more, reads: laidOut, writes: { ofmap: name }, source: node.source },
  ];
}

/** What the gradients of a layer are computed from. */
export interface GradientSource {
  /** The gradient of its output. */
  readonly dY: string;
  /** What its forward pass has read. */
  readonly inputs: Inputs;
  readonly batch: number;
  readonly expansion: Expansion;
}

/** The gradient of a conv, transposed conv or gemm with respect to its input, `dX`. */
export function inputGradient(node: AnyConvNode | GemmNode, { dY, batch, expansion }: GradientSource): Operation[] {
  const { layer } = node;
  const operands = { ifmap: dY, weight: `${layer.name}.W` };
  if (layer.op === 'gemm') {
    const positions = planeOf(node.inputShapes[0]!);
    const product = productOfGemm({ ...node, layer }, batch, false);
    return gradient(node, 'dX', operands, firstGradientProduct(product), { positions });
  }
  const conv = convolutionOf({ ...node, layer }, batch);
  if (layer.op === 'transposed-conv') return gradient(node, 'dX', operands, forwardConvolution(conv, false));
  // Only a published run computes the gradient of the network's input, and that of all that the kernel reaches.
  const reaches = expansion === 'published' && node.producers[0] === undefined;
  return gradient(node, 'dX', operands, inputGradientConvolution(conv, { reaches }));
}

/** The gradient of a conv, transposed conv or gemm with respect to its weights, `dW`. */
export function weightGradient(node: AnyConvNode | GemmNode, source: GradientSource): Operation[] {
  const { dY, inputs, batch, expansion } = source;
  const { layer } = node;
  const operands = { ifmap: inputs[0], weight: dY };
  if (layer.op === 'gemm') {
    return gradient(node, 'dW', operands, secondGradientProduct(productOfGemm({ ...node, layer }, batch, false)));
  }
  const conv = convolutionOf({ ...node, layer }, batch);
  // Of the network's first layer a published run, too, computes what table V says.
  const way = node.producers[0] === undefined ? 'exact' : expansion;
  // A transposed conv leads from the output of a conv to its input.
  const swapped = { ifmap: dY, weight: inputs[0] };
  const isTransposed = layer.op === 'transposed-conv';
  return gradient(node, 'dW', isTransposed ? swapped : operands, weightGradientConvolution(conv, way), {
    isOfmapTransposed: true,
  });
}

/** The gradient of a product of two activations with respect to the first, `dX1`. */
export function firstFactorGradient(node: MatmulNode, { dY, inputs, batch }: GradientSource): Operation[] {
  const product = firstGradientProduct(productOfMatmul(node, batch));
  return gradient(node, 'dX1', { ifmap: dY, weight: inputs[1]! }, product, { areGroupsImages: true });
}

/** The gradient of a product of two activations with respect to the second, `dX2`, as it lies. */
export function secondFactorGradient(node: MatmulNode, { dY, inputs, batch }: GradientSource): Operation[] {
  const product = productOfMatmul(node, batch);
  return node.layer.isSecondTransposed === true
    ? gradient(node, 'dX2', { ifmap: dY, weight: inputs[0] }, secondGradientTransposedProduct(product), {
        areGroupsImages: true,
      })
    : gradient(node, 'dX2', { ifmap: inputs[0], weight: dY }, secondGradientProduct(product), {
        areGroupsImages: true,
      });
}
