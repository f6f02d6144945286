/** Faults in the graph and in the training iteration that is derived from it. */
import type { Fault } from './fault.ts';

const TRAINING = ['workload/trainingIsRight.test.ts'];
const TRAINED = ['analytical/goldenTraining.test.ts'];

export const workloadFaults: readonly Fault[] = [
  {
    fault: "a pool's padding is held against the longer side of its window",
    file: 'workload/shapes.ts',
    where: 'checkPoolPadding',
    text: 'if (Math.max(top, bottom) < KH && Math.max(left, right) < KW) return;',
    becomes: 'if (Math.max(top, bottom, left, right) < Math.max(KH, KW)) return;',
    tests: ['workload/graph.test.ts'],
  },
  {
    fault: 'a window slides over the padding of one side',
    file: 'workload/window.ts',
    where: 'outputsAlong',
    text: 'const free = extent + before + after - windowSpan(window);',
    becomes: 'const free = extent + before - windowSpan(window);',
    tests: ['workload/graph.test.ts'],
  },
  {
    fault: 'the input gradient computes the forward padding too',
    file: 'workload/arrayGradients.ts',
    where: 'convInputGradient',
    text: 'const unneeded = isFirst ? 0 : padding;',
    becomes: 'const unneeded = 0;',
    tests: TRAINING,
  },
  {
    fault: 'the weight gradient takes dY as it is where the conv has a stride',
    file: 'workload/arrayGradients.ts',
    where: 'convWeightGradient',
    text: 'stride * (outputs - 1) + 1;',
    becomes: 'outputs;',
    tests: TRAINING,
  },
  {
    fault: 'the published weight gradient has the size of the kernel',
    file: 'workload/arrayGradients.ts',
    where: 'convWeightGradient',
    text: "const isExact = expansion === 'exact' || node.producers[0] === undefined;",
    becomes: 'const isExact = true;',
    tests: TRAINED,
  },
  {
    fault: 'a gemm gradient sums one row of each image',
    file: 'workload/arrayGradients.ts',
    where: 'gemmWeightGradient',
    text: 'sizes: { oc: OC, ic: batch * M, n: IC, ...ONE }',
    becomes: 'sizes: { oc: OC, ic: batch, n: IC, ...ONE }',
    tests: TRAINING,
  },
  {
    fault: 'the published runs round channels up to 16',
    file: 'workload/training.ts',
    where: 'PUBLISHED_CHANNEL_MULTIPLE',
    text: 'const PUBLISHED_CHANNEL_MULTIPLE = 32;',
    becomes: 'const PUBLISHED_CHANNEL_MULTIPLE = 16;',
    tests: TRAINED,
  },
  {
    fault: 'beta is not updated',
    file: 'workload/training.ts',
    where: 'batchNormBackward',
    text: "    vectorUpdate(node, 'beta', C),\n",
    becomes: '',
    tests: TRAINING,
  },
  {
    fault: 'the gradient of a fork is that of its last consumer',
    file: 'workload/training.ts',
    where: 'backwardPass',
    text: '{ reads: { X1: sum.tensor, X2: term }, writes: { Y: tensor } }',
    becomes: '{ reads: { X1: term, X2: term }, writes: { Y: tensor } }',
    tests: TRAINING,
  },
  {
    fault: 'a gradient is needed of what has no parameter before it',
    file: 'workload/training.ts',
    where: 'nodesWithGradient',
    text: 'if (hasParameters(node) || node.producers.some(',
    becomes: 'if (node.layer.op !== undefined || node.producers.some(',
    tests: TRAINING,
  },
  {
    fault: 'a bias gradient sums over the batch alone',
    file: 'workload/training.ts',
    where: 'biasOperations',
    text: 'const sizes = { ...ownSizes, c: channels };',
    becomes: 'const sizes = { ...ownSizes, c: channels, h: 1, w: 1 };',
    tests: TRAINING,
  },
];
