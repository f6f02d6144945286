/** The layers of the workload as they are made, each with the ONNX sizes of what comes out of it. */
import { AXES } from '../../schemas/axes.ts';
import {
  type Axis,
  imagePlacement,
  isSameAxis,
  isSameOrder,
  isSamePlacement,
  newFactor,
  type Placement,
  perImage,
  placementOf,
  shapeOf,
  sizeOf,
} from './axes.ts';

/** What an operator, or the way it is used, is called in the message that counts all that cannot be imported. */
export class Unsupported extends Error {
  readonly what: string;

  constructor(what: string) {
    super(what);
    this.name = 'Unsupported';
    this.what = what;
  }
}

/** [top, left, bottom, right]. */
export type Sides = readonly [number, number, number, number];

/** A tensor that depends on the input: the layer that makes it, its ONNX axes, and where they lie in our image. */
export interface Activation {
  readonly layer: string;
  readonly axes: readonly Axis[];
  readonly placement: Placement;
  /** Zeros that a Pad adds to the rows and columns, as long as no layer does: the window that follows may add them. */
  readonly padding?: { readonly node: string; readonly sides: Sides };
}

/** A layer of the workload before it is validated. */
export type LayerDraft = { readonly name: string; readonly op: string; readonly inputs: readonly string[] } & Readonly<
  Record<string, unknown>
>;

type Fields = Readonly<Record<string, unknown>>;

/** What an operation with one output of the input's sizes leaves as it is. */
export const sizesOf = (axes: readonly Axis[]): number[] => axes.map(sizeOf);

const INPUT = 'input';

export class LayerBuilder {
  readonly layers: LayerDraft[] = [];
  /** The ONNX sizes of each layer's output for one image, the batch being 1. */
  readonly outputSizes = new Map<string, readonly number[]>();
  private readonly names = new Set<string>([INPUT]);
  private readonly parameters = new Map<string, Activation>();
  private readonly padded = new Map<string, Activation>();

  private unique(name: string): string {
    let candidate = name;
    for (let count = 2; this.names.has(candidate); count++) candidate = `${name}_${count}`;
    this.names.add(candidate);
    return candidate;
  }

  /** Adds a layer whose dimensions are fields of its own. */
  add(
    name: string,
    fields: Fields & { readonly op: string },
    inputs: readonly Activation[],
    output: Pick<Activation, 'axes' | 'placement'>,
  ): Activation {
    const layer = this.unique(name);
    const { op, ...more } = fields;
    this.layers.push({ name: layer, op, inputs: inputs.map((input) => input.layer), ...more });
    this.outputSizes.set(
      layer,
      output.axes.map((axis) => sizeOf(perImage(axis))),
    );
    return { layer, axes: output.axes, placement: output.placement };
  }

  /** Adds a layer whose dimensions are those of its output. */
  addPlane(
    name: string,
    fields: Fields & { readonly op: string },
    inputs: readonly Activation[],
    output: Pick<Activation, 'axes' | 'placement'>,
  ): Activation {
    return this.add(name, { ...fields, dimensions: shapeOf(output.placement) }, inputs, output);
  }

  /** An element-wise layer: everything stays where it is. */
  addElementwise(name: string, fields: Fields & { readonly op: string }, inputs: readonly Activation[]): Activation {
    return this.addPlane(name, fields, inputs, inputs[0]!);
  }

  /** The tensor with its factors where a layer needs them: behind a reshape or a transpose if they lie elsewhere. */
  placed(tensor: Activation, wanted: Placement, reader: string): Activation {
    const { placement, axes } = tensor;
    if (isSamePlacement(placement, wanted)) return { ...tensor, placement: wanted };
    const output = { axes, placement: wanted };
    if (!isSameOrder(placement, wanted)) {
      const order = AXES.map((axis) => AXES.find((from) => isSameAxis(placement[from], wanted[axis])));
      if (new Set(order).size === AXES.length && !order.includes(undefined)) {
        return this.addPlane(`${reader}.transpose`, { op: 'transpose', order }, [tensor], output);
      }
    }
    // Factors that change places in a finer way do so in memory alone.
    return this.addPlane(`${reader}.reshape`, { op: 'reshape' }, [tensor], output);
  }

  /** The tensor as N×C×H×W, N×C×L or N×C with the channels second. */
  asImage(tensor: Activation, reader: string, op: string): Activation {
    const { axes } = tensor;
    const [images = [], ...others] = axes;
    const isOfImages =
      sizeOf(perImage(images)) === 1 && others.every((axis) => sizeOf(axis) === sizeOf(perImage(axis)));
    if (axes.length < 2 || axes.length > 4) throw new Unsupported(`${op} of a tensor of ${axes.length} axes`);
    if (!isOfImages) throw new Unsupported(`${op} whose first axis is not the batch`);
    return this.placed(tensor, imagePlacement(axes), reader);
  }

  /** A constant as a layer, where a tensor that flows is combined with it; sizes are those of our image. */
  parameter(name: string, axes: readonly Axis[], placement: Placement): Activation {
    const { C, H, W } = shapeOf(placement);
    const key = `${name} ${C}×${H}×${W}`;
    const known = this.parameters.get(key);
    if (known !== undefined) return { ...known, axes, placement };
    const made = this.addPlane(name, { op: 'parameter' }, [], { axes, placement });
    this.parameters.set(key, made);
    return made;
  }

  /** The tensor with the zeros of a Pad added by a layer of its own. */
  withPadding(tensor: Activation): Activation {
    if (tensor.padding === undefined) return tensor;
    const { node, sides } = tensor.padding;
    const known = this.padded.get(node);
    if (known !== undefined) return known;
    const { padding, ...bare } = tensor;
    const image = this.asImage(bare, node, 'Pad');
    const output = paddedAxes(image.axes, sides);
    const made = this.addPlane(node, { op: 'pad', padding: sides }, [image], {
      axes: output,
      placement: imagePlacement(output),
    });
    this.padded.set(node, made);
    return made;
  }
}

/** N×C×H×W or N×C×L with zeros added. */
export function paddedAxes(axes: readonly Axis[], [top, left, bottom, right]: Sides): Axis[] {
  const added = [0, 0, top + bottom, left + right];
  return axes.map((axis, place) => {
    const more = added[place] ?? 0;
    return more === 0 ? axis : [newFactor(sizeOf(axis) + more, 'position')];
  });
}

/** The network's input: N×C×H×W, N×L×C or N×C; rows and columns may come before the channels. */
export function networkInput(sizes: readonly number[], channelAxis: number): Activation {
  const axes = sizes.map(
    (size, place): Axis => [newFactor(size, place === 0 ? 'image' : place === channelAxis ? 'channel' : 'position')],
  );
  return { layer: INPUT, axes, placement: placementOf(axes) };
}
