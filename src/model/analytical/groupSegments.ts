/**
 * The segments of a fused group in lockstep (MODEL.md §10), counted loop by loop: which loop advances before a tile says
 * what has become of the tile before it, and which advances after says what comes for the next.
 */
import { type LoopReuse, MOVES, type ReusedLoop } from './loopReuse.ts';
import type { ConvMultipliers } from './multipliers.ts';

/**
 * What happens while a tile computes: `MOVES`, of which `psumStore` is that of unfinished sums, and what the SIMD array
 * does, as bits that add up.
 */
export const GROUP_MOVES = { ...MOVES, handover: 32, channelEnd: 64 } as const;

/** Segments that compute, by what happens in them. */
export type GroupSegments = ReadonlyMap<number, number>;

/** How often a tile computes between the advances of two loops; undefined: nothing computes before, or after. */
interface Passage {
  readonly before: ReusedLoop | undefined;
  readonly after: ReusedLoop | undefined;
  readonly times: number;
  /** So often the next tile starts its sums, the tile before has completed its own, and both. */
  readonly starting: number;
  readonly completing: number;
  readonly both: number;
}

/** All passages of a nest of whole trips; one tile alone has none. */
function* passages(reuse: LoopReuse, m: ConvMultipliers): Generator<Passage> {
  const loops = reuse.filter(({ dim }) => m[dim] > 1);
  const innermost = loops.at(-1);
  if (innermost === undefined) return;
  // Of sums that are added up along it, the innermost loop begins at its first iteration and ends at its last alone.
  const inside = (count: number): number => (innermost.isReduction ? 0 : count);
  yield { before: undefined, after: innermost, times: 1, starting: inside(1), completing: 0, both: 0 };
  // Iterations of all loops outside; those of the loops that do not add up, and of those that do.
  let [iterations, positions, additions] = [1, 1, 1];
  for (const loop of loops.slice(0, -1)) {
    const trips = m[loop.dim];
    const times = iterations * (trips - 1);
    // A sum begins, and has ended, where the loops that add up are at their first, or last, iteration.
    const ends = loop.isReduction ? 0 : positions * (trips - 1);
    const both = additions === 1 ? ends : 0;
    yield {
      ...{ before: innermost, after: loop, times },
      ...{ starting: ends, completing: inside(ends), both: inside(both) },
    };
    yield {
      ...{ before: loop, after: innermost, times },
      ...{ starting: inside(ends), completing: ends, both: inside(both) },
    };
    iterations *= trips;
    if (loop.isReduction) additions *= trips;
    else positions *= trips;
  }
  const [middle, ends] = [iterations * (m[innermost.dim] - 2), inside(positions * (m[innermost.dim] - 2))];
  yield {
    ...{ before: innermost, after: innermost, times: middle, starting: ends, completing: ends },
    both: additions === 1 ? ends : 0,
  };
  yield { before: innermost, after: undefined, times: 1, starting: 0, completing: inside(1), both: 0 };
}

/** What comes for the next tile. */
function comes(after: ReusedLoop | undefined, isStarting: boolean, hasOneOcTile: boolean): number {
  if (after === undefined) return 0;
  const operands = after.loads & ~GROUP_MOVES.bias;
  if (!isStarting) return operands + (after.endsVisit ? GROUP_MOVES.psumLoad : 0);
  return operands + (hasOneOcTile && after.dim !== 'g' ? 0 : after.loads & GROUP_MOVES.bias);
}

/** What becomes of the tile before. */
function goes(before: ReusedLoop | undefined, isComplete: boolean): number {
  if (before?.endsVisit !== true) return 0;
  if (!isComplete) return GROUP_MOVES.psumStore;
  const endsChannels = before.dim === 'oc' || before.dim === 'g';
  return GROUP_MOVES.handover + (endsChannels ? GROUP_MOVES.channelEnd : 0);
}

/** Counts the segments of a loop order with whole trips. A single tile moves nothing while it computes. */
export function countGroupSegments(reuse: LoopReuse, m: ConvMultipliers): GroupSegments {
  const counts = new Map<number, number>();
  const hasOneOcTile = m.oc === 1;
  const count = ({ before, after }: Passage, isStarting: boolean, isComplete: boolean, times: number): void => {
    if (times === 0) return;
    const moves = comes(after, isStarting, hasOneOcTile) + goes(before, isComplete);
    counts.set(moves, (counts.get(moves) ?? 0) + times);
  };
  for (const passage of passages(reuse, m)) {
    const { times, starting, completing, both } = passage;
    count(passage, true, true, both);
    count(passage, true, false, starting - both);
    count(passage, false, true, completing - both);
    count(passage, false, false, times - starting - completing + both);
  }
  if (counts.size === 0) counts.set(0, 1);
  return counts;
}
