/** Norms, softmax and means. */
import { type Axis, isSameAxis, newFactor, perImage, shapeOf, sizeOf, withKind } from './axes.ts';
import { fromFront } from './constants.ts';
import { type Activation, type LayerBuilder, Unsupported } from './layerBuilder.ts';
import type { Lowering, NodeReader } from './nodeReader.ts';
import { globalAveragePool } from './poolOperators.ts';
import { withLastAxisAsChannels } from './productOperators.ts';

const batchNorm: Lowering = (read, build) => {
  const image = build.asImage(read.activation(0), read.name, read.op);
  const { C } = shapeOf(image.placement);
  const scale = read.weight(1, [1], 'scale');
  if (scale.dims[0] !== C) read.complain('scale', scale.dims, `[${C}], as the input has channels`);
  // In training it gives statistics too, more or fewer of them by version; nobody but the update reads them.
  return build.addElementwise(read.name, { op: 'batch-norm' }, [image]);
};

/** The axis as channels, and what else there is as rows. */
function withChannels(tensor: Activation, axis: number, build: LayerBuilder, reader: string): Activation {
  const channels = withKind(perImage(tensor.axes[axis]!), 'channel');
  if (isSameAxis(tensor.placement.C, channels)) return { ...tensor, placement: { ...tensor.placement, C: channels } };
  const others = tensor.axes.flatMap((each, place) => (place === axis ? [] : withKind(perImage(each), 'position')));
  return build.placed(tensor, { C: channels, H: others, W: [] }, reader);
}

function checkAxis(read: NodeReader, tensor: Activation, given: number): number {
  const axis = fromFront(given, tensor.axes.length);
  const factors = tensor.axes[axis] ?? read.complain('axis', given, `an axis of ${tensor.axes.length}`);
  if (sizeOf(factors) > sizeOf(perImage(factors))) throw new Unsupported(`${read.op} over the batch`);
  return axis;
}

const layerNorm: Lowering = (read, build) => {
  const tensor = read.activation(0);
  const axis = checkAxis(read, tensor, read.number('axis', -1));
  if (axis !== tensor.axes.length - 1) throw new Unsupported('LayerNormalization over several axes');
  const isAffine = read.values[1] !== undefined;
  const input = withLastAxisAsChannels(tensor, build, read.name);
  return build.addElementwise(read.name, { op: 'layer-norm', ...(isAffine ? {} : { isAffine: false }) }, [input]);
};

/** Before version 13 everything from the axis on is one row. */
function softmaxAxis(read: NodeReader, tensor: Activation): number {
  const axis = checkAxis(read, tensor, read.number('axis', read.opset < 13 ? 1 : -1));
  const isOneRow = tensor.axes.slice(axis + 1).every((each) => sizeOf(each) === 1);
  if (read.opset < 13 && !isOneRow) throw new Unsupported('Softmax over several axes');
  return axis;
}

const softmax: Lowering = (read, build) => {
  const tensor = read.activation(0);
  const axis = softmaxAxis(read, tensor);
  const over = perImage(tensor.axes[axis]!);
  const { C } = tensor.placement;
  // Heads lie among the channels, each with its own row.
  const significant = over.filter(({ size }) => size > 1);
  const tail = significant.length === 0 ? [] : C.filter(({ size }) => size > 1).slice(-significant.length);
  const groups = shapeOf(tensor.placement).C / sizeOf(over);
  if (isSameAxis(tail, over) && groups >= 1) {
    return build.addElementwise(read.name, { op: 'softmax', ...(groups > 1 ? { groups } : {}) }, [tensor]);
  }
  return build.addElementwise(read.name, { op: 'softmax' }, [withChannels(tensor, axis, build, read.name)]);
};

/** The axes with those that are reduced of size 1, or gone. */
function reducedAxes(axes: readonly Axis[], gone: readonly number[], isKept: boolean): Axis[] {
  return axes.flatMap((axis, place) => {
    if (!gone.includes(place)) return [axis];
    return isKept ? [[newFactor(1, 'position')]] : [];
  });
}

/** Over all positions it is a global average pool, over the channels a mean of rows. */
const reduceMean: Lowering = (read, build) => {
  const tensor = read.activation(0);
  const rank = tensor.axes.length;
  const given = read.numbers('axes', 1) ?? tensor.axes.slice(1).map((_, place) => place + 1);
  const gone = given.map((axis) => checkAxis(read, tensor, axis));
  const isKept = read.number('keepdims', 1) === 1;
  const axes = reducedAxes(tensor.axes, gone, isKept);
  const over = gone.flatMap((axis) => perImage(tensor.axes[axis]!)).filter(({ size }) => size > 1);
  const { C, H, W } = tensor.placement;
  const ids = (axis: Axis): string =>
    axis
      .filter(({ size }) => size > 1)
      .map(({ id }) => id)
      .sort((a, b) => a - b)
      .join();
  if (over.length === 0)
    return build.addPlane(read.name, { op: 'reshape' }, [tensor], { axes, placement: tensor.placement });
  if (ids(over) === ids([...H, ...W])) return globalAveragePool(read, build, tensor, axes);
  if (ids(over) === ids(C)) {
    return build.add(read.name, { op: 'reduce-mean', dimensions: shapeOf(tensor.placement) }, [tensor], {
      axes,
      placement: { C: [], H, W },
    });
  }
  throw new Unsupported(`ReduceMean over axes ${given.join(', ')} of ${rank}`);
};

const lrn: Lowering = (read, build) => {
  const image = build.asImage(read.activation(0), read.name, read.op);
  return build.addElementwise(read.name, { op: 'lrn', size: read.number('size', 1) }, [image]);
};

export const NORM_OPERATORS: Readonly<Record<string, Lowering>> = {
  BatchNormalization: batchNorm,
  LayerNormalization: layerNorm,
  Softmax: softmax,
  ReduceMean: reduceMean,
  LRN: lrn,
};
