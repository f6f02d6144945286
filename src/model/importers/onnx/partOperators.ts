/** Operators that take tensors apart or put them together along an axis. */
import type { Axis as ImageAxis } from '../../schemas/axes.ts';
import { isSameAxis, newFactor, perImage, placementOf, sizeOf } from './axes.ts';
import { fromFront, sliceOf } from './constants.ts';
import { type Activation, type LayerBuilder, sizesOf, Unsupported } from './layerBuilder.ts';
import { isConstant, type Lowering, type NodeReader } from './nodeReader.ts';

const IMAGE_AXES: readonly ImageAxis[] = ['C', 'H', 'W'];

/** Which axis of our image an ONNX axis is, with the factors outside of it among the same; undefined if it is none. */
function imageAxisOf(tensor: Activation, axis: number): { axis: ImageAxis; inside: number } | undefined {
  const factors = perImage(tensor.axes[axis]!).filter(({ size }) => size > 1);
  for (const name of IMAGE_AXES) {
    const whole = tensor.placement[name].filter(({ size }) => size > 1);
    if (factors.length === 0 || whole.length < factors.length) continue;
    if (isSameAxis(whole.slice(0, factors.length), factors)) {
      return { axis: name, inside: sizeOf(whole.slice(factors.length)) };
    }
  }
  return undefined;
}

/** The first input placed as its axes say, so that each of them is one axis of our image as far as there are three. */
function standardInput(read: NodeReader, build: LayerBuilder, input = 0): Activation {
  const tensor = read.activation(input);
  return build.placed(tensor, placementOf(tensor.axes), read.name);
}

/** Which axis of our image a tensor grows along: an axis of size 1 is the one that no other is. */
function growingAxis(read: NodeReader, lead: Activation, axis: number): ImageAxis {
  const found = imageAxisOf(lead, axis);
  if (found !== undefined && found.inside > 1) throw new Unsupported(`${read.op} across axes`);
  if (found !== undefined) return found.axis;
  const others = lead.axes.map((_, place) => (place === axis ? undefined : imageAxisOf(lead, place)?.axis));
  return IMAGE_AXES.find((each) => !others.includes(each)) ?? 'C';
}

const concat: Lowering = (read, build) => {
  const values = read.values.filter((value) => value !== undefined);
  const first = values.findIndex((value) => !isConstant(value));
  if (values.length !== read.values.length || first < 0)
    read.complain('', read.node.inputs, 'inputs that are all there');
  if (values.length === 1) return read.activation(0);
  const lead = standardInput(read, build, first);
  const rank = lead.axes.length;
  const axis = fromFront(read.number('axis', 1), rank);
  const factors = lead.axes[axis] ?? read.complain('axis', axis, `an axis of ${rank}`);
  if (sizeOf(factors) > sizeOf(perImage(factors)) || axis === 0) throw new Unsupported('Concat of images');
  const along = growingAxis(read, lead, axis);
  const sizes = sizesOf(lead.axes);
  const inputs = values.map((value, place) => {
    if (place === first) return lead;
    const fits = (dims: readonly number[]): boolean =>
      dims.length === rank && dims.every((size, each) => each === axis || size === sizes[each]);
    if (!isConstant(value)) {
      const tensor = standardInput(read, build, place);
      return fits(sizesOf(tensor.axes))
        ? tensor
        : read.complain('', sizesOf(tensor.axes), `[${sizes.join(', ')}] but for axis ${axis}`);
    }
    if (!fits(value.dims)) read.complain('', value.dims, `[${sizes.join(', ')}] but for axis ${axis}`);
    const own = [newFactor(value.dims[axis]!, factors[0]?.kind ?? 'position')];
    const placement = { ...lead.placement, [along]: own };
    return build.parameter(read.node.inputs[place]!, lead.axes.with(axis, own), placement);
  });
  const total = inputs.reduce((sum, input) => sum + sizeOf(input.axes[axis]!), 0);
  const joined = [newFactor(total, along === 'C' ? 'channel' : 'position')];
  const placement = { ...lead.placement, [along]: joined };
  const fields = { op: 'concat', ...(along === 'C' ? {} : { axis: along }) };
  return build.addPlane(read.name, fields, inputs, { axes: lead.axes.with(axis, joined), placement });
};

/** A part of a tensor along one axis. */
interface Part {
  readonly axis: number;
  readonly start: number;
  readonly count: number;
  readonly step: number;
}

