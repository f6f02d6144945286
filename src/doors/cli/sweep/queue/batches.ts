/**
 * Cuts what is to be evaluated into batches of about half a second, by what evaluations have taken so far; of more where
 * so many share the work that whoever hands it out would not keep up.
 */
import type { Job } from '../jobs.ts';

const MILLISECONDS_PER_BATCH = 500;
/** More than handing out a batch and taking its answer costs (bench/RESULTS.md, Queue). */
const MILLISECONDS_PER_TAKER = 4;
/** So that a batch stays a small message. */
const MOST_KEYS = 1024;
/** How much of an estimate is what was there before. */
const WEIGHT_BEFORE = 0.7;

interface Rest {
  readonly model: string;
  readonly part: Job['part'];
  keys: number[];
  millisecondsPerKey: number | undefined;
}

/** What is still to be handed out. */
export interface Batches {
  /** Evaluations that are left. */
  readonly left: () => number;
  /** The next batch; `takers` is how many share what is left. Undefined when nothing is. */
  readonly next: (takers: number) => Job | undefined;
  /** Is told what a batch took. */
  readonly learn: (job: Job, milliseconds: number) => void;
}

/** Batches of what some jobs ask for, in their order. */
export function batchesOf(jobs: readonly Job[]): Batches {
  const rests: Rest[] = [];
  for (const { model, part, keys } of jobs) {
    let rest = rests.find((each) => each.model === model && each.part === part);
    if (rest === undefined) {
      rest = { model, part, keys: [], millisecondsPerKey: undefined };
      rests.push(rest);
    }
    for (const key of keys) rest.keys.push(key);
  }
  // From the end, which costs nothing.
  for (const rest of rests) rest.keys.reverse();
  const sizeOf = ({ keys, millisecondsPerKey }: Rest, takers: number): number => {
    if (millisecondsPerKey === undefined) return 1;
    const milliseconds = Math.max(MILLISECONDS_PER_BATCH, MILLISECONDS_PER_TAKER * takers);
    const size = Math.min(MOST_KEYS, Math.round(milliseconds / Math.max(millisecondsPerKey, 1e-3)));
    // The last batches are smaller, so that nobody waits for one.
    return Math.max(1, Math.min(size, Math.ceil(keys.length / (2 * Math.max(1, takers)))));
  };
  return {
    left: () => rests.reduce((sum, { keys }) => sum + keys.length, 0),
    next: (takers) => {
      const rest = rests.find(({ keys }) => keys.length > 0);
      if (rest === undefined) return undefined;
      const keys = rest.keys.splice(-sizeOf(rest, takers)).reverse();
      return { model: rest.model, part: rest.part, keys };
    },
    learn: ({ model, part, keys }, milliseconds) => {
      const rest = rests.find((each) => each.model === model && each.part === part);
      if (rest === undefined || keys.length === 0) return;
      const now = milliseconds / keys.length;
      const before = rest.millisecondsPerKey ?? now;
      rest.millisecondsPerKey = WEIGHT_BEFORE * before + (1 - WEIGHT_BEFORE) * now;
    },
  };
}
