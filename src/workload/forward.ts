/** Forward graph → the operations of one forward pass, in inference or as the first half of a training iteration. */
import type { SimdSizes } from '../layers/layer.ts';
import type { SimdOp } from '../operations/simdTable.ts';
import type { Graph, GraphNode, Shape } from './graph.ts';
import { NO_WINDOW, type Operation, type Program, type SimdOperationStep } from './program.ts';

/** SIMD sizes of a whole batch of images of `shape`. */
export function simdSizes(shape: Shape, batch: number): SimdSizes {
  return { c: shape.C, n: batch, h: shape.H, w: shape.W };
}

/** The forward operations of one node; batch norm is folded into its conv in inference (SEMANTICS). */
export function forwardOperations(node: GraphNode, phase: Program['phase'], batch: number): Operation[] {
  const { layer, source } = node;
  const { name } = layer;
  const simd = (op: SimdOp, more: Partial<SimdOperationStep> = {}): SimdOperationStep => ({
    unit: 'SIMD',
    name,
    op,
    sizes: simdSizes(node.outputShape, batch),
    window: NO_WINDOW,
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
    case 'gemm': {
      const { dimensions } = layer;
      const sizes =
        layer.op === 'conv'
          ? {
              oc: layer.dimensions.OC,
              ic: layer.dimensions.IC,
              kh: layer.dimensions.KH,
              kw: layer.dimensions.KW,
              n: batch,
              oh: layer.dimensions.OH,
              ow: layer.dimensions.OW,
            }
          : { oc: dimensions.OC, ic: dimensions.IC, kh: 1, kw: 1, n: batch * (layer.dimensions.M ?? 1), oh: 1, ow: 1 };
      return [
        {
          unit: 'SA',
          name,
          op: layer.op,
          sizes,
          stride: layer.op === 'conv' ? layer.stride : 1,
          overrides: { tile: layer.tile, loopOrder: layer.loopOrder, bits: layer.dataTypes },
          source,
        },
      ];
    }
    case 'batch-norm':
      if (phase === 'inference') return [];
      return [
        simd('bn-statistics', { name: `${name}.statistics` }),
        simd('bn-normalise', { name: `${name}.normalise` }),
      ];
    case 'relu':
    case 'tensor-add':
      return [simd(layer.op)];
    case 'max-pool':
    case 'avg-pool': {
      const { KH, KW } = layer.dimensions;
      return [simd(layer.op, { window: { kh: KH, kw: KW, stride: layer.stride } })];
    }
    case 'global-avg-pool': {
      const { IH, IW } = layer.dimensions;
      return [simd('global-avg-pool', { window: { kh: IH, kw: IW, stride: 1 } })];
    }
    case 'flatten':
      return [{ unit: 'free', name }];
    case 'dropout':
      // Identity in inference, where it does not even count as the next operation; free in training.
      return phase === 'inference' ? [] : [{ unit: 'free', name }];
  }
}

/** The operations of one inference of `batch` images. */
export function inferenceProgram(graph: Graph, batch: number): Program {
  return {
    name: graph.name,
    file: graph.file,
    phase: 'inference',
    batch,
    operations: graph.nodes.flatMap((node) => forwardOperations(node, 'inference', batch)),
  };
}
