/** Activations and tensor arithmetic. */
import { type Axis, type Placement, perImage, shapeOf, sizeOf } from './axes.ts';
import { type Activation, type LayerBuilder, sizesOf, Unsupported } from './layerBuilder.ts';
import type { ConstantTensor } from './model.ts';
import { isConstant, type Lowering, type NodeReader } from './nodeReader.ts';

const unary =
  (op: string): Lowering =>
  (read, build) =>
    build.addElementwise(read.name, { op }, [read.activation(0)]);

/** What single precision cannot exceed is no bound. */
const LARGEST = 3.4028234e38;
const finite = (bound: number | undefined): number | undefined =>
  bound === undefined || Math.abs(bound) >= LARGEST || Number.isNaN(bound) ? undefined : bound;

function clipped(read: NodeReader, build: LayerBuilder, min: number | undefined, max: number | undefined): Activation {
  const input = read.activation(0);
  if (min === undefined && max === undefined) return input;
  const fields = { op: 'clip', ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }) };
  return build.addElementwise(read.name, fields, [input]);
}

const clip: Lowering = (read, build) =>
  clipped(read, build, finite(read.scalar('min', 1)), finite(read.scalar('max', 2)));

const leakyRelu: Lowering = (read, build) =>
  build.addElementwise(read.name, { op: 'leaky-relu', alpha: read.number('alpha', 0.01) }, [read.activation(0)]);

const prelu: Lowering = (read, build) => {
  const image = build.asImage(read.activation(0), read.name, read.op);
  const { C } = shapeOf(image.placement);
  const slope = read.constant(1, 'slope') ?? read.complain('slope', undefined, 'input 1 (it is missing)');
  const slopes = slope.dims.reduce((product, size) => product * size, 1);
  if (slopes !== 1 && slopes !== C) read.complain('slope', slope.dims, `one element, or one for each of ${C} channels`);
  return build.addElementwise(read.name, { op: 'prelu', ...(slopes === 1 ? { isShared: true } : {}) }, [image]);
};

/** Which of a tensor's axes a constant has a size of its own along; undefined where it does not fit. */
function axesOfConstant(dims: readonly number[], axes: readonly Axis[]): Axis[] | undefined {
  const missing = axes.length - dims.length;
  if (missing < 0 && dims.slice(0, -missing).some((size) => size !== 1)) return undefined;
  const own: Axis[] = [];
  for (const [place, axis] of axes.entries()) {
    const size = dims[place - missing] ?? 1;
    if (size === 1) continue;
    if (size !== sizeOf(axis)) return undefined;
    own.push(axis);
  }
  return own;
}

const idsOf = (axes: readonly Axis[]): string =>
  axes
    .flat()
    .filter(({ size }) => size > 1)
    .map(({ id }) => id)
    .sort((a, b) => a - b)
    .join();

/** A constant operand: a number, a value per channel, or one for every element of an image. */
function constantOperand(
  read: NodeReader,
  build: LayerBuilder,
  tensor: Activation,
  input: number,
): { readonly scalar: number } | Activation {
  const { dims, values } = read.values[input] as ConstantTensor;
  const own = axesOfConstant(dims, tensor.axes);
  const what = `${read.op} of [${sizesOf(tensor.axes).join(', ')}] and a constant of [${dims.join(', ')}]`;
  if (own === undefined) throw new Unsupported(what);
  // A number that lies outside of the file changes nothing but the values.
  if (own.length === 0) return { scalar: values?.[0] ?? 1 };
  const { C, H, W } = tensor.placement;
  const name = read.node.inputs[input]!;
  const perChannel: Placement = { C, H: [], W: [] };
  if (idsOf(own) === idsOf([C])) return build.parameter(name, own, perChannel);
  const isWhole = idsOf(own) === idsOf([C, H, W]) && own.flat().every(({ kind }) => kind !== 'image');
  if (isWhole) return build.parameter(name, own, tensor.placement);
  throw new Unsupported(what);
}

const dimensionsEqual = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((size, place) => size === b[place]);

