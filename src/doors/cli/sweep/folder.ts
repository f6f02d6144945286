/** The folder of a sweep: one sweep at a time works in it, and what an earlier one left half-done is cleared away. */
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../../../model/schemas/inputError.ts';
import { makeFolder } from '../folder.ts';
import { isInput } from '../inputs.ts';
import { takeLock } from './lock.ts';

/** The files of a folder, by what they hold. */
const NAMES = {
  result: 'result.json',
  csv: 'points.csv',
  parquet: 'points.parquet',
  journal: 'journal.jsonl',
  lock: 'sweep.lock',
} as const;

/** The files that are written under a temporary name until they are whole. */
const WHOLE = ['result', 'csv', 'parquet'] as const;

/** A folder in which this process alone sweeps. */
export interface SweepFolder {
  readonly path: (file: 'result' | 'csv' | 'parquet' | 'journal') => string;
  /** The points of an earlier sweep, which would stand beside this one's result. */
  readonly removeOldPoints: () => void;
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

/** Makes a folder and takes it; an InputError if that cannot be, or another sweep is at work in it. */
export async function claimFolder(folder: string): Promise<SweepFolder> {
  makeFolder(folder);
  const path = (file: keyof typeof NAMES): string => join(folder, NAMES[file]);
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
  for (const file of WHOLE) rmSync(temporary(path(file)), { force: true });
  return {
    path,
    removeOldPoints: () => {
      if (!isSweepResult(path('result'))) return;
      for (const file of ['csv', 'parquet'] as const) rmSync(path(file), { force: true });
    },
    check: lock.check,
    release: lock.release,
  };
}

/** The folder of a sweep for which none was asked: named after its file, here. It must not hold anything else. */
export function defaultFolder(name: string): string {
  const known: readonly string[] = Object.values(NAMES);
  const ours = new Set([...known, ...WHOLE.map((file) => temporary(NAMES[file]))]);
  const stat = statSync(name, { throwIfNoEntry: false });
  if (stat !== undefined && (!stat.isDirectory() || readdirSync(name).some((entry) => !ours.has(entry)))) {
    const expected = `a folder, because ./${name}, which is named after the sweep, holds something else`;
    throw new InputError({ file: '--output', path: '', expected });
  }
  return name;
}
