/**
 * What every layer that does not run on the PE array consists of, forward and backward: one entry per operation of the
 * workload schema. An entry without `backward` has no gradient; a training iteration that needs it is refused.
 */
import { inBoth, UNIT_SLIDING } from '../layers/layer.ts';
import type { Arithmetic } from '../operations/arithmeticRows.ts';
import type { SimdOp } from '../operations/simdTable.ts';
import { AXES, type Axis } from '../schemas/axes.ts';
import type { WorkloadLayer } from '../schemas/workload.ts';
import { biasGradient } from './biasGradient.ts';
import type { GraphNode, Shape } from './graph.ts';
import type { FreeOperation, Operation, Program, Rearrangement, SimdOperationStep } from './program.ts';
import {
  blockWindow,
  freeEmbed,
  freeSlice,
  overridesOf,
  poolInput,
  poolWindow,
  rowSizes,
  type SimdMore,
  simdSizes,
  simdStep,
  updateOf,
  vectorUpdate,
} from './simdSteps.ts';
import { sidesOf } from './window.ts';

type Op = WorkloadLayer['op'];
type NodeOf<O extends Op> = GraphNode & { readonly layer: Extract<WorkloadLayer, { op: O }> };

/** What the operations of a node depend on besides the node. */
export interface LayerContext {
  readonly phase: Program['phase'];
  readonly batch: number;
  /** What the node reads, by the names of the tensors. */
  readonly inputs: readonly string[];
  /** A batch norm is folded into the node, whose shift is a bias then. */
  readonly hasShift: boolean;
  /** Nothing reads the node but what takes its operands in any order: a transpose costs nothing. */
  readonly isReadInAnyOrder: boolean;
}

/** The same for the backward pass. */
export interface GradientContext {
  readonly batch: number;
  readonly inputs: readonly string[];
  /** The gradient of the node's output. */
  readonly dY: string;
  /** Of which of the inputs the gradient is needed. */
  readonly needs: readonly boolean[];
  readonly isReadInAnyOrder: boolean;
  /** The published ResNet-18's pool gradients have the input's size. */
  readonly arePoolGradientsAtInputSize: boolean;
}

interface LayerRule<O extends Op> {
  readonly forward: (node: NodeOf<O>, context: LayerContext) => Operation[];
  readonly backward?: (node: NodeOf<O>, context: GradientContext) => Operation[];
  /** The tensors with the gradients of what the node reads; `name.dX` if left out. */
  readonly gradients?: (node: NodeOf<O>, dY: string) => string[];
}

const nameOf = ({ layer }: GraphNode): string => layer.name;
const gradientName = ({ layer, inputShapes }: GraphNode, place = 0): string =>
  inputShapes.length > 1 ? `${layer.name}.dX${place + 1}` : `${layer.name}.dX`;
const everyGradient = (node: GraphNode): string[] => node.inputShapes.map((_, place) => gradientName(node, place));

/** The forward operation of a node. */
function forwardStep(
  node: GraphNode,
  op: SimdOp,
  { batch, inputs }: LayerContext,
  more: Partial<SimdMore> & { sizes?: SimdOperationStep['sizes'] } = {},
): SimdOperationStep {
  const { sizes = simdSizes(node.outputShape, batch), ...others } = more;
  const { name } = node.layer;
  return simdStep(node, '', op, sizes, {
    reads: { X: inputs[0]! },
    writes: { Y: name },
    ...overridesOf(node),
    ...others,
  });
}

/** The gradient of a node with respect to its only input. */
function gradientStep(
  node: GraphNode,
  op: SimdOp,
  context: GradientContext,
  more: Partial<SimdMore> & { sizes?: SimdOperationStep['sizes'] } = {},
): SimdOperationStep {
  const { sizes = simdSizes(node.outputShape, context.batch), ...others } = more;
  return simdStep(node, 'grad', op, sizes, {
    reads: { dY: context.dY },
    writes: { dX: gradientName(node) },
    ...others,
  });
}

const free = (name: string, X: string, Y: string) => ({ unit: 'free', name, reads: { X }, writes: { Y } }) as const;

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

