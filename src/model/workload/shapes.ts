/** What every layer makes of the shapes that flow into it, and the check that its own dimensions say the same. */

import { AXES, type Axis } from '../schemas/axes.ts';
import type { WorkloadLayer } from '../schemas/workload.ts';
import { outputsAlong, perDirection, sidesOf, transposedOutputsAlong, windowSpan, windowsOf } from './window.ts';

/** Channels, height, width of one image. */
export interface Shape {
  readonly C: number;
  readonly H: number;
  readonly W: number;
}

/** Notes what is wrong with a value at a path of the layer; whoever complains goes on. */
export type Complain = (path: string, value: unknown, expected: string) => void;

export const shapeInWords = (shape: Shape): string => `${shape.C}×${shape.H}×${shape.W}`;

const elements = ({ C, H, W }: Shape): number => C * H * W;
const listInWords = (value: number | readonly number[]): string =>
  typeof value === 'number' ? String(value) : `[${value.join(', ')}]`;

type LayerOf<Op extends WorkloadLayer['op']> = Extract<WorkloadLayer, { op: Op }>;
type WindowLayer = LayerOf<'conv' | 'depthwise-conv' | 'transposed-conv' | 'max-pool' | 'avg-pool'>;

/** How many inputs an operation has: exactly, or at least. */
function operandsOf(layer: WorkloadLayer): { readonly count: number; readonly isLeast?: true } {
  switch (layer.op) {
    case 'tensor-add':
    case 'tensor-sub':
    case 'tensor-mul':
    case 'tensor-div':
      return { count: layer.scalar === undefined ? 2 : 1 };
    case 'matmul':
      return { count: 2 };
    case 'concat':
      return { count: 2, isLeast: true };
    case 'parameter':
      return { count: 0 };
    case 'gemm':
      // Of two activations, if it names two.
      return { count: Math.max(1, Math.min(layer.inputs.length, 2)) };
    default:
      return { count: 1 };
  }
}

/** Whether a layer names as many inputs as it has; complains if not. */
export function checkOperands(layer: WorkloadLayer, complain: Complain): boolean {
  const { count, isLeast } = operandsOf(layer);
  const { inputs, op } = layer;
  if (isLeast ? inputs.length >= count : inputs.length === count) return true;
  complain('inputs', inputs, `${isLeast ? 'at least ' : ''}${count} input${count === 1 ? '' : 's'} for ${op}`);
  return false;
}

/** Checks one dimension of the layer against what its input says of it. */
class DimensionCheck {
  private readonly complain: Complain;
  /** Why the dimension must be what it must be. */
  readonly from: string;

  constructor(input: Shape, complain: Complain) {
    this.complain = complain;
    this.from = `as the layer's input is ${shapeInWords(input)}`;
  }

  /** What the dimension should be, so that whatever reads the layer is compared with that, unless nothing can be so. */
  expect(path: string, value: number, expected: number, why = this.from): number {
    if (value !== expected) {
      const what = expected >= 1 ? expected : 'a window that fits, which none does';
      this.complain(`dimensions.${path}`, value, `${what}, ${why}`);
    }
    return expected >= 1 ? expected : value;
  }

  plane(dimensions: Shape, expected: Shape): Shape {
    const along = (axis: Axis): number => this.expect(axis, dimensions[axis], expected[axis]);
    return { C: along('C'), H: along('H'), W: along('W') };
  }

  /** IH and IW of a layer that resizes. */
  input(dimensions: { readonly C: number; readonly IH: number; readonly IW: number }, input: Shape): void {
    this.expect('C', dimensions.C, input.C);
    this.expect('IH', dimensions.IH, input.H);
    this.expect('IW', dimensions.IW, input.W);
  }
}

