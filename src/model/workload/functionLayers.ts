/** Layers that are a function of each element. */
import type { SimdOp } from '../operations/simdTable.ts';
import type { GraphNode, Shape } from './graph.ts';
import type { FreeOperation } from './program.ts';
import {
  forwardStep,
  gradientName,
  gradientStep,
  type LayerRule,
  type NodeOf,
  nameOf,
  type Op,
  type SimdRules,
} from './simdRule.ts';
import { freeEmbed, vectorUpdate } from './simdSteps.ts';

/** A function of one tensor whose gradient reads its input X or its output Y; `constants` are those of its formula. */
function functionRule<O extends Op>(
  ops: (layer: NodeOf<O>['layer']) => {
    forward: SimdOp;
    backward: SimdOp;
    of?: 'X' | 'Y';
    constants?: Record<string, number>;
  },
): LayerRule<O> {
  return {
    forward: (node, context) => {
      const { forward, constants } = ops(node.layer);
      return [forwardStep(node, forward, context, constants && { constants })];
    },
    backward: (node, context) => {
      const { backward, of = 'X', constants } = ops(node.layer);
      const reads = { [of]: of === 'X' ? context.inputs[0]! : nameOf(node), dY: context.dY };
      return [gradientStep(node, backward, context, { reads, ...(constants && { constants }) })];
    },
  };
}

const sameName = <O extends Op & SimdOp>(op: O, of: 'X' | 'Y' = 'X'): LayerRule<O> =>
  functionRule<O>(() => ({ forward: op, backward: `${op}-grad` as SimdOp, of }));

/** Which bounds a clip has; one that is infinite drops its instruction. */
function clipOps({ min, max }: NodeOf<'clip'>['layer']): 'clip' | 'clip-below' | 'clip-above' | undefined {
  if (min !== undefined && max !== undefined) return 'clip';
  return min !== undefined ? 'clip-below' : max !== undefined ? 'clip-above' : undefined;
}
function clipConstants({ min, max }: NodeOf<'clip'>['layer']): Record<string, number> {
  return { ...(min !== undefined && { lower: min }), ...(max !== undefined && { upper: max }) };
}

/** Passes a tensor on as it is: not even listed. */
const nothing = (node: GraphNode, suffix: string, X: string, Y: string, shape: Shape): FreeOperation =>
  freeEmbed('pad', `${node.layer.name}${suffix}`, X, Y, shape);

/** What each function of one tensor consists of, forward and backward. */
export const FUNCTION_LAYERS = {
  relu: sameName('relu'),
  sigmoid: sameName('sigmoid', 'Y'),
  tanh: sameName('tanh', 'Y'),
  silu: sameName('silu'),
  gelu: sameName('gelu'),
  'hard-sigmoid': sameName('hard-sigmoid'),
  'hard-swish': sameName('hard-swish'),
  clip: {
    forward: (node, context) => {
      const op = clipOps(node.layer);
      const { name } = node.layer;
      if (op === undefined) return [nothing(node, '', context.inputs[0]!, name, node.outputShape)];
      return [forwardStep(node, op, context, { constants: clipConstants(node.layer) })];
    },
    backward: (node, context) => {
      const op = clipOps(node.layer);
      if (op === undefined) return [nothing(node, '.grad', context.dY, gradientName(node), node.outputShape)];
      const reads = { X: context.inputs[0]!, dY: context.dY };
      return [gradientStep(node, `${op}-grad`, context, { reads, constants: clipConstants(node.layer) })];
    },
  },
  'leaky-relu': functionRule(({ alpha }) => ({
    forward: 'leaky-relu',
    backward: 'leaky-relu-grad',
    constants: { alpha },
  })),
  prelu: {
    forward: (node, context) => {
      const { name } = node.layer;
      return [forwardStep(node, 'prelu', context, { reads: { X: context.inputs[0]!, alpha: `${name}.alpha` } })];
    },
    backward: (node, context) => {
      const { name } = node.layer;
      return [
        gradientStep(node, 'prelu-grad', context, {
          reads: { X: context.inputs[0]!, dY: context.dY, alpha: `${name}.alpha` },
          writes: { dX: gradientName(node), dalpha: `${name}.dalpha` },
        }),
        vectorUpdate(node, 'alpha', node.outputShape.C),
      ];
    },
  },
} as const satisfies SimdRules;
