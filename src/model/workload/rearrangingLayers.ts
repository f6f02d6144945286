/** Layers that compute nothing: they leave elements out, put zeros or other tensors beside them, or place them anew. */
import { AXES, type Axis } from '../schemas/axes.ts';
import type { Shape } from './graph.ts';
import type { Operation, Rearrangement } from './program.ts';
import {
  free,
  gradientName,
  type LayerContext,
  type LayerRule,
  type NodeOf,
  nameOf,
  type Op,
  type SimdRules,
} from './simdRule.ts';
import { freeEmbed, freeSlice, simdSizes, simdStep } from './simdSteps.ts';
import { sidesOf } from './window.ts';

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

/** What layers that compute nothing consist of, forward and backward. */
export const REARRANGING_LAYERS = {
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
} as const satisfies SimdRules;
