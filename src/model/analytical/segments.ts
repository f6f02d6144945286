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
export type SegmentCounts = number[];

const KINDS_OF_SEGMENT = 32;

/**
 * The segments that compute, by what they move. Counts are fractional where trips are. With `countsSingleTrips` a loop
 * of one trip is counted like any other, as the published form does: its counts are right where the innermost loops
 * have several trips, and signed where they have not.
 */
export function countSegments(reuse: LoopReuse, m: ConvMultipliers, countsSingleTrips: boolean): SegmentCounts {
  const counts: SegmentCounts = new Array<number>(KINDS_OF_SEGMENT).fill(0);
  const innermost = reuse.findLast(({ dim }) => countsSingleTrips || m[dim] > 1);
  if (innermost === undefined) return counts; // One tile: nothing comes or goes while it computes.
  const hasOneOcTile = m.oc === 1;
  /** Counts advances of a loop, of which some begin a sum, after an advance of `before`. */
  const count = (loop: ReusedLoop, advances: number, starting: number, before: ReusedLoop | undefined): void => {
    const stores = before?.endsVisit === true ? MOVES.psumStore : 0;
    const operands = (loop.loads & ~MOVES.bias) + stores;
    const bias = hasOneOcTile && loop.dim !== 'g' ? 0 : loop.loads & MOVES.bias;
    counts[operands + bias]! += starting;
    counts[operands + (loop.endsVisit ? MOVES.psumLoad : 0)]! += advances - starting;
  };
  /** The innermost loop's advances begin sums unless it adds to them. */
  const inInnermost = (starting: number): number => (innermost.isReduction ? 0 : starting);

  // Iterations of all loops outside, and those in which every sum is still to start.
  let iterations = 1;
  let startingIterations = 1;
  for (const loop of reuse) {
    const trips = m[loop.dim];
    const advances = iterations * (trips - 1);
    const starting = loop.isReduction ? 0 : startingIterations * (trips - 1);
    if (loop === innermost) {
      count(loop, 1, inInnermost(1), undefined);
      count(loop, advances - iterations, starting - inInnermost(startingIterations), loop);
      break;
    }
    // The innermost loop has advanced before, and begins anew after.
    count(loop, advances, starting, innermost);
    count(innermost, advances, inInnermost(starting), loop);
    iterations *= trips;
    if (!loop.isReduction) startingIterations *= trips;
  }
  // Nothing comes any more while the last tile computes.
  counts[innermost.endsVisit ? MOVES.psumStore : 0]! += 1;
  return counts;
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
