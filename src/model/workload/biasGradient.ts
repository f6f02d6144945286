/** The gradient of a bias and its update. */
import type { GraphNode } from './graph.ts';
import type { Operation } from './program.ts';
import { simdSizes, simdStep, vectorUpdate } from './simdSteps.ts';

/** dY summed over batch, height and width per channel, then the update of the bias; `channels` as the runs list them. */
export function biasGradient(node: GraphNode, channels: number, batch: number, dY: string): Operation[] {
  const ownSizes = simdSizes(node.outputShape, batch);
  const sizes = { ...ownSizes, c: channels };
  const tensors = { reads: { dY }, writes: { sum: `${node.layer.name}.dbias` }, ownSizes };
  const update = vectorUpdate(node, 'bias', channels, ownSizes.c);
  return [simdStep(node, 'bias-grad', 'reduce-sum', sizes, tensors), update];
}