/** Rows and columns that come out of a sliding window. */
function slide(layer: WindowLayer, input: Shape, check: DimensionCheck, complain: Complain): { H: number; W: number } {
  const { OH, OW } = layer.dimensions;
  const { h, w } = windowsOf(layer);
  const dilation =
    'dilation' in layer && layer.dilation !== undefined ? `, dilation ${listInWords(layer.dilation)}` : '';
  const how = `${check.from}, the stride ${listInWords(layer.stride)}${dilation} and the padding ${listInWords(layer.padding)}`;
  if (layer.op === 'transposed-conv') {
    const added = perDirection(layer.outputPadding, 0);
    // Rows beyond that would be none of any window's.
    const most = { h: Math.max(h.stride, h.dilation) - 1, w: Math.max(w.stride, w.dilation) - 1 };
    if (added.h > most.h || added.w > most.w) {
      complain(
        'outputPadding',
        layer.outputPadding,
        `less than the stride or the dilation, at most ${Math.min(most.h, most.w)}`,
      );
    }
    return {
      H: check.expect('OH', OH, transposedOutputsAlong(input.H, h, added.h), how),
      W: check.expect('OW', OW, transposedOutputsAlong(input.W, w, added.w), how),
    };
  }
  const ceil = 'ceilMode' in layer && layer.ceilMode === true;
  return {
    H: check.expect('OH', OH, outputsAlong(input.H, h, ceil), how),
    W: check.expect('OW', OW, outputsAlong(input.W, w, ceil), how),
  };
}

/** A pool's window covers some of the image wherever it is: there is no maximum of padding alone. */
function checkPoolPadding({ padding, dimensions }: LayerOf<'max-pool' | 'avg-pool'>, complain: Complain): void {
  const { top, left, bottom, right } = sidesOf(padding);
  const { KH, KW } = dimensions;
  const isOneNumber = typeof padding === 'number';
  if (Math.max(top, bottom) < KH && Math.max(left, right) < KW) return;
  const most = isOneNumber ? `at most ${Math.min(KH, KW) - 1}, ` : '';
  complain('padding', padding, `${most}less than the window`);
}

function checkGroups(layer: LayerOf<'conv' | 'transposed-conv' | 'gemm'>, complain: Complain): void {
  const { groups = 1, dimensions } = layer;
  const { IC, OC } = dimensions;
  if (IC % groups !== 0 || OC % groups !== 0) {
    complain('groups', groups, `a divisor of the ${IC} input and the ${OC} output channels`);
  }
}

/** The second operand is a tensor of the same shape, or has one element per channel. */
function checkSecond(inputs: readonly Shape[], layer: WorkloadLayer, complain: Complain): void {
  const [first, second] = inputs as [Shape, Shape?];
  if (second === undefined) return;
  const isPerChannel = second.C === first.C && second.H === 1 && second.W === 1;
  if (isPerChannel || shapeInWords(first) === shapeInWords(second)) return;
  complain(
    'inputs',
    layer.inputs,
    `two tensors of one shape, or a second one of ${first.C}×1×1, not ${shapeInWords(first)} and ${shapeInWords(second)}`,
  );
}

function concatenated(layer: LayerOf<'concat'>, inputs: readonly Shape[], complain: Complain): Shape {
  const axis: Axis = layer.axis ?? 'C';
  const [first] = inputs as [Shape];
  for (const [place, shape] of inputs.entries()) {
    if (AXES.every((other) => other === axis || shape[other] === first[other])) continue;
    complain(
      `inputs[${place}]`,
      layer.inputs[place],
      `a tensor like the first, ${shapeInWords(first)}, but for ${axis}`,
    );
  }
  return { ...first, [axis]: inputs.reduce((sum, shape) => sum + shape[axis], 0) };
}

function checkSlice(layer: LayerOf<'slice'>, input: Shape, complain: Complain): Shape {
  for (const axis of AXES) {
    const [start, step, count] = [layer.start?.[axis] ?? 0, layer.step?.[axis] ?? 1, layer.dimensions[axis]];
    const room = Math.floor((input[axis] - start - 1) / step) + 1;
    if (count > room) {
      complain(`dimensions.${axis}`, count, `at most ${room}, as the layer's input is ${shapeInWords(input)}`);
    }
  }
  return layer.dimensions;
}

