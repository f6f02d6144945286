/**
 * Forward graph → one training iteration: the forward pass, the free loss, and the backward pass in reverse program
 * order with its parameter updates (table I, figure 8, table V, MODEL section 5).
 */
import type { SimdSizes, Window } from '../layers/layer.ts';
import { inputExtent } from '../layers/layer.ts';
import { roundUpTo } from '../layers/rounding.ts';
import type { SimdOp } from '../operations/simdTable.ts';
import { forwardOperations, simdSizes } from './forward.ts';
import type { Graph, GraphNode, Shape } from './graph.ts';
import { NO_WINDOW, type Operation, type Program, type SaOperation, type SimdOperationStep } from './program.ts';

/** `exact`: what the mathematics needs. `published`: what the paper's runs did, their oddities included. */
export const EXPANSIONS = ['exact', 'published'] as const;
export type Expansion = (typeof EXPANSIONS)[number];

/** The published runs rounded OUT of a gemm and IC of a conv up to this in parameter updates. */
const PUBLISHED_CHANNEL_MULTIPLE = 32;

/** The published ResNet-18 run, and it alone, took a pool's input size for dY's in pool gradients. */
const PUBLISHED_POOL_GRADIENTS_AT_INPUT_SIZE: ReadonlySet<string> = new Set(['resnet18']);

/** What the backward operations of a node depend on besides the node. */
interface BackwardContext {
  readonly batch: number;
  readonly expansion: Expansion;
  readonly arePoolGradientsAtInputSize: boolean;
}

type ConvNode = GraphNode & { readonly layer: Extract<GraphNode['layer'], { op: 'conv' }> };
type GemmNode = GraphNode & { readonly layer: Extract<GraphNode['layer'], { op: 'gemm' }> };

/** The gradient convolution with respect to the input, as table V maps it; on one side, h or w. */
function convInputGradient(node: ConvNode, { batch, expansion }: BackwardContext): SaOperation {
  const { OC, IC, KH, KW, OH, OW } = node.layer.dimensions;
  const [input] = node.inputShapes as [Shape];
  // Only a published run computes the gradient of the network's input, and that of all that the kernel reaches.
  const isFirst = expansion === 'published' && node.producers[0] === undefined;
  const { stride } = node.layer;
  return {
    unit: 'SA',
    name: `${node.layer.name}.dX`,
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
    stride: 1,
    source: node.source,
  };
}

/** The gradient convolution with respect to the weights: dY, dilated, is the kernel, the batch the input channels. */
function convWeightGradient(node: ConvNode, { batch, expansion }: BackwardContext): SaOperation {
  const { OC, IC, KH, KW, OH, OW } = node.layer.dimensions;
  const { stride, padding } = node.layer;
  const [input] = node.inputShapes as [Shape];
  const dilated = (outputs: number): number => stride * (outputs - 1) + 1;
  // Table V says that the output is the kernel; the published runs let the window slide over all of the padded input.
  const isExact = expansion === 'exact' || node.producers[0] === undefined;
  const side = (kernel: number, extent: number, outputs: number): number =>
    isExact ? kernel : extent + 2 * padding - dilated(outputs) + 1;
  return {
    unit: 'SA',
    name: `${node.layer.name}.dW`,
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
    stride: 1,
    source: node.source,
  };
}

/** The gemm gradients: with respect to the input (rows as in the forward pass) and to the weights (IN rows). */
function gemmGradient(node: GemmNode, which: 'dX' | 'dW', { batch }: BackwardContext): SaOperation {
  const { OC, IC, M = 1 } = node.layer.dimensions;
  const rows = batch * M;
  const sizes = which === 'dX' ? { oc: IC, ic: OC, n: rows } : { oc: OC, ic: rows, n: IC };
  return {
    unit: 'SA',
    name: `${node.layer.name}.${which}`,
    op: 'gemm',
    sizes: { ...sizes, kh: 1, kw: 1, oh: 1, ow: 1 },
    stride: 1,
    source: node.source,
  };
}

function simdStep(
  node: GraphNode,
  suffix: string,
  op: SimdOp,
  sizes: SimdSizes,
  window: Window = NO_WINDOW,
): SimdOperationStep {
  return { unit: 'SIMD', name: `${node.layer.name}.${suffix}`, op, sizes, window, source: node.source };
}

/** Updates of one-dimensional parameters: γ, β, biases. */
function vectorUpdate(node: GraphNode, parameter: string, channels: number): SimdOperationStep {
  return simdStep(node, `${parameter}-sgd`, 'sgd-1d', { c: channels, n: 1, h: 1, w: 1 });
}

/** dY summed over batch, height and width per channel, then the update of the bias. */
function biasOperations(node: GraphNode, channels: number, { batch }: BackwardContext): Operation[] {
  const { H, W } = node.outputShape;
  const sum = simdStep(node, 'bias-grad', 'reduce-sum', { c: channels, n: batch, h: H, w: W });
  return [sum, vectorUpdate(node, 'bias', channels)];
}

