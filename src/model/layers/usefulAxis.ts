/**
 * Where a tensor's own elements lie along one axis of what the accelerator handles: between padding (negative positions
 * and those behind the last are padding too) and between zeros that a dilation has inserted.
 */

/** Elements at `from`, `from + step`, …, `count` of them. Positions outside of the tensor that is handled do not count. */
export interface UsefulAxis {
  readonly from: number;
  readonly step: number;
  readonly count: number;
}

/** An axis of which the first `count` positions are the tensor's own. */
export function usefulFromStart(count: number): UsefulAxis {
  return { from: 0, step: 1, count };
}

/** Σ ⌊(slope·i + offset) / divisor⌋ over i = 0 … terms − 1, for whole numbers ≥ 0, in logarithmic time. */
function sumOfFloors(terms: number, divisor: number, slope: number, offset: number): number {
  if (terms === 0) return 0;
  const pairs = (terms * (terms - 1)) / 2;
  const whole = Math.floor(slope / divisor) * pairs + Math.floor(offset / divisor) * terms;
  const [restSlope, restOffset] = [slope % divisor, offset % divisor];
  const top = restSlope * terms + restOffset;
  if (top < divisor) return whole;
  // Count the same lattice points column by column.
  return whole + sumOfFloors(Math.floor(top / divisor), restSlope, divisor, top % divisor);
}

/** Sum of the elements before the positions `first`, `first + pitch`, …, of which there are `count`. */
function sumBefore(axis: UsefulAxis, first: number, pitch: number, count: number): number {
  if (axis.count === 0) return 0;
  /** The first of the positions beyond a bound. */
  const firstBeyond = (bound: number): number => Math.min(Math.max(Math.floor((bound - first) / pitch) + 1, 0), count);
  const behindFirst = firstBeyond(axis.from);
  const behindLast = Math.max(behindFirst, firstBeyond(axis.from + (axis.count - 1) * axis.step));
  const partly = behindLast - behindFirst;
  const offset = first + behindFirst * pitch - axis.from - 1;
  const inPart = partly === 0 ? 0 : partly + sumOfFloors(partly, axis.step, pitch, offset);
  return inPart + (count - behindLast) * axis.count;
}

/**
 * Sum of the tensor's own elements in `count` windows of `length` positions, which begin at `first`, `first + pitch`, …;
 * where windows overlap, elements count in each. The time does not grow with `count`.
 */
export function usefulInWindows(axis: UsefulAxis, first: number, pitch: number, length: number, count = 1): number {
  return sumBefore(axis, first + length, pitch, count) - sumBefore(axis, first, pitch, count);
}
