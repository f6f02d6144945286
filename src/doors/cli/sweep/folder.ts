/** The folder of a sweep: one sweep at a time works in it, and what an earlier one left half-done is cleared away. */
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../../../model/schemas/inputError.ts';
import { makeFolder } from '../folder.ts';
import { isInput } from '../inputs.ts';
import { takeLock } from './lock.ts';
import { type Shard, shardOfJournal, shardSuffix } from './shard.ts';

/** The files of a folder, by what they hold. */
const NAMES = {
  result: 'result.json',
  csv: 'points.csv',
  parquet: 'points.parquet',
  pareto: 'pareto.svg',
  heatMap: 'heat-map.svg',
  sensitivity: 'sensitivity.svg',
  journal: 'journal.jsonl',
  lock: 'sweep.lock',
} as const;

/** The plots of a sweep. */
export const PLOTS = ['pareto', 'heatMap', 'sensitivity'] as const;

/** The files that are written under a temporary name until they are whole. */
const WHOLE = ['result', 'csv', 'parquet', ...PLOTS] as const;

/** A folder in which this process alone sweeps, or alone works on a shard. */
export interface SweepFolder {
  readonly path: (file: Exclude<keyof typeof NAMES, 'lock'>) => string;
  /** The journals of shards that there are, whoever has written them. */
  readonly shardJournals: () => { readonly path: string; readonly shard: Shard }[];
  /** Deletes a shard's journal, unless somebody is at work on it. */
  readonly removeShard: (shard: Shard) => void;
  /** Some files of an earlier sweep, which would stand beside this one's result. */
  readonly removeOld: (files: readonly ('csv' | 'parquet' | (typeof PLOTS)[number])[]) => void;
  /** An InputError if another sweep has taken the folder away. */
  readonly check: () => void;
  readonly release: () => void;
}

/** The name under which a file is written until it is whole; the same each time, so that it is cleared away. */
export function temporary(path: string): string {
  return `${path}.tmp`;
}

/** Whether a file is the result of a sweep, and the points beside it therefore a sweep's too. */
function isSweepResult(path: string): boolean {
  try {
    const result: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return typeof result === 'object' && result !== null && 'coverage' in result && 'pareto' in result;
  } catch {
    return false;
  }
}

/** The names of files that a shard has for itself. */
function namesOf(shard: Shard | undefined): Readonly<Record<keyof typeof NAMES, string>> {
  if (shard === undefined) return NAMES;
  const suffix = shardSuffix(shard);
  return { ...NAMES, journal: `journal.${suffix}.jsonl`, lock: `sweep.${suffix}.lock` };
}

/** Makes a folder and takes it, or a shard in it; an InputError if that cannot be, or somebody else is at work on the same. */
export async function claimFolder(folder: string, shard?: Shard): Promise<SweepFolder> {
  makeFolder(folder);
  const names = namesOf(shard);
  const path = (file: keyof typeof NAMES): string => join(folder, names[file]);
  for (const file of Object.keys(NAMES) as (keyof typeof NAMES)[]) {
    const stat = statSync(path(file), { throwIfNoEntry: false });
    if (stat !== undefined && isInput(stat)) {
      throw new InputError({ file: path(file), path: '', expected: 'another folder: the sweep reads this file' });
    }
    if (stat?.isFile() === false) {
      throw new InputError({ file: path(file), path: '', expected: 'a file or nothing, as the sweep writes there' });
    }
  }
  const lock = await takeLock(path('lock'), folder);
  if (shard === undefined) for (const file of WHOLE) rmSync(temporary(path(file)), { force: true });
  return {
    path,
    shardJournals: () =>
      readdirSync(folder)
        .sort()
        .flatMap((name) => {
          const found = shardOfJournal(name);
          return found === undefined ? [] : [{ path: join(folder, name), shard: found }];
        }),
    removeShard: (each) => {
      const own = namesOf(each);
      if (!existsSync(join(folder, own.lock))) rmSync(join(folder, own.journal), { force: true });
    },
    removeOld: (files) => {
      if (!isSweepResult(path('result'))) return;
      for (const file of files) rmSync(path(file), { force: true });
    },
    check: lock.check,
    release: lock.release,
  };
}

/** Whether a name is that of a file of a sweep. */
function isOurs(name: string): boolean {
  const known: readonly string[] = [...Object.values(NAMES), ...WHOLE.map((file) => temporary(NAMES[file]))];
  return known.includes(name) || shardOfJournal(name) !== undefined || /^sweep\.\d+-of-\d+\.lock$/.test(name);
}

/** The folder of a sweep for which none was asked: named after its file, here. It must not hold anything else. */
export function defaultFolder(name: string): string {
  const stat = statSync(name, { throwIfNoEntry: false });
  if (stat !== undefined && (!stat.isDirectory() || readdirSync(name).some((entry) => !isOurs(entry)))) {
    const expected = `a folder, because ./${name}, which is named after the sweep, holds something else`;
    throw new InputError({ file: '--output', path: '', expected });
  }
  return name;
}
