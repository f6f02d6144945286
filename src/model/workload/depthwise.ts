/** Where depthwise convolutions run. */
import type { Layer } from '../layers/layer.ts';
import type { Graph, GraphNode } from './graph.ts';

/** The arrays that a depthwise conv can run on. */
export const DEPTHWISE_UNITS = ['SIMD', 'SA'] as const satisfies readonly Layer['unit'][];
export type DepthwiseUnit = (typeof DEPTHWISE_UNITS)[number];

/** Where a layer runs as its file says; undefined for what is no depthwise conv. */
export function depthwiseUnitOf({ layer }: GraphNode): DepthwiseUnit | undefined {
  return layer.op === 'depthwise-conv' ? (layer.unit ?? 'SIMD') : undefined;
}

/**
 * A graph whose depthwise convolutions run on the array that `unitOf` names for each; a tile that the file gives for the
 * other array is left to the generator.
 */
export function withDepthwiseOn(graph: Graph, unitOf: (node: GraphNode) => DepthwiseUnit): Graph {
  const placed = new Map<GraphNode, GraphNode>();
  for (const node of graph.nodes) {
    const producers = node.producers.map((producer) => producer && placed.get(producer));
    placed.set(node, { ...node, producers, layer: layerOn(node, unitOf) });
  }
  return { ...graph, nodes: [...placed.values()] };
}

function layerOn(node: GraphNode, unitOf: (node: GraphNode) => DepthwiseUnit): GraphNode['layer'] {
  const { layer } = node;
  if (layer.op !== 'depthwise-conv') return layer;
  const unit = unitOf(node);
  if (unit === depthwiseUnitOf(node)) return layer;
  const { tile: _, dataTypes: __, ...rest } = layer;
  return { ...rest, unit };
}
