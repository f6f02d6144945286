/** Constants of a graph, and the sizes that operators give tensors. */
import type { ConstantTensor } from './model.ts';

/** Longer tensors keep their sizes only. */
export const MOST_VALUES = 4096;

export const sizeOfDims = (dims: readonly number[]): number => dims.reduce((product, dim) => product * dim, 1);

/** A constant of known values, or of sizes alone. */
export function constant(
  dims: readonly number[],
  values: readonly number[] | undefined,
  isFloat = false,
): ConstantTensor {
  return { dims, values: values?.length === sizeOfDims(dims) ? values : undefined, isFloat };
}

export const vectorOf = (values: readonly number[]): ConstantTensor => constant([values.length], values);

/** The sizes of two tensors broadcast over each other; undefined where they do not fit. */
export function broadcastDims(a: readonly number[], b: readonly number[]): number[] | undefined {
  const rank = Math.max(a.length, b.length);
  const dims: number[] = [];
  for (let place = 0; place < rank; place++) {
    const [m, n] = [a[a.length - rank + place] ?? 1, b[b.length - rank + place] ?? 1];
    if (m !== n && m !== 1 && n !== 1) return undefined;
    dims.push(m === 1 ? n : m);
  }
  return dims;
}

/** Distance in the data between neighbours along each axis; 0 along an axis that is broadcast. */
export function strides(dims: readonly number[], rank: number): number[] {
  const steps: number[] = new Array<number>(rank).fill(0);
  let step = 1;
  for (let axis = dims.length - 1; axis >= 0; axis--) {
    steps[axis + rank - dims.length] = dims[axis] === 1 ? 0 : step;
    step *= dims[axis]!;
  }
  return steps;
}

/** The value of every element, by the place that `at` gives for its coordinates. */
export function gather(
  dims: readonly number[],
  steps: readonly number[],
  values: readonly number[],
  from = 0,
): number[] {
  const count = sizeOfDims(dims);
  const result = new Array<number>(count);
  for (let place = 0; place < count; place++) {
    let [rest, source] = [place, from];
    for (let axis = dims.length - 1; axis >= 0; axis--) {
      source += (rest % dims[axis]!) * steps[axis]!;
      rest = Math.floor(rest / dims[axis]!);
    }
    result[place] = values[source]!;
  }
  return result;
}

/** `axis` counted from the front. */
export const fromFront = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);

/** The sizes that a Reshape gives: 0 keeps a size, −1 is what is left; undefined where they do not fit. */
export function reshapeDims(
  dims: readonly number[],
  target: readonly number[],
  allowZero = false,
): number[] | undefined {
  const count = sizeOfDims(dims);
  const kept = target.map((size, place) => (size === 0 && !allowZero ? (dims[place] ?? 0) : size));
  const known = sizeOfDims(kept.filter((size) => size !== -1));
  const resolved = kept.map((size) => (size === -1 ? count / known : size));
  const isSensible = resolved.every((size) => Number.isSafeInteger(size) && size > 0);
  return isSensible && sizeOfDims(resolved) === count ? resolved : undefined;
}

/** The sizes without the axes, or without all of size 1. */
export function squeezeDims(dims: readonly number[], axes: readonly number[] | undefined): number[] {
  const gone = axes?.map((axis) => fromFront(axis, dims.length));
  return dims.filter((size, place) => (gone === undefined ? size !== 1 : !gone.includes(place)));
}

/** The places of the axes that an Unsqueeze adds, in order. */
export function unsqueezed(rank: number, axes: readonly number[]): number[] {
  return axes.map((axis) => fromFront(axis, rank + axes.length)).sort((a, b) => a - b);
}

export function unsqueezeDims(dims: readonly number[], axes: readonly number[]): number[] {
  const result = [...dims];
  for (const place of unsqueezed(dims.length, axes)) result.splice(place, 0, 1);
  return result;
}

/** First, count and step along each axis of a Slice; undefined where it goes backwards. */
export function sliceOf(
  dims: readonly number[],
  starts: readonly number[],
  ends: readonly number[],
  axes: readonly number[] | undefined,
  steps: readonly number[] | undefined,
): { start: number; count: number; step: number }[] | undefined {
  const slices = dims.map((count) => ({ start: 0, count, step: 1 }));
  for (const [place, first] of starts.entries()) {
    const axis = fromFront(axes?.[place] ?? place, dims.length);
    const [size, step, last] = [dims[axis], steps?.[place] ?? 1, ends[place]];
    if (size === undefined || last === undefined || step < 1) return undefined;
    const clamp = (index: number): number => Math.min(Math.max(index < 0 ? index + size : index, 0), size);
    const [start, end] = [clamp(first), clamp(last)];
    slices[axis] = { start, count: Math.max(Math.ceil((end - start) / step), 0), step };
  }
  return slices;
}