/** Transposes and shuffles: free before what takes its operands in any order, else a copy. */
function placementRule<O extends Op>(
  orderOf: (node: NodeOf<O>) => { forward: Rearrangement; backward: Rearrangement },
  isAlwaysCopied: boolean,
): LayerRule<O> {
  const operations = (
    node: NodeOf<O>,
    suffix: string,
    [X, Y]: readonly [string, string],
    draft: Rearrangement,
    shape: Shape,
    { batch, isReadInAnyOrder }: Pick<LayerContext, 'batch' | 'isReadInAnyOrder'>,
  ): Operation[] => {
    const name = `${node.layer.name}${suffix}`;
    if (isReadInAnyOrder && !isAlwaysCopied) return [{ ...free(name, X, Y), ...draft }];
    const roles = { reads: { X }, writes: { Y } };
    return [simdStep(node, suffix.slice(1), 'copy', simdSizes(shape, batch), { ...roles, rearrangement: draft })];
  };
  return {
    forward: (node, context) =>
      operations(node, '', [context.inputs[0]!, node.layer.name], orderOf(node).forward, node.outputShape, context),
    backward: (node, context) =>
      operations(
        node,
        '.grad',
        [context.dY, gradientName(node)],
        orderOf(node).backward,
        node.inputShapes[0]!,
        context,
      ),
  };
}

/** The order that undoes one. */
function inverse(order: readonly [Axis, Axis, Axis]): [Axis, Axis, Axis] {
  return AXES.map((axis) => AXES[order.indexOf(axis)]!) as [Axis, Axis, Axis];
}

const reshaping = <O extends 'flatten' | 'reshape'>(): LayerRule<O> => ({
  forward: (node, { inputs }) => [
    { ...free(nameOf(node), inputs[0]!, nameOf(node)), op: 'reshape', shape: node.outputShape },
  ],
  backward: (node, { dY }) => [
    {
      unit: 'free',
      name: `${nameOf(node)}.grad`,
      reads: { dY },
      writes: { dX: gradientName(node) },
      op: 'reshape',
      shape: node.inputShapes[0]!,
    },
  ],
});

/** Where each input of a concat begins along its axis. */
function startsOf({ layer, inputShapes }: NodeOf<'concat'>): Partial<Shape>[] {
  const axis = layer.axis ?? 'C';
  let start = 0;
  return inputShapes.map((shape) => {
    const at = start;
    start += shape[axis];
    return { [axis]: at };
  });
}

/** A depthwise conv on the SIMD array, useful MACs as torch counts them. */
function depthwiseMacs({ layer, outputShape }: NodeOf<'depthwise-conv'>, batch: number): number {
  const { KH, KW } = layer.dimensions;
  return batch * outputShape.C * outputShape.H * outputShape.W * KH * KW;
}

const depthwise: LayerRule<'depthwise-conv'> = {
  forward: (node, context) => {
    const { name, bias } = node.layer;
    return [
      forwardStep(node, 'depthwise-conv', context, {
        window: poolWindow(node),
        pool: poolInput(node),
        macs: depthwiseMacs(node, context.batch),
        hasBias: bias || context.hasShift,
        reads: { X: context.inputs[0]!, W: `${name}.W`, ...(bias ? { bias: `${name}.bias` } : {}) },
      }),
    ];
  },
  backward: (node, context) => {
    const { batch, dY, inputs, needs } = context;
    const { name, bias } = node.layer;
    const [window, pool, macs] = [poolWindow(node), poolInput(node), depthwiseMacs(node, batch)];
    const { stride, dilation, kh, kw } = window;
    const [input, output] = [node.inputShapes[0]!, node.outputShape];
    const steps: Operation[] = [];
    if (needs[0]) {
      // dY with zeros between its elements, under the flipped kernels.
      const laidOut = { ifmap: `${name}.dX.ifmap`, weight: `${name}.dX.weight` };
      const layouts = { ifmap: { distance: stride }, weight: { isFlipped: true } };
      const reads = { ifmap: dY, weight: `${name}.W` };
      steps.push({ unit: 'free', name: `${name}.dX.transpose`, op: 'transpose', layouts, reads, writes: laidOut });
      const padding = {
        h: (kh - 1) * dilation.h - pool.padding.h,
        w: (kw - 1) * dilation.w - pool.padding.w,
      };
      steps.push(
        simdStep(node, 'dX', 'depthwise-conv', simdSizes(input, batch), {
          window: { kh, kw, stride: UNIT_SLIDING.stride, dilation },
          pool: {
            h: (output.H - 1) * stride.h + 1,
            w: (output.W - 1) * stride.w + 1,
            padding,
            after: padding,
            distance: stride,
            countsPadding: true,
          },
          macs,
          hasBias: false,
          reads: { X: laidOut.ifmap, W: laidOut.weight },
          writes: { Y: gradientName(node) },
        }),
      );
    }
    steps.push(
      simdStep(node, 'dW', 'depthwise-weight-grad', simdSizes(output, batch), {
        window,
        pool,
        macs,
        reads: { X: inputs[0]!, dY },
        writes: { dW: `${name}.dW` },
      }),
      simdStep(node, 'sgd', 'sgd-4d', { c: output.C, n: 1, h: kh, w: kw }, updateOf(node, 'W')),
    );
    return bias ? [...steps, ...biasGradient(node, output.C, batch, dY)] : steps;
  },
};