function checkMatmul(layer: LayerOf<'matmul'>, inputs: readonly Shape[], complain: Complain): Shape {
  const { G, M, IC, OC } = layer.dimensions;
  const expected = [
    { C: G * IC, H: M, W: 1 },
    layer.isSecondTransposed ? { C: G * IC, H: OC, W: 1 } : { C: G * OC, H: IC, W: 1 },
  ];
  for (const [place, shape] of inputs.entries()) {
    const due = shapeInWords(expected[place]!);
    if (shapeInWords(shape) !== due) {
      complain(`inputs[${place}]`, layer.inputs[place], `a tensor of ${due}, not ${shapeInWords(shape)}`);
    }
  }
  return { C: G * OC, H: M, W: 1 };
}

/** The shape that comes out of a layer; complains where its own dimensions do not follow from its inputs. */
export function outputShapeOf(layer: WorkloadLayer, inputs: readonly Shape[], complain: Complain): Shape {
  if (layer.op === 'parameter') return layer.dimensions;
  const [input] = inputs as [Shape];
  const check = new DimensionCheck(input, complain);
  switch (layer.op) {
    case 'conv':
    case 'transposed-conv':
      checkGroups(layer, complain);
      check.expect('IC', layer.dimensions.IC, input.C);
      return { C: layer.dimensions.OC, ...slide(layer, input, check, complain) };
    case 'depthwise-conv':
      return {
        C: check.expect('C', layer.dimensions.C, input.C),
        ...slide(layer, input, check, complain),
      };
    case 'max-pool':
    case 'avg-pool':
      checkPoolPadding(layer, complain);
      return {
        C: check.expect('C', layer.dimensions.C, input.C),
        ...slide(layer, input, check, complain),
      };
    case 'gemm': {
      const rows = layer.dimensions.M ?? 1;
      checkGroups(layer, complain);
      check.expect('IC', layer.dimensions.IC, input.C, `${check.from} (flatten goes between an image and a gemm)`);
      check.expect('M', rows, input.H * input.W);
      return { C: layer.dimensions.OC, H: rows, W: 1 };
    }
    case 'matmul':
      return checkMatmul(layer, inputs, complain);
    case 'tensor-add':
    case 'tensor-sub':
    case 'tensor-mul':
    case 'tensor-div':
      checkSecond(inputs, layer, complain);
      return check.plane(layer.dimensions, input);
    case 'softmax':
      if (input.C % (layer.groups ?? 1) !== 0) complain('groups', layer.groups, `a divisor of the ${input.C} channels`);
      return check.plane(layer.dimensions, input);
    case 'channel-shuffle':
      if (input.C % layer.groups !== 0) complain('groups', layer.groups, `a divisor of the ${input.C} channels`);
      return check.plane(layer.dimensions, input);
    case 'reduce-mean':
      return { ...check.plane(layer.dimensions, input), C: 1 };
    case 'global-avg-pool':
      check.input(layer.dimensions, input);
      return { C: input.C, H: 1, W: 1 };
    case 'upsample':
      check.input(layer.dimensions, input);
      return { C: input.C, H: layer.dimensions.OH, W: layer.dimensions.OW };
    case 'roi-align':
      check.input(layer.dimensions, input);
      return { C: input.C, H: layer.dimensions.R * layer.dimensions.OH, W: layer.dimensions.OW };
    case 'flatten':
      return { C: elements(input), H: 1, W: 1 };
    case 'dropout':
      return input;
    case 'reshape':
      if (elements(layer.dimensions) !== elements(input)) {
        complain('dimensions', layer.dimensions, `as many elements as the layer's input has, ${elements(input)}`);
      }
      return layer.dimensions;
    case 'transpose': {
      const [C, H, W] = layer.order ?? AXES;
      return check.plane(layer.dimensions, { C: input[C], H: input[H], W: input[W] });
    }
    case 'concat':
      return check.plane(layer.dimensions, concatenated(layer, inputs, complain));
    case 'slice':
      return checkSlice(layer, input, complain);
    case 'pad': {
      const { top, left, bottom, right } = sidesOf(layer.padding);
      return check.plane(layer.dimensions, { C: input.C, H: input.H + top + bottom, W: input.W + left + right });
    }
    case 'relu':
    case 'sigmoid':
    case 'tanh':
    case 'silu':
    case 'gelu':
    case 'hard-sigmoid':
    case 'hard-swish':
    case 'clip':
    case 'leaky-relu':
    case 'prelu':
    case 'batch-norm':
    case 'layer-norm':
    case 'lrn':
      return check.plane(layer.dimensions, input);
  }
}

