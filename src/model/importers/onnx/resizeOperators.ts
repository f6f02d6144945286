/** Operators that change the size of an image without a window: resizing and padding. */
import { shapeOf, sizeOf } from './axes.ts';
import { type Sides, Unsupported } from './layerBuilder.ts';
import type { Lowering, NodeReader } from './nodeReader.ts';
import { outputImage, pair } from './slidingWindow.ts';

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

export const RESIZE_OPERATORS: Readonly<Record<string, Lowering>> = { Resize: resize, Upsample: resize, Pad: pad };