const layerNorm: LayerRule<'layer-norm'> = {
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
};

const RULES = {
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
  'tensor-add': arithmeticRule('tensor-add'),
  'tensor-sub': arithmeticRule('tensor-sub'),
  'tensor-mul': arithmeticRule('tensor-mul'),
  'tensor-div': arithmeticRule('tensor-div'),

  'batch-norm': {
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
  },
  'layer-norm': layerNorm,
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
  'depthwise-conv': depthwise,
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

  flatten: reshaping<'flatten'>(),
  reshape: reshaping<'reshape'>(),
  dropout: {
    // Identity in inference, where it does not even count as the next operation; free in training.
    forward: (node, { phase, inputs }) =>
      phase === 'inference' ? [] : [{ ...free(node.layer.name, inputs[0]!, node.layer.name), op: 'dropout' }],
    backward: (node, { dY }) => [
      {
        unit: 'free',
        name: `${node.layer.name}.grad`,
        reads: { dY },
        writes: { dX: gradientName(node) },
        op: 'dropout',
      },
    ],
  },
  transpose: placementRule(({ layer }) => {
    const order = layer.order ?? AXES;
    return {
      forward: { op: 'permute', order: [...order] as [Axis, Axis, Axis] },
      backward: { op: 'permute', order: inverse([...order] as [Axis, Axis, Axis]) },
    };
  }, false),
  'channel-shuffle': placementRule(
    ({ layer: { groups, dimensions } }) => ({
      forward: { op: 'shuffle', groups },
      backward: { op: 'shuffle', groups: dimensions.C / groups },
    }),
    true,
  ),
  concat: {
    forward: (node, { inputs }) => {
      const reads = Object.fromEntries(inputs.map((name, place) => [`X${place + 1}`, name]));
      const { name } = node.layer;
      return [{ unit: 'free', name, op: 'concat', axis: node.layer.axis ?? 'C', reads, writes: { Y: name } }];
    },
    backward: (node, { dY, needs }) => {
      const starts = startsOf(node);
      return node.inputShapes.flatMap((shape, place) =>
        needs[place]
          ? [freeSlice(`${node.layer.name}.grad${place + 1}`, dY, gradientName(node, place), shape, starts[place]!)]
          : [],
      );
    },
  },
  slice: {
    forward: (node, { inputs }) => {
      const { name, start, step } = node.layer;
      return [freeSlice(name, inputs[0]!, name, node.outputShape, start as Partial<Shape>, step as Partial<Shape>)];
    },
    backward: (node, { dY }) => {
      const { name, start, step } = node.layer;
      return [
        freeEmbed(
          'embed',
          `${name}.grad`,
          dY,
          gradientName(node),
          node.inputShapes[0]!,
          start as Partial<Shape>,
          step as Partial<Shape>,
        ),
      ];
    },
  },
  pad: {
    forward: (node, { inputs }) => {
      const { top, left } = sidesOf(node.layer.padding);
      const { name } = node.layer;
      return [freeEmbed('pad', name, inputs[0]!, name, node.outputShape, { H: top, W: left })];
    },
    backward: (node, { dY }) => {
      const { top, left } = sidesOf(node.layer.padding);
      return [freeSlice(`${node.layer.name}.grad`, dY, gradientName(node), node.inputShapes[0]!, { H: top, W: left })];
    },
  },
  parameter: {
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
  },
} as const satisfies { [O in Op]?: LayerRule<O> };

const rules: { readonly [name in Op]?: LayerRule<Op> } = RULES as never;

/** Whether a layer runs on the PE array. */
export function runsOnArray({ op, ...layer }: WorkloadLayer): boolean {
  if (op === 'depthwise-conv') return 'unit' in layer && layer.unit === 'SA';
  return op === 'conv' || op === 'transposed-conv' || op === 'gemm' || op === 'matmul';
}

/** The forward operations of a node that does not run on the PE array. */
export function simdForward(node: GraphNode, context: LayerContext): Operation[] {
  return rules[node.layer.op]!.forward(node, context);
}

/** Its backward operations. */
export function simdBackward(node: GraphNode, context: GradientContext): Operation[] {
  return rules[node.layer.op]!.backward!(node, context);
}

/** Whether a layer has a gradient. */
export function hasGradient(layer: WorkloadLayer): boolean {
  return runsOnArray(layer) || rules[layer.op]!.backward !== undefined;
}

/** The tensors that hold the gradients of what a node reads, one for each input. */
export function inputGradientsOf(node: GraphNode, dY: string): string[] {
  return runsOnArray(node.layer)
    ? everyGradient(node)
    : (rules[node.layer.op]!.gradients?.(node, dY) ?? everyGradient(node));
}
