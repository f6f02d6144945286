/**
 * Arithmetic on constants: the chains of Shape, Gather, Concat and the like by which exporters compute shapes, and what
 * is done to weights before they are used, of which only the sizes are known.
 */
import type { ConstantTensor, OnnxNode } from './model.ts';

/** Longer tensors keep their sizes only. */
const MOST_VALUES = 4096;

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
function strides(dims: readonly number[], rank: number): number[] {
  const steps: number[] = new Array<number>(rank).fill(0);
  let step = 1;
  for (let axis = dims.length - 1; axis >= 0; axis--) {
    steps[axis + rank - dims.length] = dims[axis] === 1 ? 0 : step;
    step *= dims[axis]!;
  }
  return steps;
}

/** The value of every element, by the place that `at` gives for its coordinates. */
function gather(dims: readonly number[], steps: readonly number[], values: readonly number[], from = 0): number[] {
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

function elementwise(
  tensors: readonly ConstantTensor[],
  compute: (...operands: number[]) => number,
): ConstantTensor | undefined {
  const dims = tensors.reduce<number[] | undefined>((sum, { dims: next }) => sum && broadcastDims(sum, next), []);
  if (dims === undefined) return undefined;
  const isFloat = tensors.some((tensor) => tensor.isFloat);
  const isKnown = tensors.every(({ values }) => values !== undefined) && sizeOfDims(dims) <= MOST_VALUES;
  if (!isKnown) return constant(dims, undefined, isFloat);
  const spread = tensors.map((tensor) => gather(dims, strides(tensor.dims, dims.length), tensor.values!));
  const values = spread[0]!.map((_, place) => compute(...spread.map((each) => each[place]!)));
  return constant(dims, values, isFloat);
}

const isTrue = (condition: boolean): number => (condition ? 1 : 0);

/** Element by element, with broadcasting. Whole numbers divide as whole numbers. */
const ELEMENTWISE: Readonly<Record<string, (isFloat: boolean) => (...operands: number[]) => number>> = {
  Add: () => (a, b) => a! + b!,
  Sub: () => (a, b) => a! - b!,
  Mul: () => (a, b) => a! * b!,
  Div: (isFloat) => (a, b) => (isFloat ? a! / b! : Math.trunc(a! / b!)),
  Mod: () => (a, b) => a! - b! * Math.floor(a! / b!),
  Pow: () => (a, b) => a! ** b!,
  Min: () => Math.min,
  Max: () => Math.max,
  Neg: () => (a) => -a!,
  Abs: () => (a) => Math.abs(a!),
  Floor: () => (a) => Math.floor(a!),
  Ceil: () => (a) => Math.ceil(a!),
  Sqrt: () => (a) => Math.sqrt(a!),
  Exp: () => (a) => Math.exp(a!),
  Reciprocal: () => (a) => 1 / a!,
  Not: () => (a) => isTrue(a === 0),
  And: () => (a, b) => isTrue(a !== 0 && b !== 0),
  Or: () => (a, b) => isTrue(a !== 0 || b !== 0),
  Equal: () => (a, b) => isTrue(a === b),
  Less: () => (a, b) => isTrue(a! < b!),
  Greater: () => (a, b) => isTrue(a! > b!),
  Where: () => (condition, a, b) => (condition === 0 ? b! : a!),
};

/** `axis` counted from the front. */
export const fromFront = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);

/** A list of whole numbers: an attribute, or a later input that is constant. */
export type NumberLists = (attribute: string, input: number) => readonly number[] | undefined;

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

/** What a folding reads of its node besides its inputs' values. */
interface Folding {
  readonly node: OnnxNode;
  /** Undefined where one is left out, which is told before anything reads them. */
  readonly inputs: readonly ConstantTensor[];
  readonly numbers: NumberLists;
  readonly attribute: (name: string, otherwise: number) => number;
}

type Fold = (folding: Folding) => ConstantTensor | undefined;

const sameData = (tensor: ConstantTensor, dims: readonly number[] | undefined): ConstantTensor | undefined =>
  dims && constant(dims, tensor.values, tensor.isFloat);

const foldGather: Fold = ({ inputs, attribute }) => {
  const [data, indices] = inputs as [ConstantTensor, ConstantTensor?];
  if (indices === undefined) return undefined;
  const axis = fromFront(attribute('axis', 0), data.dims.length);
  const size = data.dims[axis];
  if (size === undefined) return undefined;
  const dims = [...data.dims.slice(0, axis), ...indices.dims, ...data.dims.slice(axis + 1)];
  // Shapes are vectors; of anything larger only the sizes matter.
  if (data.dims.length !== 1 || data.values === undefined) return constant(dims, undefined, data.isFloat);
  const values = indices.values?.map((index) => data.values![fromFront(index, size)] ?? Number.NaN);
  return values?.some(Number.isNaN) ? undefined : constant(dims, values, data.isFloat);
};

const foldConcat: Fold = ({ inputs, attribute }) => {
  const [first] = inputs as [ConstantTensor];
  const axis = fromFront(attribute('axis', 0), first.dims.length);
  const dims = first.dims.map((size, place) =>
    place === axis ? inputs.reduce((sum, tensor) => sum + (tensor.dims[axis] ?? 0), 0) : size,
  );
  const isVector =
    sizeOfDims(dims) <= MOST_VALUES &&
    inputs.every((tensor) => tensor.dims.length === 1 && tensor.values !== undefined);
  return constant(dims, isVector ? inputs.flatMap((tensor) => tensor.values!) : undefined, first.isFloat);
};