/** A second tensor of the same sizes, or with one element per image and channel. */
function secondTensor(
  read: NodeReader,
  build: LayerBuilder,
  first: Activation,
  second: Activation,
): Activation | undefined {
  const [sizes, others] = [sizesOf(first.axes), sizesOf(second.axes)];
  if (dimensionsEqual(sizes, others)) {
    const [these, those] = [shapeOf(first.placement), shapeOf(second.placement)];
    const isSame = these.C === those.C && these.H === those.H && these.W === those.W;
    if (isSame) return second;
    // The same sizes in another place: put where the first one's factors of the same axes lie.
    const byPlace = new Map(first.axes.flatMap((axis, place) => axis.map(({ id }) => [id, place] as const)));
    const from = (axis: Axis): Axis => {
      const places = [...new Set(axis.map(({ id }) => byPlace.get(id)))];
      return places.flatMap((place) => (place === undefined ? [] : perImage(second.axes[place]!)));
    };
    const { C, H, W } = first.placement;
    const wanted = { C: from(C), H: from(H), W: from(W) };
    const put = shapeOf(wanted);
    return put.C === these.C && put.H === these.H && put.W === these.W
      ? build.placed(second, wanted, read.name)
      : undefined;
  }
  const { C } = shapeOf(first.placement);
  const small = shapeOf(second.placement);
  const isPerChannel =
    others.length === sizes.length &&
    others.every((size, place) => size === 1 || size === sizes[place]) &&
    small.C === C &&
    small.H === 1 &&
    small.W === 1;
  return isPerChannel ? second : undefined;
}

function arithmetic(op: string, changesPlaces: boolean): Lowering {
  return (read, build) => {
    const [a, b] = read.values;
    if (a === undefined || b === undefined) return read.complain('', read.node.inputs, 'two inputs');
    if (isConstant(b) || isConstant(a)) {
      const input = isConstant(b) ? 1 : 0;
      if (input === 0 && !changesPlaces) throw new Unsupported(`${read.op} of a constant and a tensor`);
      const tensor = read.activation(1 - input);
      const operand = constantOperand(read, build, tensor, input);
      if ('scalar' in operand) return build.addElementwise(read.name, { op, scalar: operand.scalar }, [tensor]);
      return build.addElementwise(read.name, { op }, [tensor, operand]);
    }
    const [first, second] = [read.activation(0), read.activation(1)];
    const fitting = secondTensor(read, build, first, second);
    if (fitting !== undefined) return build.addElementwise(read.name, { op }, [first, fitting]);
    const exchanged = changesPlaces ? secondTensor(read, build, second, first) : undefined;
    if (exchanged !== undefined) return build.addElementwise(read.name, { op }, [second, exchanged]);
    throw new Unsupported(`${read.op} of [${sizesOf(first.axes).join(', ')}] and [${sizesOf(second.axes).join(', ')}]`);
  };
}

const negate: Lowering = (read, build) =>
  build.addElementwise(read.name, { op: 'tensor-mul', scalar: -1 }, [read.activation(0)]);

/** A square is a product; a first power nothing. */
const power: Lowering = (read, build) => {
  const tensor = read.activation(0);
  const exponent = read.constant(1, 'exponent')?.values;
  if (exponent?.length === 1 && exponent[0] === 1) return tensor;
  if (exponent?.length !== 1 || exponent[0] !== 2) throw new Unsupported('Pow with an exponent other than 2');
  return build.addElementwise(read.name, { op: 'tensor-mul' }, [tensor, tensor]);
};

/** Nothing happens to the data. */
const asItIs: Lowering = (read) => read.unpadded(0);

/** Its mask is nobody's: a graph that reads it is refused. */
const dropout: Lowering = (read, build) => {
  const tensor = read.activation(0);
  return build.add(read.name, { op: 'dropout' }, [tensor], tensor);
};

export const ELEMENTWISE_OPERATORS: Readonly<Record<string, Lowering>> = {
  Relu: unary('relu'),
  Sigmoid: unary('sigmoid'),
  Tanh: unary('tanh'),
  HardSigmoid: unary('hard-sigmoid'),
  HardSwish: unary('hard-swish'),
  Silu: unary('silu'),
  Gelu: unary('gelu'),
  GeluTanh: unary('gelu'),
  Relu6: (read, build) => clipped(read, build, 0, 6),
  Clip: clip,
  LeakyRelu: leakyRelu,
  PRelu: prelu,
  Add: arithmetic('tensor-add', true),
  Sum: arithmetic('tensor-add', true),
  Sub: arithmetic('tensor-sub', false),
  Mul: arithmetic('tensor-mul', true),
  Div: arithmetic('tensor-div', false),
  Neg: negate,
  Pow: power,
  Identity: asItIs,
  Cast: asItIs,
  Dropout: dropout,
};
