/**
 * Forward graph → one training iteration: the forward pass, the free loss, and the backward pass in reverse program
 * order with its parameter updates (table I, figure 8, table V, MODEL.md §5).
 */
import { roundUpTo } from '../layers/rounding.ts';
import { firstFactorGradient, inputGradient, secondFactorGradient, weightGradient } from './arrayOperations.ts';
import { biasGradient } from './biasGradient.ts';
import { type AnyConvNode, convolutionOf } from './convolutions.ts';
import type { Expansion } from './expansion.ts';
import { forwardOperations, inputTensors, type Surroundings, surroundingsOf } from './forward.ts';
import type { GemmNode, Graph, GraphNode } from './graph.ts';
import type { Operation, Program } from './program.ts';
import { refuseWhatCannotRun } from './runnable.ts';
import { inputGradientsOf, runsOnArray, simdBackward } from './simdLayers.ts';
import { simdSizes, simdStep, updateOf } from './simdSteps.ts';
import { splitsOf } from './splits.ts';
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
  readonly isReadInAnyOrder: boolean;
  /** Of which of them the gradient is needed. */
  readonly needs: readonly boolean[];
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
    ...(bias ? biasGradient(node, channels, context.batch, context.dY) : []),
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
    ...(node.layer.bias ? biasGradient(node, node.outputShape.C, context.batch, context.dY) : []),
  ];
}

/** The backward operations of a node, before its input's gradients are summed. */
function backwardOperations(node: GraphNode, context: BackwardContext): Operation[] {
  const { layer } = node;
  if (!runsOnArray(layer)) return simdBackward(node, { ...context, inputs: context.inputs as readonly string[] });
  switch (layer.op) {
    case 'gemm':
      return gemmBackward({ ...node, layer }, context);
    case 'matmul':
      return [
        ...(context.needs[0] ? firstFactorGradient({ ...node, layer }, context) : []),
        ...(context.needs[1] ? secondFactorGradient({ ...node, layer }, context) : []),
      ];
    default:
      return convBackward(node as AnyConvNode, context);
  }
}

const WITH_PARAMETERS: ReadonlySet<string> = new Set([
  'conv',
  'depthwise-conv',
  'transposed-conv',
  'gemm',
  'batch-norm',
  'layer-norm',
  'prelu',
  'parameter',
] satisfies GraphNode['layer']['op'][]);

const hasParameters = ({ layer: { op } }: GraphNode): boolean => WITH_PARAMETERS.has(op);

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
function backwardPass(graph: Graph, iteration: Iteration, around: Surroundings): Operation[] {
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
  const splits = splitsOf(graph.nodes);
  /** The gradient of a tensor that is cut into pieces, where theirs are side by side. */
  const joined = (node: GraphNode): Operation[] => {
    const split = splits.get(node);
    if (split === undefined) return [];
    const { name } = node.layer;
    const reads = split.pieces.map((piece, place) => [`X${place + 1}`, gradients.get(piece)!.tensor] as const);
    const tensor = `${name}.dY`;
    gradients.set(node, { tensor, terms: 1 });
    return [
      {
        ...{ unit: 'free', name: `${name}.grad-join`, op: 'concat', axis: split.axis },
        ...{ reads: Object.fromEntries(reads), writes: { Y: tensor } },
      },
    ];
  };
  return [...graph.nodes].reverse().flatMap((node) => {
    if (!needed.has(node)) return [];
    const [source] = node.producers;
    if (source !== undefined && splits.get(source)?.pieces.includes(node)) return [];
    const join = joined(node);
    const { tensor: dY } = gradients.get(node)!;
    const inputs = inputTensors(node, around) as unknown as [string, string?];
    const [producer] = node.producers;
    const isReadInAnyOrder = producer !== undefined && runsOnArray(producer.layer);
    const needs = node.producers.map((producer) => needed.has(producer));
    const terms = inputGradientsOf(node, dY);
    return [
      ...join,
      ...backwardOperations(node, { ...iteration, dY, inputs, needs, isReadInAnyOrder }),
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

/**
 * The backward pass of a list: its layers do not feed each other, so each gives the gradients of what it reads and of its
 * weights, and nothing else.
 */
function gradientsOfList(graph: Graph, iteration: Iteration, around: Surroundings): Operation[] {
  return [...graph.nodes].reverse().flatMap((node) => {
    if (!runsOnArray(node.layer)) return [];
    const dY = `${node.layer.name}.dY`;
    const inputs = inputTensors(node, around) as unknown as [string, string?];
    const context = { ...iteration, dY, inputs, needs: inputs.map(() => true), isReadInAnyOrder: true };
    if (node.layer.op === 'matmul') return backwardOperations(node, context);
    const source = node as AnyConvNode | GemmNode;
    return [...inputGradient(source, context), ...weightGradient(source, context)];
  });
}

/** The operations of one training iteration on `batch` images. */
export function trainingProgram(graph: Graph, batch: number, expansion: Expansion): Program {
  refuseWhatCannotRun(graph, 'training');
  const arePoolGradientsAtInputSize =
    expansion === 'published' && PUBLISHED_POOL_GRADIENTS_AT_INPUT_SIZE.has(graph.name);
  const around = surroundingsOf(graph, 'training', batch);
  const iteration = { batch, expansion, arePoolGradientsAtInputSize };
  return {
    name: graph.name,
    file: graph.file,
    ...(graph.words && { words: graph.words }),
    phase: 'training',
    batch,
    isList: graph.isList,
    operations: withUniqueNames([
      ...graph.nodes.flatMap((node) => forwardOperations(node, around)),
      ...(graph.isList
        ? gradientsOfList(graph, iteration, around)
        : [lossOperation(graph), ...backwardPass(graph, iteration, around)]),
    ]),
  };
}