/** What a layer says that it puts out, whatever it reads; undefined where its dimensions do not tell. */
export function statedShape(layer: WorkloadLayer): Shape | undefined {
  if (!('dimensions' in layer)) return undefined;
  const { C, OC, H, W, OH, OW, M } = layer.dimensions as Readonly<Partial<Record<string, number>>>;
  const [channels, rows, columns] = [OC ?? C, OH ?? H, OW ?? W];
  if (layer.op === 'gemm') return { C: OC!, H: M ?? 1, W: 1 };
  return channels === undefined || rows === undefined || columns === undefined
    ? undefined
    : { C: channels, H: rows, W: columns };
}

/** The smallest input that has these outputs, where nothing else tells it: (O − 1)·S + span − padding. */
function windowInput(layer: WindowLayer): { H: number; W: number } {
  const { OH, OW } = layer.dimensions;
  const { h, w } = windowsOf(layer);
  const along = (outputs: number, { stride, before, after, ...window }: typeof h): number =>
    (outputs - 1) * stride + windowSpan(window) - before - after;
  if (layer.op !== 'transposed-conv') return { H: along(OH, h), W: along(OW, w) };
  const added = perDirection(layer.outputPadding, 0);
  const undone = (outputs: number, { stride, before, after, ...window }: typeof h, more: number): number =>
    (outputs - more - windowSpan(window) + before + after) / stride + 1;
  return { H: undone(OH, h, added.h), W: undone(OW, w, added.w) };
}

/** The shapes that a layer of a list reads, from its own dimensions; complains about layers that have none. */
export function listedInputShapes(layer: WorkloadLayer, complain: Complain): readonly Shape[] {
  switch (layer.op) {
    case 'conv':
    case 'transposed-conv':
    case 'depthwise-conv':
    case 'max-pool':
    case 'avg-pool': {
      const C = 'IC' in layer.dimensions ? layer.dimensions.IC : layer.dimensions.C;
      const { H, W } = windowInput(layer);
      if (!Number.isInteger(H) || !Number.isInteger(W) || H < 1 || W < 1) {
        complain('padding', layer.padding, `padding that leaves an input (here it would be ${H}×${W})`);
      }
      return [{ C, H, W }];
    }
    case 'gemm':
      return [{ C: layer.dimensions.IC, H: layer.dimensions.M ?? 1, W: 1 }];
    case 'matmul': {
      const { G, M, IC, OC } = layer.dimensions;
      return [
        { C: G * IC, H: M, W: 1 },
        layer.isSecondTransposed ? { C: G * IC, H: OC, W: 1 } : { C: G * OC, H: IC, W: 1 },
      ];
    }
    case 'global-avg-pool':
    case 'upsample':
    case 'roi-align':
      return [{ C: layer.dimensions.C, H: layer.dimensions.IH, W: layer.dimensions.IW }];
    case 'flatten':
    case 'dropout':
    case 'reshape':
    case 'transpose':
    case 'channel-shuffle':
    case 'concat':
    case 'slice':
    case 'pad':
    case 'parameter':
      complain('op', layer.op, 'an operation that computes, as the layers of a list do not feed each other');
      return [];
    default:
      return Array.from({ length: operandsOf(layer).count }, () => layer.dimensions);
  }
}
