/**
 * Sums, differences, products and quotients of two tensors, of which the second may have one element per channel or per
 * image and channel, be the same for all images, or a constant.
 */
import type { Arithmetic } from '../operations/arithmeticRows.ts';
import type { SimdOp } from '../operations/simdTable.ts';
import type { GraphNode, Shape } from './graph.ts';
import type { Operation, SimdOperationStep } from './program.ts';
import {
  forwardStep,
  type GradientContext,
  gradientName,
  type LayerContext,
  type LayerRule,
  type NodeOf,
  nameOf,
  type SimdRules,
} from './simdRule.ts';
import { type SimdMore, simdSizes, simdStep } from './simdSteps.ts';

/** What the second operand of a sum, difference, product or quotient is. */
function secondOperand(node: NodeOf<Arithmetic>): '' | '-per-channel' | '-per-image' | '-shared' | '-scalar' {
  if (node.layer.scalar !== undefined) return '-scalar';
  const [first, second] = node.inputShapes as [Shape, Shape];
  const isParameter = node.producers[1]?.layer.op === 'parameter';
  const isSmaller = second.H * second.W < first.H * first.W;
  if (isSmaller) return isParameter ? '-per-channel' : '-per-image';
  return isParameter ? '-shared' : '';
}

/** Sizes of a node's second operand. */
function secondSizes(node: GraphNode, batch: number) {
  return simdSizes(node.inputShapes[1]!, batch);
}

/** Σ over the plane of dY, or of its product with X, where the second operand has one element per image and channel. */
function overPlane(
  node: GraphNode,
  { batch, dY }: GradientContext,
  X: string | undefined,
  sum: string,
): SimdOperationStep {
  const reads = X === undefined ? { dY } : { X, dY };
  return simdStep(
    node,
    'image-sum',
    X === undefined ? 'image-sum' : 'image-product',
    simdSizes(node.outputShape, batch),
    {
      reads,
      writes: { sum },
    },
  );
}

function arithmeticRule<O extends Arithmetic>(op: O): LayerRule<O> {
  const forward = (node: NodeOf<O>, context: LayerContext): Operation[] => {
    const second = secondOperand(node as NodeOf<Arithmetic>);
    const [X1, X2] = context.inputs as [string, string?];
    const { scalar } = node.layer as NodeOf<Arithmetic>['layer'];
    if (scalar !== undefined) {
      return [forwardStep(node, `${op}-scalar`, context, { reads: { X1 }, constants: { scalar } })];
    }
    return [forwardStep(node, `${op}${second}`, context, { reads: { X1, X2: X2! } })];
  };
  const isBroadcast = (node: NodeOf<O>): boolean => {
    const [first, second] = node.inputShapes as [Shape, Shape?];
    return second !== undefined && second.H * second.W < first.H * first.W;
  };
  /** Whether the gradient of an input is dY as it is. */
  const isPassedOn = (node: NodeOf<O>, place: number): boolean =>
    place === 0 ? op === 'tensor-add' || op === 'tensor-sub' : op === 'tensor-add' && !isBroadcast(node);
  const backward = (node: NodeOf<O>, context: GradientContext): Operation[] => {
    const { batch, dY, inputs, needs } = context;
    const name = nameOf(node);
    const sizes = simdSizes(node.outputShape, batch);
    const { scalar } = node.layer as NodeOf<Arithmetic>['layer'];
    const [X1, X2] = inputs as [string, string?];
    const steps: Operation[] = [];
    const add = (
      suffix: string,
      row: SimdOp,
      reads: Record<string, string>,
      Y: string,
      more: Partial<SimdMore> & { sizes?: SimdOperationStep['sizes'] } = {},
    ): string => {
      steps.push(
        simdStep(node, suffix, row, more.sizes ?? sizes, {
          reads,
          writes: { Y },
          ...(more.constants && { constants: more.constants }),
        }),
      );
      return Y;
    };
    if (needs[0] && !isPassedOn(node, 0)) {
      const second = secondOperand(node as NodeOf<Arithmetic>);
      const form = `${op}${second}` as SimdOp;
      if (scalar !== undefined) add('grad', form, { X1: dY }, gradientName(node), { constants: { scalar } });
      else add('grad1', form, { X1: dY, X2: X2! }, gradientName(node, 0));
    }
    if (needs[1] && !isPassedOn(node, 1)) {
      const isSmall = isBroadcast(node);
      const own = isSmall ? secondSizes(node, batch) : sizes;
      const dX2 = gradientName(node, 1);
      const minus = { sizes: own, constants: { scalar: -1 } };
      const overAll = (X: string | undefined, to: string): string => {
        steps.push(overPlane(node, context, X, to));
        return to;
      };
      switch (op) {
        case 'tensor-add':
          overAll(undefined, dX2);
          break;
        case 'tensor-sub':
          add('grad2', 'tensor-mul-scalar', { X1: isSmall ? overAll(undefined, `${name}.sum`) : dY }, dX2, minus);
          break;
        case 'tensor-mul':
          if (isSmall) overAll(X1, dX2);
          else add('grad2', 'tensor-mul', { X1: dY, X2: X1 }, dX2);
          break;
        case 'tensor-div': {
          // −dY·Y/X2, summed up over what X2 is the same for.
          const product = isSmall
            ? overAll(name, `${name}.product`)
            : add('product', 'tensor-mul', { X1: dY, X2: name }, `${name}.product`);
          const quotient = add('quotient', 'tensor-div', { X1: product, X2: X2! }, `${name}.quotient`, { sizes: own });
          add('grad2', 'tensor-mul-scalar', { X1: quotient }, dX2, minus);
        }
      }
    }
    return steps;
  };
  return {
    forward,
    backward,
    gradients: (node, dY) =>
      node.inputShapes.map((_, place) => (isPassedOn(node, place) ? dY : gradientName(node, place))),
  };
}

/** What arithmetic on two tensors consists of, forward and backward. */
export const ARITHMETIC_LAYERS = {
  'tensor-add': arithmeticRule('tensor-add'),
  'tensor-sub': arithmeticRule('tensor-sub'),
  'tensor-mul': arithmeticRule('tensor-mul'),
  'tensor-div': arithmeticRule('tensor-div'),
} as const satisfies SimdRules;
