/** Tensors that are cut into pieces, each of which goes its own way: their gradients are the pieces' side by side. */
import { AXES, type Axis } from '../schemas/axes.ts';
import type { WorkloadLayer } from '../schemas/workload.ts';
import type { GraphNode } from './graph.ts';

/** The pieces of a tensor in order along an axis. */
export interface Split {
  readonly axis: Axis;
  readonly pieces: readonly GraphNode[];
}

type Slice = Extract<WorkloadLayer, { op: 'slice' }>;

/** The nodes that nothing reads but slices which, side by side, are all of them. */
export function splitsOf(nodes: readonly GraphNode[]): ReadonlyMap<GraphNode, Split> {
  const readers = new Map<GraphNode, GraphNode[]>(nodes.map((node) => [node, []]));
  for (const node of nodes) for (const producer of node.producers) if (producer) readers.get(producer)!.push(node);
  const splits = new Map<GraphNode, Split>();
  for (const [node, pieces] of readers) {
    if (pieces.length < 2 || pieces.some(({ layer }) => layer.op !== 'slice')) continue;
    const axis = AXES.find((each) => coverAlong(node, pieces, each));
    if (axis === undefined) continue;
    splits.set(node, { axis, pieces: [...pieces].sort((a, b) => startOf(a, axis) - startOf(b, axis)) });
  }
  return splits;
}

const startOf = ({ layer }: GraphNode, axis: Axis): number => (layer as Slice).start?.[axis] ?? 0;

/** Whether slices begin where others end along an axis, from its first element to its last, and are whole elsewhere. */
function coverAlong({ outputShape }: GraphNode, pieces: readonly GraphNode[], axis: Axis): boolean {
  const isWhole = (piece: GraphNode): boolean =>
    AXES.every((each) => each === axis || piece.outputShape[each] === outputShape[each]) &&
    AXES.every((each) => ((piece.layer as Slice).step?.[each] ?? 1) === 1);
  let end = 0;
  for (const piece of [...pieces].sort((a, b) => startOf(a, axis) - startOf(b, axis))) {
    if (!isWhole(piece) || startOf(piece, axis) !== end) return false;
    end += piece.outputShape[axis];
  }
  return end === outputShape[axis];
}
