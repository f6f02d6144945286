/**
 * Forward graph → one training iteration: the forward pass, the free loss, and the backward pass in reverse program
 * order with its parameter updates (table I, figure 8, table V, MODEL section 5).
 */
import type { SimdSizes, Window } from '../layers/layer.ts';
import { roundUpTo } from '../layers/rounding.ts';
import type { SimdOp } from '../operations/simdTable.ts';
import { InternalError } from '../schemas/inputError.ts';
import { convInputGradient, convWeightGradient, gemmInputGradient, gemmWeightGradient } from './arrayGradients.ts';
import type { Expansion } from './expansion.ts';
import { forwardOperations, outputTensor, poolInput, simdSizes } from './forward.ts';
import type { ConvNode, GemmNode, Graph, GraphNode } from './graph.ts';
import { NO_WINDOW, type Operation, type Program, type SimdOperationStep, type Tensors } from './program.ts';
import { refuseWhatCannotRun } from './runnable.ts';
import { perDirection } from './window.ts';

/** The published runs rounded OUT of a gemm and IC of a conv up to this in parameter updates. */
const PUBLISHED_CHANNEL_MULTIPLE = 32;

/** The published ResNet-18 run, and it alone, took a pool's input size for dY's in pool gradients. */
const PUBLISHED_POOL_GRADIENTS_AT_INPUT_SIZE: ReadonlySet<string> = new Set(['resnet18']);

/** What all backward operations of an iteration depend on. */
interface Iteration {
  readonly batch: number;
  readonly expansion: Expansion;
  readonly arePoolGradientsAtInputSize: boolean;
}

/** What the backward operations of a node depend on besides the node. */
interface BackwardContext extends Iteration {
  /** The gradient of the node's output. */
  readonly dY: string;
  readonly needsInputGradient: boolean;
}

type SimdMore = Pick<SimdOperationStep, 'reads' | 'writes'> &
  Partial<Pick<SimdOperationStep, 'window' | 'pool' | 'ownSizes'>>;

function simdStep(node: GraphNode, suffix: string, op: SimdOp, sizes: SimdSizes, more: SimdMore): SimdOperationStep {
  return {
    unit: 'SIMD',
    name: `${node.layer.name}.${suffix}`,
    op,
    sizes,
    window: NO_WINDOW,
    ...more,
    source: node.source,
  };
}

/** What a parameter's update reads and writes. */
function updateOf(node: GraphNode, parameter: string): { reads: Tensors; writes: Tensors } {
  const { name } = node.layer;
  const P = `${name}.${parameter}`;
  return { reads: { P, dP: `${name}.d${parameter}` }, writes: { P } };
}

/** Updates of one-dimensional parameters: γ, β, biases. */
function vectorUpdate(node: GraphNode, parameter: string, channels: number, own = channels): SimdOperationStep {
  const sizes = { c: channels, n: 1, h: 1, w: 1 };
  const ownSizes = { ...sizes, c: own };
  return simdStep(node, `${parameter}-sgd`, 'sgd-1d', sizes, { ...updateOf(node, parameter), ownSizes });
}

/** dY summed over batch, height and width per channel, then the update of the bias. */
function biasOperations(node: GraphNode, channels: number, { batch, dY }: BackwardContext): Operation[] {
  const ownSizes = simdSizes(node.outputShape, batch);
  const sizes = { ...ownSizes, c: channels };
  const tensors = { reads: { dY }, writes: { sum: `${node.layer.name}.dbias` }, ownSizes };
  const update = vectorUpdate(node, 'bias', channels, ownSizes.c);
  return [simdStep(node, 'bias-grad', 'reduce-sum', sizes, tensors), update];
}

function gemmBackward(node: GemmNode, context: BackwardContext): Operation[] {
  const { OC, IC } = node.layer.dimensions;
  const { batch, dY, expansion, needsInputGradient } = context;
  const channels = expansion === 'published' ? roundUpTo(OC, PUBLISHED_CHANNEL_MULTIPLE) : OC;
  const sizes = { c: OC, n: IC, h: 1, w: 1 };
  return [
    ...(needsInputGradient ? gemmInputGradient(node, dY, batch) : []),
    ...gemmWeightGradient(node, dY, batch),
    simdStep(node, 'sgd', 'sgd-2d', { ...sizes, c: channels }, { ...updateOf(node, 'W'), ownSizes: sizes }),
    ...(node.layer.bias ? biasOperations(node, channels, context) : []),
  ];
}

