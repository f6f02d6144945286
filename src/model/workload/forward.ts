/** Forward graph → the operations of one forward pass, in inference or as the first half of a training iteration. */
import { NO_WINDOW, type SimdSizes, type Window } from '../layers/layer.ts';
import type { SimdOp } from '../operations/simdTable.ts';
import { InternalError } from '../schemas/inputError.ts';
import { type ArrayNode, forwardOnArray } from './arrayOperations.ts';
import { type Graph, type GraphNode, NETWORK_INPUT, type Shape } from './graph.ts';
import { NO_PADDING, type Operation, type PoolInput, type Program, type SimdOperationStep } from './program.ts';
import { refuseWhatCannotRun } from './runnable.ts';
import { withUniqueNames } from './uniqueNames.ts';
import { sidesOf, windowsOf } from './window.ts';

/** SIMD sizes of a whole batch of images of `shape`. */
export function simdSizes(shape: Shape, batch: number): SimdSizes {
  return { c: shape.C, n: batch, h: shape.H, w: shape.W };
}

const isPassedBy = ({ layer: { op } }: GraphNode): boolean => op === 'batch-norm' || op === 'dropout';

/** What consumers of a node that is passed by read in its stead. */
const readInstead = new WeakMap<GraphNode, GraphNode | undefined>();

/** The first node at or before this one that is not passed by; of thousands in a row each is looked at once. */
function notPassedBy(node: GraphNode | undefined): GraphNode | undefined {
  let source = node;
  while (source !== undefined && isPassedBy(source)) {
    source = readInstead.has(source) ? readInstead.get(source) : source.producers[0];
  }
  if (node !== undefined && node !== source) readInstead.set(node, source);
  return source;
}

/** The tensor that a node's consumers read; in inference a batch norm is part of its conv, and dropout does nothing. */
export function outputTensor(node: GraphNode | undefined, phase: Program['phase']): string {
  const source = phase === 'inference' ? notPassedBy(node) : node;
  return source === undefined ? NETWORK_INPUT : source.layer.name;
}

/** What the window of a pool slides over. */
export function poolInput(node: GraphNode): PoolInput {
  const { H, W } = node.inputShapes[0]!;
  if (!('padding' in node.layer)) return { h: H, w: W, padding: NO_PADDING, after: NO_PADDING, countsPadding: true };
  const { top, left, bottom, right } = sidesOf(node.layer.padding);
  const countsPadding = !('countIncludePad' in node.layer) || node.layer.countIncludePad !== false;
  return { h: H, w: W, padding: { h: top, w: left }, after: { h: bottom, w: right }, countsPadding };
}

/** The window of a pool; a global one's is its whole input. */
export function poolWindow({ layer, inputShapes }: GraphNode): Window {
  if (!('stride' in layer)) return { ...NO_WINDOW, kh: inputShapes[0]!.H, kw: inputShapes[0]!.W };
  const { h, w } = windowsOf(layer);
  return {
    kh: h.kernel,
    kw: w.kernel,
    stride: { h: h.stride, w: w.stride },
    dilation: { h: h.dilation, w: w.dilation },
  };
}

/**
 * The forward operations of one node; batch norm is folded into its conv in inference (SEMANTICS). `hasShift`: one is
 * folded into this node, whose shift is a bias then.
 */
export function forwardOperations(
  node: GraphNode,
  phase: Program['phase'],
  batch: number,
  hasShift = false,
): Operation[] {
  const { layer, source } = node;
  const { name } = layer;
  const inputs = node.producers.map((producer) => outputTensor(producer, phase)) as [string, string?];
  const [X, X2] = inputs;
  const simd = (op: SimdOp, more: Partial<SimdOperationStep> = {}): SimdOperationStep => ({
    unit: 'SIMD',
    name,
    op,
    sizes: simdSizes(node.outputShape, batch),
    window: NO_WINDOW,
    reads: { X },
    writes: { Y: name },
    ...('tile' in layer || 'dataTypes' in layer
      ? {
          overrides: {
            tile: 'tile' in layer ? (layer.tile as SimdSizes | undefined) : undefined,
            bits: 'dataTypes' in layer ? (layer.dataTypes as { input?: number; output?: number }) : undefined,
          },
        }
      : {}),
    source,
    ...more,
  });
  switch (layer.op) {
    case 'conv':
    case 'depthwise-conv':
    case 'transposed-conv':
    case 'gemm':
    case 'matmul':
      return [forwardOnArray({ ...node, layer } as ArrayNode, inputs, batch, hasShift)];
    case 'batch-norm': {
      if (phase === 'inference') return [];
      const statistics = { mean: `${name}.mean`, invStd: `${name}.invStd` };
      return [
        simd('bn-statistics', { name: `${name}.statistics`, writes: statistics }),
        simd('bn-normalise', {
          name: `${name}.normalise`,
          reads: { X, ...statistics, gamma: `${name}.gamma`, beta: `${name}.beta` },
        }),
      ];
    }
    case 'relu':
      return [simd('relu')];
    case 'tensor-add':
      return [simd('tensor-add', { reads: { X1: X, X2: X2! } })];
    case 'max-pool':
    case 'avg-pool': {
      // The published model charges nothing for the index of each maximum, though its gradient loads it.
      const writes =
        layer.op === 'max-pool' && phase === 'training' ? { Y: name, index: `${name}.index` } : { Y: name };
      return [
        simd(layer.op, {
          window: poolWindow(node),
          pool: poolInput(node),
          writes,
        }),
      ];
    }
    case 'global-avg-pool':
      return [simd('global-avg-pool', { window: poolWindow(node), pool: poolInput(node) })];
    case 'flatten':
      return [{ unit: 'free', name, op: 'reshape', shape: node.outputShape, reads: { X }, writes: { Y: name } }];
    case 'dropout':
      // Identity in inference, where it does not even count as the next operation; free in training.
      return phase === 'inference' ? [] : [{ unit: 'free', name, op: 'dropout', reads: { X }, writes: { Y: name } }];
    default:
      throw new InternalError(`${layer.op} has no forward operations, and was not refused`);
  }
}

/** The operations of one inference of `batch` images. */
export function inferenceProgram(graph: Graph, batch: number): Program {
  refuseWhatCannotRun(graph);
  const normed = new Set(graph.nodes.flatMap(({ layer, producers }) => (layer.op === 'batch-norm' ? producers : [])));
  return {
    name: graph.name,
    file: graph.file,
    ...(graph.words && { words: graph.words }),
    phase: 'inference',
    batch,
    operations: withUniqueNames(
      graph.nodes.flatMap((node) => forwardOperations(node, 'inference', batch, normed.has(node))),
    ),
  };
}
