/**
 * Operators on constants, computed at once: the chains of Shape, Gather, Concat and the like by which exporters compute
 * shapes, and what is done to weights before they are used, of which only the sizes are known.
 */
import {
  broadcastDims,
  constant,
  fromFront,
  gather,
  MOST_VALUES,
  reshapeDims,
  sizeOfDims,
  sliceOf,
  squeezeDims,
  strides,
  unsqueezeDims,
} from './constants.ts';
import type { ConstantTensor, OnnxNode } from './model.ts';

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

/** A list of whole numbers: an attribute, or a later input that is constant. */
export type NumberLists = (attribute: string, input: number) => readonly number[] | undefined;

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
