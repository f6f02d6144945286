/** Convolutions, pools and resizing: operators whose window slides over rows and columns. */
import { outputsAlong, transposedOutputsAlong, type WindowAlong, windowSpan } from '../../workload/window.ts';
import { type Axis, imagePlacement, newFactor, shapeOf, sizeOf } from './axes.ts';
import { type Activation, type LayerBuilder, type Sides, Unsupported } from './layerBuilder.ts';
import type { Lowering, NodeReader } from './nodeReader.ts';

/** A window in both directions. One-dimensional operators slide over rows. */
interface Window2d {
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly dilation: readonly [number, number];
  readonly sides: Sides;
}

const pair = (values: readonly number[], otherwise: number): [number, number] => [
  values[0] ?? otherwise,
  values[1] ?? otherwise,
];

/** Zeros so that outputs are ⌈inputs / stride⌉; an odd one goes to the end, or to the beginning. */
function samePadding(
  extent: number,
  kernel: number,
  stride: number,
  dilation: number,
  isUpper: boolean,
): [number, number] {
  const outputs = Math.ceil(extent / stride);
  const all = Math.max((outputs - 1) * stride + windowSpan({ kernel, dilation }) - extent, 0);
  const less = Math.floor(all / 2);
  return isUpper ? [less, all - less] : [all - less, less];
}

function sidesOf(
  read: NodeReader,
  kernel: readonly number[],
  stride: readonly number[],
  dilation: readonly number[],
  extents: readonly number[],
): Sides {
  const auto = read.text('auto_pad', 'NOTSET');
  const given = read.numbers('pads') ?? [];
  const rank = kernel.length;
  switch (auto) {
    case 'NOTSET': {
      if (given.length !== 0 && given.length !== 2 * rank) read.complain('pads', given, `${2 * rank} numbers`);
      if (given.some((zeros) => zeros < 0)) throw new Unsupported(`${read.op} with negative padding`);
      const [top = 0, left = 0] = given.slice(0, rank);
      const [bottom = 0, right = 0] = given.slice(rank);
      return [top, left, bottom, right];
    }
    case 'VALID':
      return [0, 0, 0, 0];
    case 'SAME_UPPER':
    case 'SAME_LOWER': {
      const both = kernel.map((size, place) =>
        samePadding(extents[place]!, size, stride[place] ?? 1, dilation[place] ?? 1, auto === 'SAME_UPPER'),
      );
      return [both[0]![0], both[1]?.[0] ?? 0, both[0]![1], both[1]?.[1] ?? 0];
    }
    default:
      return read.complain('auto_pad', auto, 'NOTSET, VALID, SAME_UPPER or SAME_LOWER');
  }
}

/** Kernel, strides, dilations and padding over an image. */
function windowOf(read: NodeReader, kernel: readonly number[], image: Activation): Window2d {
  const rank = image.axes.length - 2;
  const sizes = (attribute: string): readonly number[] => {
    const given = read.numbers(attribute) ?? [];
    const isSensible = given.every((size) => Number.isSafeInteger(size) && size > 0);
    if (!isSensible || (given.length !== 0 && given.length !== rank)) {
      read.complain(attribute, given, `${rank} numbers ≥ 1`);
    }
    return given;
  };
  if (kernel.length !== rank || rank < 1)
    read.complain('kernel', kernel, `${rank} sizes, as the input has rows and columns`);
  const [stride, dilation] = [sizes('strides'), sizes('dilations')];
  const extents = image.axes.slice(2).map(sizeOf);
  return {
    kernel: pair(kernel, 1),
    stride: pair(stride, 1),
    dilation: pair(dilation, 1),
    sides: sidesOf(read, kernel, stride, dilation, extents),
  };
}

/** A window along height (0) or width (1). */
const along = ({ kernel, stride, dilation, sides }: Window2d, direction: 0 | 1): WindowAlong => ({
  kernel: kernel[direction],
  stride: stride[direction],
  dilation: dilation[direction],
  before: sides[direction],
  after: sides[direction + 2]!,
});

/** As short as a workload file allows. */
const shortPair = ([h, w]: readonly [number, number]): number | readonly number[] => (h === w ? h : [h, w]);
const shortSides = (sides: Sides): number | readonly number[] =>
  sides.every((zeros) => zeros === sides[0]) ? sides[0] : sides;

