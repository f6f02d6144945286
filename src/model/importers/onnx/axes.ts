/**
 * How an ONNX tensor of any rank lies in our images of channels, rows and columns. Each of its axes is a product of
 * factors; a factor is of the images (N), of the channels or of the positions. Reshapes regroup factors, transposes
 * move them, and so it stays known which of a tensor's axes are heads, windows or the batch.
 */
import type { Shape } from '../../workload/shapes.ts';

export interface Factor {
  /** The same factor keeps its id wherever it goes. */
  readonly id: number;
  readonly size: number;
  readonly kind: 'image' | 'channel' | 'position';
}

export type Axis = readonly Factor[];

/** Which factors, in which order, are the channels, the rows and the columns of a layer's output. */
export interface Placement {
  readonly C: Axis;
  readonly H: Axis;
  readonly W: Axis;
}

let factors = 0;

/** A factor that no other tensor has. */
export function newFactor(size: number, kind: Factor['kind']): Factor {
  factors++;
  return { id: factors, size, kind };
}

export function sizeOf(axis: Axis): number {
  return axis.reduce((product, { size }) => product * size, 1);
}

/** What of an axis belongs to every image. */
export function perImage(axis: Axis): Axis {
  return axis.filter(({ kind }) => kind !== 'image');
}

export function shapeOf({ C, H, W }: Placement): Shape {
  return { C: sizeOf(C), H: sizeOf(H), W: sizeOf(W) };
}

/** Factors of size 1 are nowhere in particular. */
const significant = (axis: Axis): Axis => axis.filter(({ size }) => size > 1);

/** Whether two lists hold the same factors in the same order. */
export function isSameAxis(a: Axis, b: Axis): boolean {
  const [these, those] = [significant(a), significant(b)];
  return these.length === those.length && these.every(({ id }, place) => id === those[place]!.id);
}

export function isSamePlacement(a: Placement, b: Placement): boolean {
  return isSameAxis(a.C, b.C) && isSameAxis(a.H, b.H) && isSameAxis(a.W, b.W);
}

/** The elements of both lie in the same order, channels outermost. */
export function isSameOrder(a: Placement, b: Placement): boolean {
  return isSameAxis([...a.C, ...a.H, ...a.W], [...b.C, ...b.H, ...b.W]);
}

export function withKind(axis: Axis, kind: Factor['kind']): Axis {
  return axis.map((factor) => (factor.kind === 'image' ? factor : { ...factor, kind }));
}

/** Axes that hold both channels and positions hold channels only from then on, as after a flattening. */
export function withPureAxes(axes: readonly Axis[]): Axis[] {
  return axes.map((axis) => (axis.some(({ kind }) => kind === 'channel') ? withKind(axis, 'channel') : axis));
}

/** Where the factors lie that axes speak of: the last axis of positions is the columns if there are several. */
export function placementOf(axes: readonly Axis[]): Placement {
  const channels = axes.flatMap((axis) => axis.filter(({ kind }) => kind === 'channel'));
  const positions = axes
    .map((axis) => axis.filter(({ kind }) => kind === 'position'))
    .filter((axis) => sizeOf(axis) > 1);
  if (positions.length <= 1) return { C: channels, H: positions[0] ?? [], W: [] };
  return { C: channels, H: positions.slice(0, -1).flat(), W: positions.at(-1)! };
}

/** The axes of N×C×H×W, of N×C×L or of N×C: the second one holds the channels, what follows the positions. */
export function imagePlacement(axes: readonly Axis[]): Placement {
  const [, C = [], H = [], W = []] = axes.map(perImage);
  return { C: withKind(C, 'channel'), H: withKind(H, 'position'), W: withKind(W, 'position') };
}

/** Fresh axes of sizes; `kinds` says what each is. */
export function newAxes(sizes: readonly number[], kinds: readonly Factor['kind'][]): Axis[] {
  return sizes.map((size, place) => [newFactor(size, kinds[place]!)]);
}

/** What a reshape makes of axes, and what it has split. */
export interface Reshaped {
  readonly axes: readonly Axis[];
  /** What became of factors that had to be split, by id. */
  readonly split: ReadonlyMap<number, Axis>;
}

/** Takes factors from the front of a list until they are `size`, splitting the last one if need be. */
class FactorQueue {
  private readonly factors: Factor[];
  readonly split = new Map<number, Axis>();
  /** Where each split factor came from. */
  private readonly origin = new Map<number, number>();

  constructor(axes: readonly Axis[]) {
    this.factors = axes.flat();
  }

  private noteSplit(factor: Factor, outer: Factor, inner: Factor): void {
    const source = this.origin.get(factor.id) ?? factor.id;
    const known = this.split.get(source) ?? [factor];
    this.split.set(
      source,
      known.flatMap((each) => (each.id === factor.id ? [outer, inner] : [each])),
    );
    this.origin.set(outer.id, source);
    this.origin.set(inner.id, source);
  }

  /** Undefined where no product of the factors in front is `size`. Factors of 1 in front go along. */
  take(size: number, isLast: boolean): Axis | undefined {
    const taken: Factor[] = [];
    let rest = size;
    while (this.factors.length > 0) {
      const factor = this.factors[0]!;
      // A 1 stays for the next axis, once this one is full.
      if (rest === 1 && !isLast && (factor.size > 1 || taken.length > 0)) break;
      if (rest === 1 && factor.size > 1) break;
      if (rest % factor.size === 0) {
        taken.push(this.factors.shift()!);
        rest /= factor.size;
      } else if (factor.size % rest === 0) {
        const outer = newFactor(rest, factor.kind);
        const inner = newFactor(factor.size / rest, factor.kind);
        this.noteSplit(factor, outer, inner);
        this.factors[0] = inner;
        taken.push(outer);
        rest = 1;
      } else return undefined;
    }
    return rest === 1 ? taken : undefined;
  }
}

/**
 * The axes after a reshape to `sizes`, which have as many elements. Where they cut across factors, the factors are
 * forgotten, unless one of them is of the images: then undefined.
 */
export function reshapeAxes(axes: readonly Axis[], sizes: readonly number[]): Reshaped | undefined {
  const queue = new FactorQueue(axes);
  const reshaped: Axis[] = [];
  for (const [place, size] of sizes.entries()) {
    const axis = queue.take(size, place === sizes.length - 1);
    if (axis === undefined) return forgetful(axes, sizes);
    reshaped.push(axis);
  }
  return { axes: reshaped, split: queue.split };
}

/** The images in front and the rest anew: N×(…) → N×(…). */
function forgetful(axes: readonly Axis[], sizes: readonly number[]): Reshaped | undefined {
  const [images = [], ...others] = axes;
  const isImages = (axis: Axis): boolean => significant(axis).every(({ kind }) => kind === 'image');
  if (!isImages(images) || sizeOf(images) !== sizes[0]) return undefined;
  if (others.some((axis) => significant(axis).some(({ kind }) => kind === 'image'))) return undefined;
  const kinds = sizes.slice(1).map((_, place): Factor['kind'] => (place === 0 ? 'channel' : 'position'));
  return { axes: [images, ...newAxes(sizes.slice(1), kinds)], split: new Map() };
}

/** A placement in terms of the factors that a reshape has split. */
export function refined(placement: Placement, split: ReadonlyMap<number, Axis>): Placement {
  const refine = (axis: Axis): Axis => axis.flatMap((factor) => split.get(factor.id) ?? [factor]);
  return { C: refine(placement.C), H: refine(placement.H), W: refine(placement.W) };
}