function convBackward(node: ConvNode, context: BackwardContext): Operation[] {
  const { OC, IC, KH, KW } = node.layer.dimensions;
  const { batch, dY, expansion, needsInputGradient } = context;
  const channels = expansion === 'published' ? roundUpTo(IC, PUBLISHED_CHANNEL_MULTIPLE) : IC;
  const sizes = { c: IC, n: OC, h: KH, w: KW };
  return [
    ...(needsInputGradient ? convInputGradient(node, dY, batch, expansion) : []),
    ...convWeightGradient(node, dY, batch, expansion),
    simdStep(node, 'sgd', 'sgd-4d', { ...sizes, c: channels }, { ...updateOf(node, 'W'), ownSizes: sizes }),
    ...(node.layer.bias ? biasOperations(node, OC, context) : []),
  ];
}

/** Part 1 and part 2 of algorithm 1 in one step of four outputs, then the updates. */
function batchNormBackward(node: GraphNode, { batch, dY }: BackwardContext): Operation[] {
  const { name } = node.layer;
  const { C } = node.outputShape;
  const X = outputTensor(node.producers[0], 'training');
  return [
    simdStep(node, 'grad', 'bn-grad', simdSizes(node.outputShape, batch), {
      reads: { X, dY, mean: `${name}.mean`, invStd: `${name}.invStd`, gamma: `${name}.gamma` },
      writes: { Xhat: `${name}.Xhat`, dX: `${name}.dX`, dgamma: `${name}.dgamma`, dbeta: `${name}.dbeta` },
    }),
    vectorUpdate(node, 'gamma', C),
    vectorUpdate(node, 'beta', C),
  ];
}

/** The gradient of a pool: h and w are dY's, the window that of the forward pass. */
function poolGradient(node: GraphNode, op: SimdOp, window: Window, context: BackwardContext): SimdOperationStep {
  const { name } = node.layer;
  const { batch, dY, arePoolGradientsAtInputSize } = context;
  const shape = arePoolGradientsAtInputSize ? node.inputShapes[0]! : node.outputShape;
  return simdStep(node, 'grad', op, simdSizes(shape, batch), {
    window,
    pool: poolInput(node),
    ownSizes: simdSizes(node.outputShape, batch),
    reads: { dY, ...(op === 'max-pool-grad' ? { index: `${name}.index` } : {}) },
    writes: { dX: `${name}.dX` },
  });
}

/** The backward operations of a node, before its input's gradients are summed. */
function backwardOperations(node: GraphNode, context: BackwardContext): Operation[] {
  const { layer } = node;
  const { batch, dY } = context;
  const X = outputTensor(node.producers[0], 'training');
  const dX = `${layer.name}.dX`;
  const free = { unit: 'free', name: `${layer.name}.grad`, reads: { dY }, writes: { dX } } as const;
  switch (layer.op) {
    case 'conv':
      return convBackward({ ...node, layer }, context);
    case 'gemm':
      return gemmBackward({ ...node, layer }, context);
    case 'batch-norm':
      return batchNormBackward(node, context);
    case 'relu':
      return [
        simdStep(node, 'grad', 'relu-grad', simdSizes(node.outputShape, batch), {
          reads: { X, dY },
          writes: { dX },
        }),
      ];
    case 'max-pool':
    case 'avg-pool': {
      const { KH, KW } = layer.dimensions;
      return [
        poolGradient(node, `${layer.op}-grad`, { kh: KH, kw: KW, stride: perDirection(layer.stride).h }, context),
      ];
    }
    case 'global-avg-pool': {
      const { IH, IW } = layer.dimensions;
      return [poolGradient(node, 'global-avg-pool-grad', { kh: IH, kw: IW, stride: 1 }, context)];
    }
    case 'tensor-add':
      // Both inputs receive dY as it is.
      return [];
    case 'flatten':
      return [{ ...free, op: 'reshape', shape: node.inputShapes[0]! }];
    case 'dropout':
      return [{ ...free, op: 'dropout' }];
    default:
      throw new InternalError(`${layer.op} has no backward operations, and was not refused`);
  }
}