/** Stride, padding and dilation as fields of a layer. */
function windowFields({ stride, sides, dilation }: Window2d): Record<string, unknown> {
  const isDilated = dilation[0] > 1 || dilation[1] > 1;
  return {
    stride: shortPair(stride),
    padding: shortSides(sides),
    ...(isDilated ? { dilation: shortPair(dilation) } : {}),
  };
}

/** Fresh axes of an output image, of the input's rank. */
function outputImage(
  image: Activation,
  channels: Axis,
  OH: number,
  OW: number,
): Pick<Activation, 'axes' | 'placement'> {
  const rank = image.axes.length;
  const positions = [OH, OW].slice(0, rank - 2).map((size): Axis => [newFactor(size, 'position')]);
  const axes = [image.axes[0]!, channels, ...positions];
  return { axes, placement: imagePlacement(axes) };
}

function checkOutputs(read: NodeReader, OH: number, OW: number): void {
  if (OH >= 1 && OW >= 1) return;
  read.complain('', undefined, 'a window that is not larger than the padded input');
}

/** The input of a window and the zeros of a Pad before it, where the window may add them. */
function windowInput(read: NodeReader, build: LayerBuilder): { image: Activation; padding: Sides } {
  const { padding, ...bare } = read.unpadded(0);
  const image = build.asImage(bare, read.name, read.op);
  return { image, padding: padding?.sides ?? [0, 0, 0, 0] };
}

const plus = (a: Sides, b: Sides): Sides => [a[0] + b[0], a[1] + b[1], a[2] + b[2], a[3] + b[3]];
const isNone = (sides: Sides): boolean => sides.every((zeros) => zeros === 0);

const conv: Lowering = (read, build) => {
  const { image, padding } = windowInput(read, build);
  const { C, H, W } = shapeOf(image.placement);
  const { dims } = read.weight(1, [3, 4]);
  const [OC, ofGroup, ...kernel] = dims as [number, number, ...number[]];
  const groups = read.number('group', 1);
  if (!Number.isSafeInteger(groups) || groups < 1 || OC % groups !== 0) {
    read.complain('group', groups, `a divisor of the ${OC} output channels`);
  }
  if (ofGroup * groups !== C) {
    read.complain('weight', dims, `${C} input channels in ${groups} groups, as the input is ${C}×${H}×${W}`);
  }
  const own = windowOf(read, kernel, image);
  const isSame = read.text('auto_pad', 'NOTSET').startsWith('SAME');
  if (isSame && !isNone(padding)) throw new Unsupported('Conv with auto_pad behind a Pad');
  const window = { ...own, sides: plus(own.sides, padding) };
  const [KH, KW] = window.kernel;
  const [OH, OW] = [outputsAlong(H, along(window, 0)), outputsAlong(W, along(window, 1))];
  checkOutputs(read, OH, OW);
  const output = outputImage(image, [newFactor(OC, 'channel')], OH, OW);
  const bias = read.values[2] !== undefined;
  const isDepthwise = groups >= 2 && groups === OC && groups === C;
  const fields = isDepthwise
    ? { op: 'depthwise-conv', dimensions: { C, KH, KW, OH, OW }, ...windowFields(window), bias }
    : {
        op: 'conv',
        dimensions: { OC, IC: C, KH, KW, OH, OW },
        ...windowFields(window),
        ...(groups > 1 ? { groups } : {}),
        bias,
      };
  return build.add(read.name, fields, [image], output);
};

const transposedConv: Lowering = (read, build) => {
  const image = build.asImage(read.activation(0), read.name, read.op);
  const { C, H, W } = shapeOf(image.placement);
  const { dims } = read.weight(1, [3, 4]);
  const [IC, ofGroup, ...kernel] = dims as [number, number, ...number[]];
  const groups = read.number('group', 1);
  if (IC !== C || !Number.isSafeInteger(groups) || groups < 1 || C % groups !== 0) {
    read.complain('weight', dims, `${C} input channels in ${groups} groups, as the input is ${C}×${H}×${W}`);
  }
  if (read.node.attributes.has('output_shape') || read.text('auto_pad', 'NOTSET').startsWith('SAME')) {
    throw new Unsupported('ConvTranspose with output_shape or auto_pad');
  }
  const window = windowOf(read, kernel, image);
  const added = pair(read.numbers('output_padding') ?? [], 0);
  const [OC, [KH, KW]] = [ofGroup * groups, window.kernel];
  const OH = transposedOutputsAlong(H, along(window, 0), added[0]);
  const OW = transposedOutputsAlong(W, along(window, 1), added[1]);
  checkOutputs(read, OH, OW);
  const fields = {
    op: 'transposed-conv',
    dimensions: { OC, IC: C, KH, KW, OH, OW },
    ...windowFields(window),
    ...(added[0] > 0 || added[1] > 0 ? { outputPadding: shortPair(added) } : {}),
    ...(groups > 1 ? { groups } : {}),
    bias: read.values[2] !== undefined,
  };
  return build.add(read.name, fields, [image], outputImage(image, [newFactor(OC, 'channel')], OH, OW));
};

