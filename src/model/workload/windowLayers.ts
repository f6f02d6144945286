/** Layers with a window that are no convolution: pools, normalisation over neighbouring channels, resampling. */
import { inBoth, UNIT_SLIDING } from '../layers/layer.ts';
import type { SimdOp } from '../operations/simdTable.ts';
import type { GraphNode } from './graph.ts';
import type { SimdOperationStep } from './program.ts';
import { forwardStep, type GradientContext, gradientStep, type LayerRule, type SimdRules } from './simdRule.ts';
import { blockWindow, poolInput, poolWindow, simdSizes } from './simdSteps.ts';

/** The gradient of a pool: h and w are dY's, the window that of the forward pass. */
function poolGradient(node: GraphNode, op: SimdOp, context: GradientContext): SimdOperationStep {
  const { batch, dY, arePoolGradientsAtInputSize } = context;
  const shape = arePoolGradientsAtInputSize ? node.inputShapes[0]! : node.outputShape;
  return gradientStep(node, op, context, {
    sizes: simdSizes(shape, batch),
    window: poolWindow(node),
    pool: poolInput(node),
    ownSizes: simdSizes(node.outputShape, batch),
    reads: { dY, ...(op === 'max-pool-grad' ? { index: `${node.layer.name}.index` } : {}) },
  });
}

const averagePool = <O extends 'avg-pool' | 'global-avg-pool'>(op: O): LayerRule<O> => ({
  forward: (node, context) => [forwardStep(node, op, context, { window: poolWindow(node), pool: poolInput(node) })],
  backward: (node, context) => [poolGradient(node, `${op}-grad`, context)],
});

/** What layers with a window consist of, forward and, but for lrn and roi-align, backward. */
export const WINDOW_LAYERS = {
  'max-pool': {
    forward: (node, context) => {
      // The published model charges nothing for the index of each maximum, though its gradient loads it.
      const { name } = node.layer;
      const writes = context.phase === 'training' ? { Y: name, index: `${name}.index` } : { Y: name };
      return [forwardStep(node, 'max-pool', context, { window: poolWindow(node), pool: poolInput(node), writes })];
    },
    backward: (node, context) => [poolGradient(node, 'max-pool-grad', context)],
  },
  'avg-pool': averagePool('avg-pool'),
  'global-avg-pool': averagePool('global-avg-pool'),
  lrn: {
    // Lanes hold positions; rows are channels, a line of which is under the window.
    forward: (node, context) => {
      const { C, H, W } = node.outputShape;
      const { size } = node.layer;
      const before = Math.floor(size / 2);
      return [
        forwardStep(node, 'lrn', context, {
          sizes: { c: context.batch * H * W, n: 1, h: C, w: 1 },
          window: { kh: size, kw: 1, ...UNIT_SLIDING },
          pool: {
            h: C,
            w: 1,
            padding: { h: before, w: 0 },
            after: { h: size - 1 - before, w: 0 },
            countsPadding: true,
          },
        }),
      ];
    },
  },
  upsample: {
    // h and w are the input's, each of whose elements becomes a block of outputs.
    forward: (node, context) => [
      forwardStep(node, `upsample-${node.layer.mode}`, context, {
        sizes: simdSizes(node.inputShapes[0]!, context.batch),
        window: blockWindow(node),
      }),
    ],
    backward: (node, context) => [
      gradientStep(node, `upsample-${node.layer.mode}-grad`, context, {
        sizes: simdSizes(node.inputShapes[0]!, context.batch),
        window: blockWindow(node),
      }),
    ],
  },
  'roi-align': {
    // Regions are images of their own; each output averages samples, each of four neighbours.
    forward: (node, context) => {
      const { R, OH, OW, C } = node.layer.dimensions;
      const side = 2 * node.layer.samplingRatio;
      return [
        forwardStep(node, 'roi-align', context, {
          sizes: { c: C, n: context.batch * R, h: OH, w: OW },
          window: { kh: side, kw: side, stride: inBoth(side), dilation: inBoth(1) },
        }),
      ];
    },
  },
} as const satisfies SimdRules;
