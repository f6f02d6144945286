/** Normalisation over the batch. */
import { forwardStep, gradientStep, type LayerRule } from './simdRule.ts';
import { overridesOf, simdSizes, simdStep, vectorUpdate } from './simdSteps.ts';

/** What a batch norm that no conv takes in consists of, forward and backward. */
export const batchNorm: LayerRule<'batch-norm'> = {
  // Where no conv takes it in, its statistics are constants: a scale and a shift.
  forward: (node, context) => {
    const { name } = node.layer;
    const X = context.inputs[0]!;
    if (context.phase === 'inference') {
      return [
        forwardStep(node, 'batch-norm', context, { reads: { X, scale: `${name}.scale`, shift: `${name}.shift` } }),
      ];
    }
    const statistics = { mean: `${name}.mean`, invStd: `${name}.invStd` };
    const sizes = simdSizes(node.outputShape, context.batch);
    return [
      simdStep(node, 'statistics', 'bn-statistics', sizes, {
        reads: { X },
        writes: statistics,
        ...overridesOf(node),
      }),
      simdStep(node, 'normalise', 'bn-normalise', sizes, {
        reads: { X, ...statistics, gamma: `${name}.gamma`, beta: `${name}.beta` },
        writes: { Y: name },
        ...overridesOf(node),
      }),
    ];
  },
  // Part 1 and part 2 of algorithm 1 in one step of four outputs, then the updates.
  backward: (node, context) => {
    const { name } = node.layer;
    const { C } = node.outputShape;
    return [
      gradientStep(node, 'bn-grad', context, {
        reads: {
          X: context.inputs[0]!,
          dY: context.dY,
          mean: `${name}.mean`,
          invStd: `${name}.invStd`,
          gamma: `${name}.gamma`,
        },
        writes: { Xhat: `${name}.Xhat`, dX: `${name}.dX`, dgamma: `${name}.dgamma`, dbeta: `${name}.dbeta` },
      }),
      vectorUpdate(node, 'gamma', C),
      vectorUpdate(node, 'beta', C),
    ];
  },
};