/** The zeros that an average counts: its own, or those of a Pad before it, if both can be one window's. */
function averagePadding(read: NodeReader, own: Sides, before: Sides): { sides: Sides; isCounted: boolean } | undefined {
  const isCounted = read.number('count_include_pad', 0) === 1;
  if (isNone(before)) return { sides: own, isCounted };
  return isNone(own) || isCounted ? { sides: plus(own, before), isCounted: true } : undefined;
}

function pool(op: 'max-pool' | 'avg-pool'): Lowering {
  return (read, build) => {
    const kernel = read.numbers('kernel_shape') ?? read.complain('kernel_shape', undefined, 'a list (it is missing)');
    const isCeil = read.number('ceil_mode', 0) === 1;
    const attempt = (image: Activation, before: Sides): Activation | undefined => {
      const own = windowOf(read, kernel, image);
      if (own.dilation[0] > 1 || own.dilation[1] > 1) throw new Unsupported(`${read.op} with dilations`);
      const isMax = op === 'max-pool';
      // A Pad's zeros may be the largest of a window; those of a pool are none.
      const padding = isMax
        ? isNone(before)
          ? { sides: own.sides, isCounted: true }
          : undefined
        : averagePadding(read, own.sides, before);
      if (padding === undefined) return undefined;
      const { C, H, W } = shapeOf(image.placement);
      const window = { ...own, sides: padding.sides };
      const [KH, KW] = window.kernel;
      const [OH, OW] = [outputsAlong(H, along(window, 0), isCeil), outputsAlong(W, along(window, 1), isCeil)];
      checkOutputs(read, OH, OW);
      const [top, left, bottom, right] = window.sides;
      const isSensible = Math.max(top, bottom) < KH && Math.max(left, right) < KW;
      if (!isNone(before)) {
        // Padded first, rounding up might give a window more.
        const [beforeH, beforeW] = [H + before[0] + before[2], W + before[1] + before[3]];
        const isSame =
          outputsAlong(beforeH, along(own, 0), isCeil) === OH && outputsAlong(beforeW, along(own, 1), isCeil) === OW;
        if (!isSensible || !isSame) return undefined;
      }
      if (!isSensible) read.complain('pads', window.sides, 'less than the window');
      if (KH === 1 && KW === 1 && OH === H && OW === W) return image;
      const fields = {
        op,
        dimensions: { C, KH, KW, OH, OW },
        stride: shortPair(window.stride),
        padding: shortSides(window.sides),
        ...(isCeil ? { ceilMode: true } : {}),
        ...(padding.isCounted || isNone(window.sides) ? {} : { countIncludePad: false }),
      };
      return build.add(read.name, fields, [image], outputImage(image, image.axes[1]!, OH, OW));
    };
    if (op === 'max-pool' && read.node.outputs.length > 1 && read.node.outputs[1] !== '') {
      throw new Unsupported('MaxPool whose indices are used');
    }
    const { image, padding } = windowInput(read, build);
    const merged = attempt(image, padding);
    return merged ?? attempt(build.asImage(read.activation(0), read.name, read.op), [0, 0, 0, 0])!;
  };
}

/** A pool over all positions, which the output keeps with size 1 or not at all. */
export function globalAveragePool(
  read: NodeReader,
  build: LayerBuilder,
  image: Activation,
  axes: readonly Axis[],
): Activation {
  const { C, H, W } = shapeOf(image.placement);
  const placement = { C: image.placement.C, H: [], W: [] };
  const fields = { op: 'global-avg-pool', dimensions: { C, IH: H, IW: W } };
  return build.add(read.name, fields, [image], { axes, placement });
}

