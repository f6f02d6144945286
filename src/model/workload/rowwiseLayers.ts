/** Reductions over the channels of each position: lanes hold positions, and each lane steps over its own channels. */
import type { SimdOp } from '../operations/simdTable.ts';
import { forwardStep, gradientName, gradientStep, type SimdRules } from './simdRule.ts';
import { rowSizes, simdSizes, simdStep, vectorUpdate } from './simdSteps.ts';

/** What reductions over the channels of each position consist of, forward and backward. */
export const ROWWISE_LAYERS = {
  'layer-norm': {
    forward: (node, context) => {
      const { name, isAffine = true } = node.layer;
      const isTraining = context.phase === 'training';
      const op = `layer-norm${isAffine ? '' : '-plain'}${isTraining ? '-training' : ''}` as SimdOp;
      return [
        forwardStep(node, op, context, {
          sizes: rowSizes(node.outputShape, context.batch),
          rows: { groups: 1 },
          reads: { X: context.inputs[0]!, ...(isAffine && { gamma: `${name}.gamma`, beta: `${name}.beta` }) },
          writes: { Y: name, ...(isTraining && { mean: `${name}.mean`, invStd: `${name}.invStd` }) },
        }),
      ];
    },
    backward: (node, context) => {
      const { name, isAffine = true } = node.layer;
      const { batch, dY, inputs } = context;
      const sizes = rowSizes(node.outputShape, batch);
      const statistics = { mean: `${name}.mean`, invStd: `${name}.invStd` };
      const Xhat = `${name}.Xhat`;
      const grad = gradientStep(node, isAffine ? 'layer-norm-grad' : 'layer-norm-plain-grad', context, {
        sizes,
        rows: { groups: 1 },
        reads: { X: inputs[0]!, dY, ...statistics, ...(isAffine && { gamma: `${name}.gamma` }) },
        writes: { Xhat, dX: gradientName(node) },
      });
      if (!isAffine) return [grad];
      const { C } = node.outputShape;
      const whole = simdSizes(node.outputShape, batch);
      return [
        grad,
        simdStep(node, 'gamma-grad', 'reduce-product', whole, {
          reads: { X: Xhat, dY },
          writes: { sum: `${name}.dgamma` },
        }),
        vectorUpdate(node, 'gamma', C),
        simdStep(node, 'beta-grad', 'reduce-sum', whole, { reads: { dY }, writes: { sum: `${name}.dbeta` } }),
        vectorUpdate(node, 'beta', C),
      ];
    },
  },
  softmax: {
    forward: (node, context) => {
      const { groups = 1 } = node.layer;
      return [
        forwardStep(node, 'softmax', context, {
          sizes: rowSizes(node.outputShape, context.batch, groups),
          rows: { groups },
        }),
      ];
    },
    backward: (node, context) => {
      const { groups = 1, name } = node.layer;
      return [
        gradientStep(node, 'softmax-grad', context, {
          sizes: rowSizes(node.outputShape, context.batch, groups),
          rows: { groups },
          reads: { Y: name, dY: context.dY },
        }),
      ];
    },
  },
  'reduce-mean': {
    forward: (node, context) => [
      forwardStep(node, 'reduce-mean', context, {
        sizes: rowSizes(node.inputShapes[0]!, context.batch),
        rows: { groups: 1 },
        writes: { mean: node.layer.name },
      }),
    ],
    backward: (node, context) => [
      gradientStep(node, 'reduce-mean-grad', context, {
        sizes: rowSizes(node.inputShapes[0]!, context.batch),
        rows: { groups: 1 },
      }),
    ],
  },
} as const satisfies SimdRules;