const foldSlice: Fold = ({ inputs, numbers }) => {
  const [data] = inputs as [ConstantTensor];
  const [starts, ends] = [numbers('starts', 1), numbers('ends', 2)];
  if (starts === undefined || ends === undefined) return undefined;
  const slices = sliceOf(data.dims, starts, ends, numbers('axes', 3), numbers('steps', 4));
  if (slices === undefined) return undefined;
  const dims = slices.map(({ count }) => count);
  if (data.values === undefined) return constant(dims, undefined, data.isFloat);
  const all = strides(data.dims, data.dims.length);
  const from = slices.reduce((place, { start }, axis) => place + start * all[axis]!, 0);
  const steps = slices.map(({ step }, axis) => step * all[axis]!);
  return constant(dims, gather(dims, steps, data.values, from), data.isFloat);
};

const foldTranspose: Fold = ({ inputs: [data], numbers }) => {
  const rank = data!.dims.length;
  const order = numbers('perm', Number.POSITIVE_INFINITY) ?? Array.from({ length: rank }, (_, axis) => rank - 1 - axis);
  const dims = order.map((axis) => data!.dims[axis]);
  if (dims.length !== rank || dims.some((size) => size === undefined)) return undefined;
  const sizes = dims as number[];
  const steps = strides(data!.dims, rank);
  const values =
    data!.values &&
    gather(
      sizes,
      order.map((axis) => steps[axis]!),
      data!.values,
    );
  return constant(sizes, values, data!.isFloat);
};

const foldExpand: Fold = ({ inputs: [data], numbers }) => {
  const shape = numbers('', 1);
  const dims = shape && broadcastDims(data!.dims, shape);
  if (dims === undefined) return undefined;
  const isKnown = data!.values !== undefined && sizeOfDims(dims) <= MOST_VALUES;
  return constant(
    dims,
    isKnown ? gather(dims, strides(data!.dims, dims.length), data!.values!) : undefined,
    data!.isFloat,
  );
};

const foldConstantOfShape: Fold = ({ node, numbers }) => {
  const dims = numbers('', 0);
  if (dims === undefined || dims.some((size) => size < 0)) return undefined;
  const value = node.attributes.get('value');
  const fill = typeof value === 'object' && 'dims' in value ? (value.values?.[0] ?? 0) : 0;
  const isFloat = typeof value === 'object' && 'dims' in value ? value.isFloat : true;
  const count = sizeOfDims(dims);
  return constant(dims, count <= MOST_VALUES ? new Array<number>(count).fill(fill) : undefined, isFloat);
};

const foldRange: Fold = ({ inputs }) => {
  const [start, limit, delta] = inputs.map((tensor) => tensor.values?.[0]);
  if (start === undefined || limit === undefined || delta === undefined || delta === 0) return undefined;
  const count = Math.max(Math.ceil((limit - start) / delta), 0);
  if (!(count <= MOST_VALUES)) return undefined;
  return constant(
    [count],
    Array.from({ length: count }, (_, place) => start + place * delta),
    inputs[0]!.isFloat,
  );
};

const FOLDS: Readonly<Record<string, Fold>> = {
  Identity: ({ inputs: [data] }) => data,
  // 7 is int64, 6 int32: a float becomes a whole number.
  Cast: ({ inputs: [data], attribute }) => {
    const isFloat = [1, 10, 11, 16].includes(attribute('to', 1));
    return constant(data!.dims, isFloat ? data!.values : data!.values?.map(Math.trunc), isFloat);
  },
  Size: ({ inputs: [data] }) => constant([], [sizeOfDims(data!.dims)]),
  Gather: foldGather,
  Concat: foldConcat,
  Slice: foldSlice,
  Transpose: foldTranspose,
  Expand: foldExpand,
  ConstantOfShape: foldConstantOfShape,
  Range: foldRange,
  Reshape: ({ inputs: [data], numbers, attribute }) => {
    const shape = numbers('shape', 1);
    return shape && sameData(data!, reshapeDims(data!.dims, shape, attribute('allowzero', 0) === 1));
  },
  Squeeze: ({ inputs: [data], numbers }) => sameData(data!, squeezeDims(data!.dims, numbers('axes', 1))),
  Unsqueeze: ({ inputs: [data], numbers }) => {
    const axes = numbers('axes', 1);
    return axes && sameData(data!, unsqueezeDims(data!.dims, axes));
  },
  Flatten: ({ inputs: [data], attribute }) => {
    const axis = fromFront(attribute('axis', 1), data!.dims.length);
    return sameData(data!, [sizeOfDims(data!.dims.slice(0, axis)), sizeOfDims(data!.dims.slice(axis))]);
  },
  ReduceProd: ({ inputs: [data], attribute }) =>
    data!.values && constant(attribute('keepdims', 1) === 1 ? data!.dims.map(() => 1) : [], [sizeOfDims(data!.values)]),
};

/** Whether an operator can be computed where all its inputs are constants. */
export function isFoldable(op: string): boolean {
  return Object.hasOwn(FOLDS, op) || Object.hasOwn(ELEMENTWISE, op);
}

/** What a node of constant inputs gives; undefined where that cannot be told. */
export function fold(folding: Folding): ConstantTensor | undefined {
  const { node, inputs } = folding;
  // Only the axes and the steps of a slice may be left out.
  const isComplete = node.op === 'Slice' ? inputs[0] !== undefined : inputs.every((input) => input !== undefined);
  if (inputs.length === 0 || !isComplete) return undefined;
  if (Object.hasOwn(ELEMENTWISE, node.op)) {
    const isFloat = inputs.some((tensor) => tensor.isFloat);
    return elementwise(inputs, ELEMENTWISE[node.op]!(isFloat));
  }
  return Object.hasOwn(FOLDS, node.op) ? FOLDS[node.op]!(folding) : undefined;
}