const withoutPositions = (image: Activation): Axis[] =>
  image.axes.map((axis, place) => (place < 2 ? axis : [newFactor(1, 'position')]));

const globalPool: Lowering = (read, build) => {
  const image = build.asImage(read.activation(0), read.name, read.op);
  if (read.op === 'GlobalAveragePool') return globalAveragePool(read, build, image, withoutPositions(image));
  const { C, H, W } = shapeOf(image.placement);
  const fields = { op: 'max-pool', dimensions: { C, KH: H, KW: W, OH: 1, OW: 1 }, stride: 1, padding: 0 };
  const placement = { C: image.placement.C, H: [], W: [] };
  return build.add(read.name, fields, [image], { axes: withoutPositions(image), placement });
};

/** Output sizes of a Resize or Upsample: given, or by the scales; undefined if neither is constant. */
function resizedDims(read: NodeReader, sizes: readonly number[]): readonly number[] | undefined {
  const isUpsample = read.op === 'Upsample';
  const given = isUpsample ? undefined : read.numbers('sizes', 3);
  if (given !== undefined && given.length > 0) return given;
  const scales = read.numbers('scales', isUpsample || read.opset < 11 ? 1 : 2);
  return scales?.length === sizes.length ? sizes.map((size, place) => Math.floor(size * scales[place]!)) : undefined;
}

const MODES: Readonly<Record<string, string>> = { nearest: 'nearest', linear: 'bilinear', bilinear: 'bilinear' };

const resize: Lowering = (read, build) => {
  const image = build.asImage(read.activation(0), read.name, read.op);
  const sizes = image.axes.map(sizeOf);
  const resized = resizedDims(read, sizes);
  if (resized?.length !== sizes.length) throw new Unsupported(`${read.op} to computed sizes`);
  const isOfPositions = resized[0] === sizes[0] && resized[1] === sizes[1];
  if (!isOfPositions || resized.some((size) => !Number.isSafeInteger(size) || size < 1)) {
    throw new Unsupported(`${read.op} of images or channels`);
  }
  if (resized.every((size, place) => size === sizes[place])) return image;
  const mode = read.text('mode', 'nearest');
  if (!Object.hasOwn(MODES, mode)) throw new Unsupported(`${read.op} in mode ${mode}`);
  const { C, H, W } = shapeOf(image.placement);
  const [OH, OW] = pair(resized.slice(2), 1);
  const fields = { op: 'upsample', dimensions: { C, IH: H, IW: W, OH, OW }, mode: MODES[mode] };
  return build.add(read.name, fields, [image], outputImage(image, image.axes[1]!, OH, OW));
};

const pad: Lowering = (read, build) => {
  const image = read.activation(0);
  const rank = image.axes.length;
  const pads = read.numbers('pads', 1) ?? read.complain('pads', undefined, 'a list (it is missing)');
  if (pads.length !== 2 * rank) read.complain('pads', pads, `${2 * rank} numbers`);
  if (pads.every((zeros) => zeros === 0)) return image;
  const mode = read.text('mode', 'constant');
  if (mode !== 'constant') throw new Unsupported(`Pad in mode ${mode}`);
  if (pads.some((zeros) => zeros < 0)) throw new Unsupported('Pad with negative sizes');
  const isOfPositions = rank >= 3 && rank <= 4 && [0, 1, rank, rank + 1].every((place) => pads[place] === 0);
  if (!isOfPositions) throw new Unsupported('Pad of images or channels');
  const [top = 0, left = 0] = pads.slice(2, rank);
  const [bottom = 0, right = 0] = pads.slice(rank + 2);
  const sides: Sides = [top, left, bottom, right];
  const waiting = { ...build.asImage(image, read.name, read.op), padding: { node: read.name, sides } };
  // Other values than zeros are no window's.
  return (read.scalar('value', 2) ?? 0) === 0 ? waiting : build.withPadding(waiting);
};

export const WINDOW_OPERATORS: Readonly<Record<string, Lowering>> = {
  Conv: conv,
  ConvTranspose: transposedConv,
  MaxPool: pool('max-pool'),
  AveragePool: pool('avg-pool'),
  GlobalAveragePool: globalPool,
  GlobalMaxPool: globalPool,
  Resize: resize,
  Upsample: resize,
  Pad: pad,
};
