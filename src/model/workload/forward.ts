/** Forward graph → the operations of one forward pass, in inference or as the first half of a training iteration. */
import { type ArrayNode, forwardOnArray } from './arrayOperations.ts';
import { type Graph, type GraphNode, NETWORK_INPUT } from './graph.ts';
import type { Operation, Program } from './program.ts';
import { refuseWhatCannotRun } from './runnable.ts';
import { runsOnArray, simdForward } from './simdLayers.ts';
import { withUniqueNames } from './uniqueNames.ts';

/** What is known of a graph as a whole while its operations are listed. */
export interface Surroundings {
  readonly phase: Program['phase'];
  readonly batch: number;
  readonly isList: boolean;
  /** Batch norms that are part of the conv or gemm before them, and those convs and gemms. */
  readonly folded: ReadonlySet<GraphNode>;
  readonly takesShift: ReadonlySet<GraphNode>;
  /** Nodes that nothing reads but what takes its operands in any order. */
  readonly readInAnyOrder: ReadonlySet<GraphNode>;
  /** What consumers of a node that is passed by read in its stead; filled as it is asked for. */
  readonly readInstead: Map<GraphNode, GraphNode | undefined>;
}

/** Layers with weights, into which a batch norm behind them can be folded. */
const TAKES_NORM: ReadonlySet<string> = new Set(['conv', 'depthwise-conv', 'transposed-conv', 'gemm']);

/** Layers that only place data. */
const PLACES: ReadonlySet<string> = new Set(['flatten', 'reshape', 'dropout', 'concat', 'slice']);

/** What reads each node. */
function consumersOf(nodes: readonly GraphNode[]): Map<GraphNode, GraphNode[]> {
  const consumers = new Map<GraphNode, GraphNode[]>(nodes.map((node) => [node, []]));
  for (const node of nodes) for (const producer of node.producers) if (producer) consumers.get(producer)!.push(node);
  return consumers;
}

/** Looks at a graph as a whole. */
export function surroundingsOf({ nodes, isList }: Graph, phase: Program['phase'], batch: number): Surroundings {
  const consumers = consumersOf(nodes);
  const folded = new Set<GraphNode>();
  const takesShift = new Set<GraphNode>();
  const readInAnyOrder = new Set<GraphNode>();
  for (const node of nodes) {
    const [producer] = node.producers;
    if (phase === 'training' || node.layer.op !== 'batch-norm' || producer === undefined) continue;
    if (!TAKES_NORM.has(producer.layer.op) || consumers.get(producer)!.length > 1) continue;
    folded.add(node);
    takesShift.add(producer);
  }
  for (const node of [...nodes].reverse()) {
    const readers = consumers.get(node)!;
    const takesAny = (reader: GraphNode): boolean =>
      runsOnArray(reader.layer) || (PLACES.has(reader.layer.op) && readInAnyOrder.has(reader));
    if (readers.length > 0 && readers.every(takesAny)) readInAnyOrder.add(node);
  }
  return { phase, batch, isList, folded, takesShift, readInAnyOrder, readInstead: new Map() };
}

function isPassedBy(node: GraphNode, { phase, folded }: Surroundings): boolean {
  return folded.has(node) || (phase === 'inference' && node.layer.op === 'dropout');
}

/** The first node at or before this one that is not passed by; of thousands in a row each is looked at once. */
function notPassedBy(node: GraphNode | undefined, around: Surroundings): GraphNode | undefined {
  const { readInstead } = around;
  let source = node;
  while (source !== undefined && isPassedBy(source, around)) {
    source = readInstead.has(source) ? readInstead.get(source) : source.producers[0];
  }
  if (node !== undefined && node !== source) readInstead.set(node, source);
  return source;
}

/** The tensor that a node's consumers read; in inference a batch norm is part of its conv, and dropout does nothing. */
export function outputTensor(node: GraphNode | undefined, around: Surroundings): string {
  const source = notPassedBy(node, around);
  return source === undefined ? NETWORK_INPUT : source.layer.name;
}

/** The tensors that a node reads; the layers of a list read tensors of their own. */
export function inputTensors(node: GraphNode, around: Surroundings): string[] {
  if (around.isList) return node.inputShapes.map((_, place) => `${node.layer.name}.input${place + 1}`);
  return node.producers.map((producer) => outputTensor(producer, around));
}

/** The forward operations of one node; none of what is folded into another. */
export function forwardOperations(node: GraphNode, around: Surroundings): Operation[] {
  const { phase, batch, folded, takesShift, readInAnyOrder } = around;
  if (folded.has(node)) return [];
  const inputs = inputTensors(node, around);
  const hasShift = takesShift.has(node);
  if (runsOnArray(node.layer)) {
    return [forwardOnArray(node as ArrayNode, inputs as unknown as [string, string?], batch, hasShift)];
  }
  return simdForward(node, { phase, batch, inputs, hasShift, isReadInAnyOrder: readInAnyOrder.has(node) });
}

/** The operations of one inference of `batch` images. */
export function inferenceProgram(graph: Graph, batch: number): Program {
  refuseWhatCannotRun(graph, 'inference');
  const around = surroundingsOf(graph, 'inference', batch);
  return {
    name: graph.name,
    file: graph.file,
    ...(graph.words && { words: graph.words }),
    phase: 'inference',
    batch,
    isList: graph.isList,
    operations: withUniqueNames(graph.nodes.flatMap((node) => forwardOperations(node, around))),
  };
}
