/** Operators that regroup a tensor's axes, or change their order in memory. */
import {
  type Axis,
  imagePlacement,
  isSameAxis,
  isSamePlacement,
  type Placement,
  perImage,
  placementOf,
  refined,
  reshapeAxes,
  shapeOf,
  sizeOf,
  withPureAxes,
} from './axes.ts';
import { fromFront, reshapeDims, squeezeDims, unsqueezed, vectorOf } from './constants.ts';
import { type Activation, type LayerBuilder, sizesOf, Unsupported } from './layerBuilder.ts';
import { isConstant, type Lowering, type NodeReader } from './nodeReader.ts';

/** N×C×H×W again after a flattening: the second axis holds the channels. */
function asImageAgain(axes: readonly Axis[]): readonly Axis[] {
  const isFlat = axes.every((axis) => axis.every(({ kind, size }) => size === 1 || kind !== 'position'));
  if (axes.length !== 4 || !isFlat || sizeOf(perImage(axes[0]!)) > 1) return axes;
  const { C, H, W } = imagePlacement(axes);
  return [axes[0]!, C, H, W];
}

function reshapedTo(read: NodeReader, build: LayerBuilder, tensor: Activation, sizes: readonly number[]): Activation {
  const before = sizesOf(tensor.axes);
  if (before.length === sizes.length && before.every((size, place) => size === sizes[place])) return tensor;
  const reshaped = reshapeAxes(tensor.axes, sizes);
  if (reshaped === undefined) throw new Unsupported(`${read.op} that mixes images`);
  const axes = asImageAgain(withPureAxes(reshaped.axes));
  const placement = placementOf(axes);
  const { H, W } = shapeOf(placement);
  const source = { ...tensor, placement: refined(tensor.placement, reshaped.split) };
  const isFlat = H === 1 && W === 1 && sizes.length === 2;
  if (isFlat) return build.add(read.name, { op: 'flatten' }, [source], { axes, placement });
  return build.addPlane(read.name, { op: 'reshape' }, [source], { axes, placement });
}

const reshape: Lowering = (read, build) => {
  const tensor = read.activation(0);
  const target = read.numbers('shape', 1) ?? read.complain('shape', undefined, 'input 1 (it is missing)');
  const sizes = reshapeDims(sizesOf(tensor.axes), target, read.number('allowzero', 0) === 1);
  if (sizes === undefined) {
    return read.complain('shape', target, `as many elements as the input [${sizesOf(tensor.axes).join(', ')}] has`);
  }
  return reshapedTo(read, build, tensor, sizes);
};

const flatten: Lowering = (read, build) => {
  const tensor = read.activation(0);
  const sizes = sizesOf(tensor.axes);
  const axis = fromFront(read.number('axis', 1), sizes.length);
  const product = (part: readonly number[]): number => part.reduce((all, size) => all * size, 1);
  // It stays a step of its own where nothing changes: the next operation is the one that is listed.
  if (sizes.length === 2 && axis === 1) {
    return build.add(read.name, { op: 'flatten' }, [tensor], { axes: tensor.axes, placement: tensor.placement });
  }
  return reshapedTo(read, build, tensor, [product(sizes.slice(0, axis)), product(sizes.slice(axis))]);
};

const squeeze: Lowering = (read, build) => {
  const tensor = read.activation(0);
  const sizes = sizesOf(tensor.axes);
  const gone = read.numbers('axes', 1);
  const kept = squeezeDims(sizes, gone);
  if (kept.reduce((all, size) => all * size, 1) !== sizes.reduce((all, size) => all * size, 1)) {
    read.complain('axes', gone, `axes of size 1 of [${sizes.join(', ')}]`);
  }
  const places = gone?.map((axis) => fromFront(axis, sizes.length));
  const axes = tensor.axes.filter((axis, place) =>
    places === undefined ? sizeOf(axis) !== 1 : !places.includes(place),
  );
  if (axes.length === sizes.length) return tensor;
  const isFlat = axes.length === 2 && isSamePlacement(placementOf(axes), { ...tensor.placement, H: [], W: [] });
  if (isFlat) return build.add(read.name, { op: 'flatten' }, [tensor], { axes, placement: tensor.placement });
  return build.addPlane(read.name, { op: 'reshape' }, [tensor], { axes, placement: tensor.placement });
};

