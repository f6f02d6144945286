/** What a network has and what it is worth, from its layers alone: trained parameters and useful MACs. */
import type { WorkloadLayer } from '../schemas/workload.ts';
import type { Graph, GraphNode } from './graph.ts';

/** Trained numbers of a layer: weights, biases, scales and shifts. A norm's running statistics are none. */
export function parametersOf(layer: WorkloadLayer): number {
  switch (layer.op) {
    case 'conv':
    case 'transposed-conv': {
      const { OC, IC, KH, KW } = layer.dimensions;
      return (OC * IC * KH * KW) / (layer.groups ?? 1) + (layer.bias ? OC : 0);
    }
    case 'depthwise-conv': {
      const { C, KH, KW } = layer.dimensions;
      return C * KH * KW + (layer.bias ? C : 0);
    }
    case 'gemm': {
      const { OC, IC } = layer.dimensions;
      return (OC * IC) / (layer.groups ?? 1) + (layer.bias ? OC : 0);
    }
    case 'batch-norm':
      return 2 * layer.dimensions.C;
    case 'layer-norm':
      return (layer.isAffine ?? true) ? 2 * layer.dimensions.C : 0;
    case 'prelu':
      return layer.isShared ? 1 : layer.dimensions.C;
    case 'parameter': {
      const { C, H, W } = layer.dimensions;
      return C * H * W;
    }
    default:
      return 0;
  }
}

/**
 * Useful MACs of one image, as torch counts them: OH·OW·KH·KW·(IC/G)·OC, border taps included. A transposed conv
 * multiplies each of its inputs with the whole kernel; the zeros between them are none. A product of two activations
 * counts like a gemm. 0 for everything else.
 */
export function usefulMacsOf({ layer, inputShapes }: GraphNode): number {
  switch (layer.op) {
    case 'conv': {
      const { OC, IC, KH, KW, OH, OW } = layer.dimensions;
      return (OH * OW * KH * KW * IC * OC) / (layer.groups ?? 1);
    }
    case 'depthwise-conv': {
      const { C, KH, KW, OH, OW } = layer.dimensions;
      return OH * OW * KH * KW * C;
    }
    case 'transposed-conv': {
      const { OC, IC, KH, KW } = layer.dimensions;
      const { H, W } = inputShapes[0]!;
      return (H * W * KH * KW * IC * OC) / (layer.groups ?? 1);
    }
    case 'gemm': {
      const { OC, IC, M = 1 } = layer.dimensions;
      return (M * IC * OC) / (layer.groups ?? 1);
    }
    case 'matmul': {
      const { G, M, IC, OC } = layer.dimensions;
      return G * M * IC * OC;
    }
    default:
      return 0;
  }
}

/** Trained numbers of a network. */
export function parametersOfGraph({ nodes }: Graph): number {
  return nodes.reduce((sum, { layer }) => sum + parametersOf(layer), 0);
}

/** Useful MACs of one image. */
export function usefulMacsOfGraph({ nodes }: Graph): number {
  return nodes.reduce((sum, node) => sum + usefulMacsOf(node), 0);
}