function sliced(
  read: NodeReader,
  build: LayerBuilder,
  tensor: Activation,
  parts: readonly Part[],
  name: string,
): Activation {
  const start: Partial<Record<ImageAxis, number>> = {};
  const step: Partial<Record<ImageAxis, number>> = {};
  const axes = [...tensor.axes];
  let { placement } = tensor;
  for (const part of parts) {
    const factors = tensor.axes[part.axis]!;
    if (sizeOf(factors) > sizeOf(perImage(factors))) throw new Unsupported(`${read.op} of images`);
    const found = imageAxisOf(tensor, part.axis);
    if (found === undefined || start[found.axis] !== undefined || (part.step > 1 && found.inside > 1)) {
      throw new Unsupported(`${read.op} across axes`);
    }
    if (part.count < 1) read.complain('', part.count, 'a part that is not empty');
    start[found.axis] = part.start * found.inside;
    if (part.step > 1) step[found.axis] = part.step;
    const kept = [newFactor(part.count, factors[0]?.kind ?? 'position')];
    const inner = tensor.placement[found.axis]
      .filter(({ size }) => size > 1)
      .slice(factors.filter(({ size }) => size > 1).length);
    placement = { ...placement, [found.axis]: [...kept, ...inner] };
    axes[part.axis] = kept;
  }
  const fields = {
    op: 'slice',
    ...(Object.keys(start).length > 0 ? { start } : {}),
    ...(Object.keys(step).length > 0 ? { step } : {}),
  };
  return build.addPlane(name, fields, [tensor], { axes, placement });
}

const slice: Lowering = (read, build) => {
  const tensor = standardInput(read, build);
  const sizes = sizesOf(tensor.axes);
  const [starts, ends] = [read.numbers('starts', 1), read.numbers('ends', 2)];
  if (starts === undefined || ends === undefined) return read.complain('starts', starts, 'starts and ends');
  const slices = sliceOf(sizes, starts, ends, read.numbers('axes', 3), read.numbers('steps', 4));
  if (slices === undefined) throw new Unsupported('Slice backwards');
  const parts = slices
    .map((part, axis): Part => ({ ...part, axis }))
    .filter(({ axis, start, count, step }) => start !== 0 || count !== sizes[axis] || step !== 1);
  return parts.length === 0 ? tensor : sliced(read, build, tensor, parts, read.name);
};

const split: Lowering = (read, build) => {
  const tensor = standardInput(read, build);
  const axis = fromFront(read.number('axis', 0), tensor.axes.length);
  const size = sizesOf(tensor.axes)[axis] ?? read.complain('axis', axis, `an axis of ${tensor.axes.length}`);
  const { outputs } = read.node;
  const each = Math.ceil(size / outputs.length);
  const counts =
    read.numbers('split', 1) ?? outputs.map((_, place) => Math.min(each, Math.max(size - place * each, 0)));
  if (counts.length !== outputs.length || counts.reduce((sum, count) => sum + count, 0) !== size) {
    read.complain('split', counts, `${outputs.length} sizes that add up to ${size}`);
  }
  if (outputs.length === 1) return tensor;
  let start = 0;
  return counts.map((count, place) => {
    const part = sliced(read, build, tensor, [{ axis, start, count, step: 1 }], outputs[place]!);
    start += count;
    return part;
  });
};

/** One element along an axis, which is gone then unless the index is a list. */
const gatherOne: Lowering = (read, build) => {
  const tensor = standardInput(read, build);
  const axis = fromFront(read.number('axis', 0), tensor.axes.length);
  const size = sizesOf(tensor.axes)[axis] ?? read.complain('axis', axis, `an axis of ${tensor.axes.length}`);
  const indices = read.constant(1, 'index');
  const [index, ...more] = indices?.values ?? [];
  if (indices === undefined || index === undefined || more.length > 0 || indices.dims.length > 1) {
    throw new Unsupported('Gather of several elements');
  }
  const start = fromFront(index, size);
  if (!(start >= 0 && start < size)) read.complain('index', index, `an index below ${size}`);
  const part = size === 1 ? tensor : sliced(read, build, tensor, [{ axis, start, count: 1, step: 1 }], read.name);
  if (indices.dims.length === 1) return part;
  const axes = part.axes.filter((_, place) => place !== axis);
  // Where the images are one, they may go too.
  return { ...part, axes };
};

export const PART_OPERATORS: Readonly<Record<string, Lowering>> = {
  Concat: concat,
  Slice: slice,
  Split: split,
  Gather: gatherOne,
};
