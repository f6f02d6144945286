/** Tensors of four dimensions with real data, and rectangular tiles of them. */
import type { Four, Region } from '../../model/schedule/region.ts';
import { InternalError } from '../../model/schemas/inputError.ts';

/** `data` lies row by row: the last dimension is contiguous. */
export interface Tensor {
  readonly sizes: Four;
  readonly data: Float64Array;
}

/** Elements of a tensor or region with these extents. */
export function elementsOf([a, b, c, d]: Four): number {
  return a * b * c * d;
}

/** A tensor with the same value everywhere. */
export function filled(sizes: Four, value: number): Tensor {
  return { sizes, data: new Float64Array(elementsOf(sizes)).fill(value) };
}

/** A tensor whose elements follow from their coordinates; asked for in the order of `data`. */
export function tensorOf(sizes: Four, valueAt: (a: number, b: number, c: number, d: number) => number): Tensor {
  const { data } = filled(sizes, 0);
  let place = 0;
  for (let a = 0; a < sizes[0]; a++)
    for (let b = 0; b < sizes[1]; b++)
      for (let c = 0; c < sizes[2]; c++) for (let d = 0; d < sizes[3]; d++) data[place++] = valueAt(a, b, c, d);
  return { sizes, data };
}

/** Place of an element in `data`. */
export function placeOf([, sizeB, sizeC, sizeD]: Four, a: number, b: number, c: number, d: number): number {
  return ((a * sizeB + b) * sizeC + c) * sizeD + d;
}

/** An element; 0 outside the tensor, as zero padding has it. */
export function at({ sizes, data }: Tensor, a: number, b: number, c: number, d: number): number {
  const isInside = a >= 0 && b >= 0 && c >= 0 && d >= 0 && a < sizes[0] && b < sizes[1] && c < sizes[2] && d < sizes[3];
  return isInside ? data[placeOf(sizes, a, b, c, d)]! : 0;
}

/** The tensor with zeros, or another value, behind it in every dimension, up to `sizes`. */
export function enlarged(tensor: Tensor, sizes: Four, value = 0): Tensor {
  const larger = filled(sizes, value);
  writeRegion(larger, { from: [0, 0, 0, 0], sizes: tensor.sizes }, tensor.data);
  return larger;
}

/**
 * The tensor in `sizes`, whose groups along an axis are moved apart so that each begins where an equal share of the
 * larger axis does, with zeros behind every dimension.
 */
export function enlargedGroups(tensor: Tensor, sizes: Four, axis: number, groups: number): Tensor {
  const larger = filled(sizes, 0);
  const [share, largerShare] = [tensor.sizes[axis]! / groups, sizes[axis]! / groups];
  for (let group = 0; group < groups; group++) {
    const of = (first: number, extent: number): Region => ({
      from: [0, 0, 0, 0].with(axis, group * first) as unknown as Four,
      sizes: [...tensor.sizes].with(axis, extent) as unknown as Four,
    });
    addRegion(larger, of(largerShare, share), readRegion(tensor, of(share, share)));
  }
  return larger;
}

/** What `enlargedGroups` would have made this tensor of, in its own `sizes`. */
export function withoutGaps(tensor: Tensor, sizes: Four, axis: number, groups: number): Tensor {
  const [share, largerShare] = [sizes[axis]! / groups, tensor.sizes[axis]! / groups];
  return tensorOf(sizes, (...place) => {
    const group = Math.floor(place[axis]! / share);
    const from = [...place].with(axis, group * largerShare + (place[axis]! % share)) as [
      number,
      number,
      number,
      number,
    ];
    return tensor.data[placeOf(tensor.sizes, ...from)]!;
  });
}

/** A copy of a region, densely in the region's own shape. */
export function readRegion(tensor: Tensor, region: Region): Float64Array {
  const values = new Float64Array(elementsOf(region.sizes));
  const length = region.sizes[3];
  forEachRow(tensor, region, (place, row) => {
    for (let d = 0; d < length; d++) values[row + d] = tensor.data[place + d]!;
  });
  return values;
}

/** Overwrites a region with values that lie densely in its shape. */
export function writeRegion(tensor: Tensor, region: Region, values: Float64Array): void {
  const length = region.sizes[3];
  forEachRow(tensor, region, (place, row) => {
    for (let d = 0; d < length; d++) tensor.data[place + d] = values[row + d]!;
  });
}

/** Adds values to a region. */
export function addRegion(tensor: Tensor, region: Region, values: Float64Array): void {
  const length = region.sizes[3];
  forEachRow(tensor, region, (place, row) => {
    for (let d = 0; d < length; d++) tensor.data[place + d]! += values[row + d]!;
  });
}

/** Calls `visit` for each row of a region: its place in the tensor's data, and in the dense region. */
function forEachRow({ sizes }: Tensor, region: Region, visit: (place: number, row: number) => void): void {
  const { from, sizes: extents } = region;
  if (from.some((first, dim) => first < 0 || first + extents[dim]! > sizes[dim]!)) {
    throw new InternalError(
      `a tile of ${extents.join('×')} at ${from.join()} lies outside its ${sizes.join('×')} tensor`,
    );
  }
  let row = 0;
  for (let a = 0; a < extents[0]; a++)
    for (let b = 0; b < extents[1]; b++)
      for (let c = 0; c < extents[2]; c++) {
        visit(placeOf(sizes, from[0] + a, from[1] + b, from[2] + c, from[3]), row);
        row += extents[3];
      }
}

/**
 * The first element of `expected` from which `actual` differs, in words. `actual` may be larger; NaN differs from
 * everything. `tolerance` is relative above 1 and absolute below.
 */
export function firstDifference(actual: Tensor, expected: Tensor, tolerance = 0): string | undefined {
  const found = readRegion(actual, { from: [0, 0, 0, 0], sizes: expected.sizes });
  const place = found.findIndex((value, index) => {
    const wanted = expected.data[index]!;
    return !(Math.abs(value - wanted) <= tolerance * Math.max(1, Math.abs(wanted)));
  });
  if (place < 0) return undefined;
  let rest = place;
  const coordinates: number[] = [];
  for (const extent of [...expected.sizes].reverse()) {
    coordinates.unshift(rest % extent);
    rest = Math.floor(rest / extent);
  }
  return `[${coordinates.join()}] is ${found[place]}, not ${expected.data[place]}`;
}
