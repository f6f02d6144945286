/** A window that slides over rows and columns, as ONNX operators describe it: read, and given to our layers. */
import { type WindowAlong, windowSpan } from '../../workload/window.ts';
import { type Axis, imagePlacement, newFactor, sizeOf } from './axes.ts';
import { type Activation, type LayerBuilder, type Sides, Unsupported } from './layerBuilder.ts';
import type { NodeReader } from './nodeReader.ts';

/** A window in both directions. One-dimensional operators slide over rows. */
export interface Window2d {
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly dilation: readonly [number, number];
  readonly sides: Sides;
}

export const pair = (values: readonly number[], otherwise: number): [number, number] => [
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
export function windowOf(read: NodeReader, kernel: readonly number[], image: Activation): Window2d {
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
export const along = ({ kernel, stride, dilation, sides }: Window2d, direction: 0 | 1): WindowAlong => ({
  kernel: kernel[direction],
  stride: stride[direction],
  dilation: dilation[direction],
  before: sides[direction],
  after: sides[direction + 2]!,
});

/** As short as a workload file allows. */
export const shortPair = ([h, w]: readonly [number, number]): number | readonly number[] => (h === w ? h : [h, w]);
export const shortSides = (sides: Sides): number | readonly number[] =>
  sides.every((zeros) => zeros === sides[0]) ? sides[0] : sides;

/** Stride, padding and dilation as fields of a layer. */
export function windowFields({ stride, sides, dilation }: Window2d): Record<string, unknown> {
  const isDilated = dilation[0] > 1 || dilation[1] > 1;
  return {
    stride: shortPair(stride),
    padding: shortSides(sides),
    ...(isDilated ? { dilation: shortPair(dilation) } : {}),
  };
}

/** Fresh axes of an output image, of the input's rank. */
export function outputImage(
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

export function checkOutputs(read: NodeReader, OH: number, OW: number): void {
  if (OH >= 1 && OW >= 1) return;
  read.complain('', undefined, 'a window that is not larger than the padded input');
}

/** The input of a window and the zeros of a Pad before it, where the window may add them. */
export function windowInput(read: NodeReader, build: LayerBuilder): { image: Activation; padding: Sides } {
  const { padding, ...bare } = read.unpadded(0);
  const image = build.asImage(bare, read.name, read.op);
  return { image, padding: padding?.sides ?? [0, 0, 0, 0] };
}

export const plus = (a: Sides, b: Sides): Sides => [a[0] + b[0], a[1] + b[1], a[2] + b[2], a[3] + b[3]];
export const isNone = (sides: Sides): boolean => sides.every((zeros) => zeros === 0);
