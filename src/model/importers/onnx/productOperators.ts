/** Matrix products: with weights a gemm, of two tensors that flow a matmul. */
import { type Axis, isSamePlacement, newFactor, type Placement, perImage, shapeOf, sizeOf, withKind } from './axes.ts';
import { type Activation, type LayerBuilder, Unsupported } from './layerBuilder.ts';
import { isConstant, type Lowering, type NodeReader } from './nodeReader.ts';

/** Everything but the images and one axis, in the order of the axes: the rows of a matrix. */
const otherAxes = (axes: readonly Axis[], without: number): Axis =>
  axes.flatMap((axis, place) => (place === without ? [] : withKind(perImage(axis), 'position')));

/** The tensor with its last axis as channels and all others as rows; left where it is if the channels are there. */
export function withLastAxisAsChannels(tensor: Activation, build: LayerBuilder, reader: string): Activation {
  const { axes, placement } = tensor;
  const last = axes.length - 1;
  const channels = withKind(perImage(axes[last] ?? []), 'channel');
  const kept = { ...placement, C: channels };
  if (isSamePlacement(placement, kept)) return { ...tensor, placement: kept };
  return build.placed(tensor, { C: channels, H: otherAxes(axes, last), W: [] }, reader);
}

function linear(read: NodeReader, build: LayerBuilder, sizes: { IC: number; OC: number; bias: boolean }): Activation {
  const { IC, OC, bias } = sizes;
  const input = read.activation(0);
  const rows = withLastAxisAsChannels(input, build, read.name);
  const { C, H, W } = shapeOf(rows.placement);
  if (C !== IC) read.complain('weight', IC, `${C} input channels, as the input has`);
  const M = H * W;
  const channels = [newFactor(OC, 'channel')];
  const others = input.axes.slice(0, -1).map((axis) => withKind(axis, 'position'));
  const placement: Placement = {
    C: channels,
    H: withKind([...rows.placement.H, ...rows.placement.W], 'position'),
    W: [],
  };
  const fields = { op: 'gemm', dimensions: { OC, IC, ...(M > 1 ? { M } : {}) }, bias };
  return build.add(read.name, fields, [rows], { axes: [...others, channels], placement });
}

const gemm: Lowering = (read, build) => {
  if (read.number('transA', 0) !== 0) throw new Unsupported('Gemm with transA');
  const { dims } = read.weight(1, [2]);
  const [IC, OC] = (read.number('transB', 0) !== 0 ? [dims[1], dims[0]] : dims) as [number, number];
  const bias = read.constant(2, 'bias');
  return linear(read, build, { IC, OC, bias: bias !== undefined });
};

/** The axes of a matrix of each group: images and groups in front, then rows and columns. */
function matrixAxes(tensor: Activation): { groups: readonly Axis[]; rows: Axis; columns: Axis } {
  const { axes } = tensor;
  return { groups: axes.slice(0, -2), rows: axes.at(-2)!, columns: axes.at(-1)! };
}

const isOfImages = (axis: Axis): boolean => sizeOf(axis) > sizeOf(perImage(axis));

/** Two tensors that flow: every group (head) of every image by itself. */
function product(read: NodeReader, build: LayerBuilder): Activation {
  const [first, second] = [read.activation(0), read.activation(1)];
  const rank = first.axes.length;
  if (rank < 2 || second.axes.length !== rank) {
    throw new Unsupported(`MatMul of tensors of ${rank} and ${second.axes.length} axes`);
  }
  const [a, b] = [matrixAxes(first), matrixAxes(second)];
  const isSame = a.groups.every((axis, place) => sizeOf(axis) === sizeOf(b.groups[place]!));
  if (!isSame || [a.rows, a.columns, b.rows, b.columns].some(isOfImages)) {
    throw new Unsupported('MatMul with broadcasting, or over the batch');
  }
  const [IC, M, OC] = [sizeOf(a.columns), sizeOf(a.rows), sizeOf(b.columns)];
  if (sizeOf(b.rows) !== IC)
    read.complain('', sizeOf(b.rows), `${IC} rows of the second input, as the first has columns`);
  const groupsOf = (groups: readonly Axis[]): Axis => withKind(groups.flatMap(perImage), 'channel');
  const G = sizeOf(groupsOf(a.groups));
  const rows = build.placed(
    first,
    { C: [...groupsOf(a.groups), ...withKind(a.columns, 'channel')], H: withKind(a.rows, 'position'), W: [] },
    read.name,
  );
  const asItIs = {
    C: [...groupsOf(b.groups), ...withKind(b.columns, 'channel')],
    H: withKind(b.rows, 'position'),
    W: [],
  };
  const transposed = {
    C: [...groupsOf(b.groups), ...withKind(b.rows, 'channel')],
    H: withKind(b.columns, 'position'),
    W: [],
  };
  const isTransposed = isSamePlacement(second.placement, transposed);
  const columns = build.placed(second, isTransposed ? transposed : asItIs, read.name);
  const channels = [newFactor(OC, 'channel')];
  const position = withKind(a.rows, 'position');
  const axes = [...first.axes.slice(0, -2).map((axis) => withKind(axis, 'channel')), position, channels];
  const placement = { C: [...groupsOf(a.groups), ...channels], H: position, W: [] };
  const fields = {
    op: 'matmul',
    dimensions: { G, M, IC, OC },
    ...(isTransposed ? { isSecondTransposed: true } : {}),
  };
  return build.add(read.name, fields, [rows, columns], { axes, placement });
}

const matmul: Lowering = (read, build) => {
  const second = read.values[1];
  if (second === undefined) return read.complain('', read.node.inputs, 'two inputs');
  if (!isConstant(second)) return product(read, build);
  const [IC, OC] = read.weight(1, [2]).dims as [number, number];
  const bias = read.constant(2, 'bias');
  if (bias !== undefined && bias.dims[0] !== OC) read.complain('bias', bias.dims, `[${OC}]`);
  return linear(read, build, { IC, OC, bias: bias !== undefined });
};

export const PRODUCT_OPERATORS: Readonly<Record<string, Lowering>> = { Gemm: gemm, MatMul: matmul };
