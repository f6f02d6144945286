/**
 * Forward graph → one training iteration: the forward pass, the free loss, and the backward pass in reverse program
 * order with its parameter updates (table I, figure 8, table V, MODEL section 5).
 */
import { NO_WINDOW, type SimdSizes } from '../layers/layer.ts';
import { roundUpTo } from '../layers/rounding.ts';
import type { SimdOp } from '../operations/simdTable.ts';
import { InternalError } from '../schemas/inputError.ts';
import { firstFactorGradient, inputGradient, secondFactorGradient, weightGradient } from './arrayOperations.ts';
import { type AnyConvNode, convolutionOf } from './convolutions.ts';
import type { Expansion } from './expansion.ts';
import { forwardOperations, outputTensor, poolInput, poolWindow, simdSizes } from './forward.ts';
import type { GemmNode, Graph, GraphNode } from './graph.ts';
import type { Operation, Program, SimdOperationStep, Tensors } from './program.ts';
import { refuseWhatCannotRun } from './runnable.ts';
import { withUniqueNames } from './uniqueNames.ts';

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
  /** What the node's forward pass has read. */
  readonly inputs: readonly [string, string?];
  /** Of which of them the gradient is needed. */
  readonly needs: readonly boolean[];
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
  const { dimensions, groups = 1, bias } = node.layer;
  const { OC, IC } = dimensions;
  const channels = context.expansion === 'published' ? roundUpTo(OC, PUBLISHED_CHANNEL_MULTIPLE) : OC;
  const sizes = { c: OC, n: IC / groups, h: 1, w: 1 };
  return [
    ...(context.needs[0] ? inputGradient(node, context) : []),
    ...weightGradient(node, context),
    simdStep(node, 'sgd', 'sgd-2d', { ...sizes, c: channels }, { ...updateOf(node, 'W'), ownSizes: sizes }),
    ...(bias ? biasOperations(node, channels, context) : []),
  ];
}

function convBackward(node: AnyConvNode, context: BackwardContext): Operation[] {
  const { groups, input, output, kernel } = convolutionOf(node, context.batch);
  const inputs = input.C / groups;
  const channels = context.expansion === 'published' ? roundUpTo(inputs, PUBLISHED_CHANNEL_MULTIPLE) : inputs;
  const sizes = { c: inputs, n: output.C, h: kernel.h, w: kernel.w };
  return [
    ...(context.needs[0] ? inputGradient(node, context) : []),
    ...weightGradient(node, context),
    simdStep(node, 'sgd', 'sgd-4d', { ...sizes, c: channels }, { ...updateOf(node, 'W'), ownSizes: sizes }),
    ...(node.layer.bias ? biasOperations(node, node.outputShape.C, context) : []),
  ];
}

/** Part 1 and part 2 of algorithm 1 in one step of four outputs, then the updates. */
function batchNormBackward(node: GraphNode, { batch, dY, inputs }: BackwardContext): Operation[] {
  const { name } = node.layer;
  const { C } = node.outputShape;
  const [X] = inputs;
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
function poolGradient(node: GraphNode, op: SimdOp, context: BackwardContext): SimdOperationStep {
  const { name } = node.layer;
  const { batch, dY, arePoolGradientsAtInputSize } = context;
  const shape = arePoolGradientsAtInputSize ? node.inputShapes[0]! : node.outputShape;
  return simdStep(node, 'grad', op, simdSizes(shape, batch), {
    window: poolWindow(node),
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
  const [X] = context.inputs;
  const dX = `${layer.name}.dX`;
  const free = { unit: 'free', name: `${layer.name}.grad`, reads: { dY }, writes: { dX } } as const;
  switch (layer.op) {
    case 'conv':
    case 'depthwise-conv':
    case 'transposed-conv':
      return convBackward({ ...node, layer }, context);
    case 'matmul':
      return [
        ...(context.needs[0] ? firstFactorGradient({ ...node, layer }, context) : []),
        ...(context.needs[1] ? secondFactorGradient({ ...node, layer }, context) : []),
      ];
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
    case 'avg-pool':
    case 'global-avg-pool':
      return [poolGradient(node, `${layer.op}-grad`, context)];
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

const WITH_PARAMETERS: ReadonlySet<string> = new Set([
  'conv',
  'depthwise-conv',
  'transposed-conv',
  'gemm',
  'batch-norm',
] satisfies GraphNode['layer']['op'][]);

const hasParameters = ({ layer: { op } }: GraphNode): boolean => WITH_PARAMETERS.has(op);

/** The tensors that hold the gradients of what a node reads, one for each input. */
function inputGradientsOf({ layer, producers }: GraphNode, dY: string): string[] {
  switch (layer.op) {
    case 'tensor-add':
      return producers.map(() => dY);
    case 'matmul':
      return [`${layer.name}.dX1`, `${layer.name}.dX2`];
    default:
      return [`${layer.name}.dX`];
  }
}

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
    const inputs = node.producers.map((producer) => outputTensor(producer, 'training')) as [string, string?];
    const needs = node.producers.map((producer) => needed.has(producer));
    const terms = inputGradientsOf(node, dY);
    return [
      ...backwardOperations(node, { ...iteration, dY, inputs, needs }),
      ...node.producers.flatMap((producer, place) =>
        producer !== undefined && needs[place] ? addTo(producer, terms[place]!) : [],
      ),
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
    operations: withUniqueNames([
      ...graph.nodes.flatMap((node) => forwardOperations(node, 'training', batch)),
      lossOperation(graph),
      ...backwardPass(graph, { batch, expansion, arePoolGradientsAtInputSize }),
    ]),
  };
}