/** A transposition before a gradient on the array costs nothing, but it is what comes "next" (MODEL section 1). */
const transposed = (operation: SaOperation): Operation[] => [
  { unit: 'free', name: `${operation.name}.transpose` },
  operation,
];

function gemmBackward(node: GemmNode, context: BackwardContext, needsInputGradient: boolean): Operation[] {
  const { OC, IC } = node.layer.dimensions;
  const channels = context.expansion === 'published' ? roundUpTo(OC, PUBLISHED_CHANNEL_MULTIPLE) : OC;
  return [
    ...(needsInputGradient ? transposed(gemmGradient(node, 'dX', context)) : []),
    ...transposed(gemmGradient(node, 'dW', context)),
    simdStep(node, 'sgd', 'sgd-2d', { c: channels, n: IC, h: 1, w: 1 }),
    ...(node.layer.bias ? biasOperations(node, channels, context) : []),
  ];
}

function convBackward(node: ConvNode, context: BackwardContext, needsInputGradient: boolean): Operation[] {
  const { OC, IC, KH, KW } = node.layer.dimensions;
  const channels = context.expansion === 'published' ? roundUpTo(IC, PUBLISHED_CHANNEL_MULTIPLE) : IC;
  return [
    ...(needsInputGradient ? transposed(convInputGradient(node, context)) : []),
    ...transposed(convWeightGradient(node, context)),
    simdStep(node, 'sgd', 'sgd-4d', { c: channels, n: OC, h: KH, w: KW }),
    ...(node.layer.bias ? biasOperations(node, OC, context) : []),
  ];
}

/** The gradient of a pool: h and w are dY's, the window that of the forward pass. */
function poolGradient(node: GraphNode, op: SimdOp, window: Window, context: BackwardContext): SimdOperationStep {
  const shape = context.arePoolGradientsAtInputSize ? node.inputShapes[0]! : node.outputShape;
  return simdStep(node, 'grad', op, simdSizes(shape, context.batch), window);
}

/** The backward operations of a node, before its input's gradients are summed. */
function backwardOperations(node: GraphNode, context: BackwardContext): Operation[] {
  const { layer } = node;
  const needsInputGradient = context.expansion === 'published' || node.producers[0] !== undefined;
  const sizes = simdSizes(node.outputShape, context.batch);
  switch (layer.op) {
    case 'conv':
      return convBackward({ ...node, layer }, context, needsInputGradient);
    case 'gemm':
      return gemmBackward({ ...node, layer }, context, needsInputGradient);
    case 'batch-norm':
      return [
        simdStep(node, 'grad', 'bn-grad', sizes),
        vectorUpdate(node, 'gamma', node.outputShape.C),
        vectorUpdate(node, 'beta', node.outputShape.C),
      ];
    case 'relu':
      return [simdStep(node, 'grad', 'relu-grad', sizes)];
    case 'max-pool':
    case 'avg-pool': {
      const { KH, KW } = layer.dimensions;
      return [poolGradient(node, `${layer.op}-grad`, { kh: KH, kw: KW, stride: layer.stride }, context)];
    }
    case 'global-avg-pool': {
      const { IH, IW } = layer.dimensions;
      return [poolGradient(node, 'global-avg-pool-grad', { kh: IH, kw: IW, stride: 1 }, context)];
    }
    case 'tensor-add':
      // Both inputs receive dY as it is.
      return [];
    case 'flatten':
    case 'dropout':
      return [{ unit: 'free', name: `${layer.name}.grad` }];
  }
}

/**
 * Sums of gradients where a tensor forks: one addition for each consumer of a tensor but the last in program order,
 * whose gradient comes first; each is placed behind the backward operations of its consumer.
 */
function gradientSums(
  node: GraphNode,
  consumers: ReadonlyMap<GraphNode, readonly GraphNode[]>,
  batch: number,
): Operation[] {
  return node.producers.flatMap((producer) => {
    if (producer === undefined) return [];
    const all = consumers.get(producer)!;
    if (all.at(-1) === node) return [];
    return [simdStep(producer, 'grad-sum', 'tensor-add', simdSizes(producer.outputShape, batch))];
  });
}

/** The operations of one training iteration on `batch` images. */
export function trainingProgram(graph: Graph, batch: number, expansion: Expansion): Program {
  const context: BackwardContext = {
    batch,
    expansion,
    arePoolGradientsAtInputSize: expansion === 'published' && PUBLISHED_POOL_GRADIENTS_AT_INPUT_SIZE.has(graph.name),
  };
  const consumers = new Map<GraphNode, GraphNode[]>();
  for (const node of graph.nodes) {
    for (const producer of node.producers) {
      if (producer !== undefined) consumers.set(producer, [...(consumers.get(producer) ?? []), node]);
    }
  }
  const backward = [...graph.nodes]
    .reverse()
    .flatMap((node) => [...backwardOperations(node, context), ...gradientSums(node, consumers, batch)]);
  return {
    name: graph.name,
    file: graph.file,
    phase: 'training',
    batch,
    operations: [
      ...graph.nodes.flatMap((node) => forwardOperations(node, 'training', batch)),
      { unit: 'free', name: 'loss' },
      ...backward,
    ],
  };
}
