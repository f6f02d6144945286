/** Tensors of the network that are trained by themselves and not as part of a layer. */
import type { LayerRule } from './simdRule.ts';
import { simdStep, updateOf } from './simdSteps.ts';

/** What such a tensor consists of: nothing forward; backward the sum of its gradient and its update. */
export const parameter: LayerRule<'parameter'> = {
  forward: () => [],
  // Summed up over the batch, then updated: lanes hold its elements.
  backward: (node, { batch, dY }) => {
    const { C, H, W } = node.outputShape;
    const sizes = { c: C * H * W, n: batch, h: 1, w: 1 };
    const { name } = node.layer;
    return [
      simdStep(node, 'grad', 'reduce-sum', sizes, { reads: { dY }, writes: { sum: `${name}.d` } }),
      simdStep(node, 'sgd', 'sgd-1d', { ...sizes, n: 1 }, updateOf(node, '')),
    ];
  },
};
