/** A part of a sweep's evaluations: one of `n`, each done by a process of its own, wherever that runs. */
import { InvalidArgumentError } from '@commander-js/extra-typings';
import { BOUNDS } from '../../../model/schemas/bounds.ts';
import type { Job } from './jobs.ts';

/** The shard `i` of `n`; both count from 1. */
export interface Shard {
  readonly i: number;
  readonly n: number;
}

/** Parses `3/8`. */
export function parseShard(text: string): Shard {
  const [, i, n] = /^\s*(\d+)\s*\/\s*(\d+)\s*$/.exec(text)?.map(Number) ?? [];
  const most = BOUNDS.shards.most;
  if (i === undefined || n === undefined || i < 1 || i > n || n > most) {
    throw new InvalidArgumentError(`expected i/n, such as 3/8, with 1 ≤ i ≤ n ≤ ${most}.`);
  }
  return { i, n };
}

/** `3/8`. */
export const shardInWords = ({ i, n }: Shard): string => `${i}/${n}`;

/** What the names of a shard's files have in them: `3-of-8`. */
export const shardSuffix = ({ i, n }: Shard): string => `${i}-of-${n}`;

/** The shard by whose name a journal goes; undefined for another file. */
export function shardOfJournal(name: string): Shard | undefined {
  const [, i, n] = /^journal\.(\d+)-of-(\d+)\.jsonl$/.exec(name)?.map(Number) ?? [];
  return i === undefined || n === undefined ? undefined : { i, n };
}

/** The shard of `n` to which the job at a place belongs: neighbours, which cost alike, go to different ones. */
export const shardOfJob = (place: number, n: number): number => (place % n) + 1;

/** A shard's jobs, of all that there are. */
export function jobsOfShard(jobs: readonly Job[], { i, n }: Shard): Job[] {
  return jobs.filter((_, place) => shardOfJob(place, n) === i);
}

/** `2,4-7`: as Slurm's `--array` takes them. */
export function rangesOf(numbers: readonly number[]): string {
  const ranges: [number, number][] = [];
  for (const number of [...numbers].sort((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last !== undefined && number === last[1] + 1) last[1] = number;
    else ranges.push([number, number]);
  }
  return ranges.map(([from, to]) => (from === to ? String(from) : `${from}-${to}`)).join(',');
}