const hasParameters = ({ layer: { op } }: GraphNode): boolean => op === 'conv' || op === 'gemm' || op === 'batch-norm';

/** The nodes whose output's gradient is needed: in `exact`, those with a parameter at or before them. */
function nodesWithGradient(graph: Graph, expansion: Expansion): ReadonlySet<GraphNode | undefined> {
  if (expansion === 'published') return new Set([...graph.nodes, undefined]);
  const needed = new Set<GraphNode | undefined>();
  for (const node of graph.nodes) {
    if (hasParameters(node) || node.producers.some((producer) => needed.has(producer))) needed.add(node);
  }
  return needed;
}

/** The nodes that no other reads: the loss is a function of their outputs. */
function outputsOf(graph: Graph): GraphNode[] {
  const isRead = new Set(graph.nodes.flatMap(({ producers }) => producers));
  return graph.nodes.filter((node) => !isRead.has(node));
}

/**
 * The backward pass. Where a tensor forks, the first gradient comes from its last consumer in program order; each of the
 * others is added to the sum so far, behind the backward operations of the consumer that it comes from.
 */
function backwardPass(graph: Graph, iteration: Iteration): Operation[] {
  const needed = nodesWithGradient(graph, iteration.expansion);
  const gradients = new Map<GraphNode, { tensor: string; terms: number }>();
  for (const node of outputsOf(graph)) gradients.set(node, { tensor: `${node.layer.name}.dY`, terms: 1 });
  const addTo = (node: GraphNode, term: string): Operation[] => {
    const { name } = node.layer;
    const sum = gradients.get(node);
    if (sum === undefined) {
      gradients.set(node, { tensor: term, terms: 1 });
      return [];
    }
    const terms = sum.terms + 1;
    const tensor = `${name}.dY${terms}`;
    gradients.set(node, { tensor, terms });
    const sizes = simdSizes(node.outputShape, iteration.batch);
    return [
      simdStep(node, 'grad-sum', 'tensor-add', sizes, { reads: { X1: sum.tensor, X2: term }, writes: { Y: tensor } }),
    ];
  };
  return [...graph.nodes].reverse().flatMap((node) => {
    if (!needed.has(node)) return [];
    const { tensor: dY } = gradients.get(node)!;
    const needsInputGradient = node.producers.some((producer) => needed.has(producer));
    const dX = node.layer.op === 'tensor-add' ? dY : `${node.layer.name}.dX`;
    const isSummed = (producer: GraphNode | undefined): producer is GraphNode =>
      producer !== undefined && needed.has(producer);
    return [
      ...backwardOperations(node, { ...iteration, dY, needsInputGradient }),
      ...node.producers.filter(isSummed).flatMap((producer) => addTo(producer, dX)),
    ];
  });
}

/** The loss reads the network's outputs and gives their gradients; it costs nothing. */
function lossOperation(graph: Graph): Operation {
  const names = outputsOf(graph).map(({ layer }) => layer.name);
  return {
    unit: 'free',
    name: 'loss',
    op: 'loss',
    reads: Object.fromEntries(names.map((name) => [name, name])),
    writes: Object.fromEntries(names.map((name) => [name, `${name}.dY`])),
  };
}

/** The operations of one training iteration on `batch` images. */
export function trainingProgram(graph: Graph, batch: number, expansion: Expansion): Program {
  refuseWhatCannotRun(graph);
  const arePoolGradientsAtInputSize =
    expansion === 'published' && PUBLISHED_POOL_GRADIENTS_AT_INPUT_SIZE.has(graph.name);
  return {
    name: graph.name,
    file: graph.file,
    ...(graph.words && { words: graph.words }),
    phase: 'training',
    batch,
    operations: [
      ...graph.nodes.flatMap((node) => forwardOperations(node, 'training', batch)),
      lossOperation(graph),
      ...backwardPass(graph, { batch, expansion, arePoolGradientsAtInputSize }),
    ],
  };
}