const unsqueeze: Lowering = (read, build) => {
  const tensor = read.activation(0);
  const added = read.numbers('axes', 1) ?? read.complain('axes', undefined, 'a list (it is missing)');
  const axes = [...tensor.axes];
  for (const place of unsqueezed(axes.length, added)) axes.splice(place, 0, []);
  return build.addPlane(read.name, { op: 'reshape' }, [tensor], { axes, placement: tensor.placement });
};

/** How many groups the channels are shuffled in: the two factors that have changed places; undefined if it is not that. */
function shuffledGroups(before: Placement, after: Placement): number | undefined {
  const [a, b, ...more] = before.C.filter(({ size }) => size > 1);
  if (a === undefined || b === undefined || more.length > 0 || !isSameAxis(after.C, [b, a])) return undefined;
  return isSameAxis(before.H, after.H) && isSameAxis(before.W, after.W) ? a.size : undefined;
}

const transpose: Lowering = (read, build) => {
  const tensor = read.activation(0);
  const rank = tensor.axes.length;
  const order = read.numbers('perm') ?? tensor.axes.map((_, place) => rank - 1 - place);
  const isOrder =
    order.length === rank && new Set(order).size === rank && order.every((axis) => axis >= 0 && axis < rank);
  if (!isOrder) read.complain('perm', order, `each of the ${rank} axes once`);
  if (order.every((axis, place) => axis === place)) return tensor;
  const axes = order.map((axis) => tensor.axes[axis]!);
  const { placement } = tensor;
  const after = placementOf(axes);
  const groups = shuffledGroups(placement, after);
  if (groups !== undefined) {
    return build.addPlane(read.name, { op: 'channel-shuffle', groups }, [tensor], { axes, placement: after });
  }
  const isExchanged =
    isSameAxis(placement.C, after.C) && isSameAxis(placement.H, after.W) && isSameAxis(placement.W, after.H);
  if (isExchanged && shapeOf(placement).W > 1) {
    const fields = { op: 'transpose', order: ['C', 'W', 'H'] };
    return build.addPlane(read.name, fields, [tensor], { axes, placement: after });
  }
  // What changes is how the tensor lies in memory. Finer changes of place are kept for who needs them.
  return build.addPlane(read.name, { op: 'transpose' }, [tensor], { axes, placement });
};

/** The sizes of a tensor, as a constant. */
export const shape: Lowering = (read) => {
  const value = read.values[0];
  if (value === undefined) return read.complain('', undefined, 'an input (it is missing)');
  const dims = isConstant(value) ? value.dims : sizesOf(read.activation(0).axes);
  const end = read.number('end', dims.length);
  return vectorOf(dims.slice(fromFront(read.number('start', 0), dims.length), fromFront(end, dims.length)));
};

/** To the sizes that it has: nothing. */
const expand: Lowering = (read) => {
  const tensor = read.activation(0);
  const sizes = read.numbers('shape', 1) ?? [];
  const own = sizesOf(tensor.axes);
  const isSame =
    sizes.length <= own.length &&
    sizes.every((size, place) => size === 1 || size === own[own.length - sizes.length + place]);
  if (!isSame) throw new Unsupported('Expand of a tensor that is not constant');
  return tensor;
};

export const RESHAPE_OPERATORS: Readonly<Record<string, Lowering>> = {
  Reshape: reshape,
  Flatten: flatten,
  Squeeze: squeeze,
  Unsqueeze: unsqueeze,
  Transpose: transpose,
  Shape: shape,
  Expand: expand,
};
