/** Pools, and the mean over all of an image. */
import { outputsAlong } from '../../workload/window.ts';
import { type Axis, newFactor, shapeOf } from './axes.ts';
import { type Activation, type LayerBuilder, type Sides, Unsupported } from './layerBuilder.ts';
import type { Lowering, NodeReader } from './nodeReader.ts';
import {
  along,
  checkOutputs,
  isNone,
  outputImage,
  plus,
  shortPair,
  shortSides,
  type Window2d,
  windowInput,
  windowOf,
} from './slidingWindow.ts';

const NONE: Sides = [0, 0, 0, 0];

/** The padding of a pool, and whether its zeros count. */
interface PoolPadding {
  readonly sides: Sides;
  readonly isCounted: boolean;
}

const countsPadding = (read: NodeReader): boolean => read.number('count_include_pad', 0) === 1;

/** The padding of a pool with that of a Pad before it; undefined where one window cannot have both. */
function joinedPadding(read: NodeReader, own: Sides, before: Sides): PoolPadding | undefined {
  const isCounted = countsPadding(read);
  if (isNone(before)) return { sides: own, isCounted };
  // A Pad's zeros may be the largest of a window; those of a pool are none.
  if (read.op === 'MaxPool' || !(isNone(own) || isCounted)) return undefined;
  return { sides: plus(own, before), isCounted: true };
}

/** Every window covers some of the image. */
function isWithinWindow({ kernel, sides: [top, left, bottom, right] }: Window2d): boolean {
  return Math.max(top, bottom) < kernel[0] && Math.max(left, right) < kernel[1];
}

/** Rows and columns that come out of a pool over an image with some padding around it. */
function outputsOf(image: Activation, window: Window2d, isCeil: boolean, around = NONE): [number, number] {
  const { H, W } = shapeOf(image.placement);
  return [
    outputsAlong(H + around[0] + around[2], along(window, 0), isCeil),
    outputsAlong(W + around[1] + around[3], along(window, 1), isCeil),
  ];
}

/** The window of a pool with the zeros of a Pad before it; undefined where a window with both would be another one. */
function joinedWindow(read: NodeReader, own: Window2d, image: Activation, before: Sides, isCeil: boolean) {
  const padding = joinedPadding(read, own.sides, before);
  if (padding === undefined) return undefined;
  const window = { ...own, sides: padding.sides };
  if (isNone(before)) return { window, isCounted: padding.isCounted };
  // Padded first, rounding up might give a window more.
  const [joined, apart] = [outputsOf(image, window, isCeil), outputsOf(image, own, isCeil, before)];
  const isSame = joined[0] === apart[0] && joined[1] === apart[1];
  return isSame && isWithinWindow(window) ? { window, isCounted: padding.isCounted } : undefined;
}

function pool(op: 'max-pool' | 'avg-pool'): Lowering {
  return (read, build) => {
    const kernel = read.numbers('kernel_shape') ?? read.complain('kernel_shape', undefined, 'a list (it is missing)');
    const isCeil = read.number('ceil_mode', 0) === 1;
    if (op === 'max-pool' && (read.node.outputs[1] ?? '') !== '')
      throw new Unsupported('MaxPool whose indices are used');
    const input = windowInput(read, build);
    const own = windowOf(read, kernel, input.image);
    if (own.dilation[0] > 1 || own.dilation[1] > 1) throw new Unsupported(`${read.op} with dilations`);
    const joined = joinedWindow(read, own, input.image, input.padding, isCeil);
    // A Pad that the window cannot have is a layer of its own.
    const image = joined === undefined ? build.asImage(read.activation(0), read.name, read.op) : input.image;
    const { window, isCounted } = joined ?? {
      window: windowOf(read, kernel, image),
      isCounted: countsPadding(read),
    };
    if (!isWithinWindow(window)) read.complain('pads', window.sides, 'less than the window');
    const { C, H, W } = shapeOf(image.placement);
    const [KH, KW] = window.kernel;
    const [OH, OW] = outputsOf(image, window, isCeil);
    checkOutputs(read, OH, OW);
    if (KH === 1 && KW === 1 && OH === H && OW === W) return image;
    const fields = {
      op,
      dimensions: { C, KH, KW, OH, OW },
      stride: shortPair(window.stride),
      padding: shortSides(window.sides),
      ...(isCeil ? { ceilMode: true } : {}),
      ...(op === 'max-pool' || isCounted || isNone(window.sides) ? {} : { countIncludePad: false }),
    };
    return build.add(read.name, fields, [image], outputImage(image, image.axes[1]!, OH, OW));
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

export const POOL_OPERATORS: Readonly<Record<string, Lowering>> = {
  MaxPool: pool('max-pool'),
  AveragePool: pool('avg-pool'),
  GlobalAveragePool: globalPool,
  GlobalMaxPool: globalPool,
};
