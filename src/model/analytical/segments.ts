/**
 * The segments of a layer in lockstep: while tile j computes, what tile j + 1 needs comes and what tile j − 1 has left
 * goes (section IV-C, table IV). They are counted loop by loop, not tile by tile: what a segment moves follows from
 * which loop advances before and after it.
 */
import { type LoopReuse, MOVES, type ReusedLoop } from './loopReuse.ts';
import type { ConvMultipliers } from './multipliers.ts';

/** Times of one tile in cycles: its four transfers, each ⌈bits/BW⌉, and its compute segment. */
export interface TileTimes {
  readonly weight: number;
  readonly bias: number;
  readonly ifmap: number;
  readonly psum: number;
  readonly compute: number;
}

/** Segments by what they move: the count at index `MOVES.ifmap + MOVES.psumStore` is that of case 1. */
export type SegmentCounts = Float64Array;

const KINDS_OF_SEGMENT = 32;

/** Counts of which none is known yet. */
export function noSegments(): SegmentCounts {
  return new Float64Array(KINDS_OF_SEGMENT);
}

/**
 * The segments that compute, by what they move. Counts are fractional where trips are. With `countsSingleTrips` a loop
 * of one trip is counted like any other, as the published form does: its counts are right where the innermost loops
 * have several trips, and signed where they have not. `counts` are what it fills and returns: those of a layer before.
 */
export function countSegments(
  reuse: LoopReuse,
  m: ConvMultipliers,
  countsSingleTrips: boolean,
  counts: SegmentCounts = noSegments(),
): SegmentCounts {
  counts.fill(0);
  let last = reuse.length - 1;
  if (!countsSingleTrips) while (last >= 0 && m[reuse[last]!.dim] <= 1) last--;
  const innermost = reuse[last];
  if (innermost === undefined) return counts; // One tile: nothing comes or goes while it computes.
  const hasOneOcTile = m.oc === 1;

  // Iterations of all loops outside, and those in which every sum is still to start.
  let iterations = 1;
  let startingIterations = 1;
  for (let place = 0; place < last; place++) {
    const loop = reuse[place]!;
    const trips = m[loop.dim];
    if (trips === 1) continue;
    const advances = iterations * (trips - 1);
    const starting = loop.isReduction ? 0 : startingIterations * (trips - 1);
    // The innermost loop has advanced before, and begins anew after.
    count(counts, loop, hasOneOcTile, advances, starting, innermost);
    count(counts, innermost, hasOneOcTile, advances, innermost.isReduction ? 0 : starting, loop);
    iterations *= trips;
    if (!loop.isReduction) startingIterations *= trips;
  }
  const trips = m[innermost.dim];
  const advances = iterations * (trips - 1);
  // The innermost loop's advances begin sums unless it adds to them.
  const [oneStarts, starting] = innermost.isReduction ? [0, 0] : [1, startingIterations * (trips - 1)];
  const afterOthers = innermost.isReduction ? 0 : startingIterations;
  count(counts, innermost, hasOneOcTile, 1, oneStarts, undefined);
  count(counts, innermost, hasOneOcTile, advances - iterations, starting - afterOthers, innermost);
  // Nothing comes any more while the last tile computes.
  counts[innermost.endsVisit ? MOVES.psumStore : 0]! += 1;
  return counts;
}

/** Counts advances of a loop, of which some begin a sum, after an advance of `before`. */
function count(
  counts: SegmentCounts,
  loop: ReusedLoop,
  hasOneOcTile: boolean,
  advances: number,
  starting: number,
  before: ReusedLoop | undefined,
): void {
  const operands = (loop.loads & ~MOVES.bias) + (before?.endsVisit === true ? MOVES.psumStore : 0);
  const bias = hasOneOcTile && loop.dim !== 'g' ? 0 : loop.loads & MOVES.bias;
  counts[operands + bias]! += starting;
  counts[operands + (loop.endsVisit ? MOVES.psumLoad : 0)]! += advances - starting;
}

/** Cycles by which a segment that moves these lasts longer than its compute: eq (18) less C. */
export function stallOf(moves: number, { weight, bias, ifmap, psum, compute }: TileTimes): number {
  const weightCycles = ((moves & MOVES.weight) !== 0 ? weight : 0) + ((moves & MOVES.bias) !== 0 ? bias : 0);
  const ifmapCycles = (moves & MOVES.ifmap) !== 0 ? ifmap : 0;
  const psumTransfers = ((moves & MOVES.psumLoad) !== 0 ? 1 : 0) + ((moves & MOVES.psumStore) !== 0 ? 1 : 0);
  return Math.max(0, weightCycles - compute, ifmapCycles - compute, psumTransfers * psum - compute);
}

/** Stall cycles of a layer: its segments, the loads of the first tile and the store of the last. */
export function stallsOf(counts: SegmentCounts, times: TileTimes): number {
  let stallCycles = Math.max(times.ifmap, times.weight + times.bias) + times.psum;
  for (let moves = 0; moves < counts.length; moves++) {
    if (counts[moves] !== 0) stallCycles += counts[moves]! * stallOf(moves, times);
  }
  return stallCycles;
}
