/** A lock file: whoever makes it holds it, and its content says which process that is. */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { InputError } from '../../../model/schemas/inputError.ts';

const TRIES = 5;

function pidIn(path: string): number {
  try {
    return Number(readFileSync(path, 'utf8'));
  } catch {
    return Number.NaN; // gone in the meantime
  }
}

/** Whether a process runs that is not this one: in a new container the killed sweep may have had our number. */
function isAnotherAtWork(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Removes the lock of a process that is gone, unless somebody else has just done so and taken it. */
function removeStale(path: string, pid: number): void {
  const aside = `${path}.${process.pid}`;
  try {
    renameSync(path, aside); // one of several succeeds
  } catch {
    return;
  }
  if (Object.is(pidIn(aside), pid)) rmSync(aside, { force: true });
  else renameSync(aside, path);
}

/** Takes a lock and returns what releases it; an InputError if another process holds it. `folder` is for messages. */
export function takeLock(path: string, folder: string): () => void {
  for (let tries = 0; tries < TRIES; tries++) {
    try {
      writeFileSync(path, String(process.pid), { flag: 'wx' });
      return () => rmSync(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
        const expected = `a folder that can be written to (${(error as Error).message})`;
        throw new InputError({ file: '--output', path: '', value: folder, expected });
      }
    }
    const pid = pidIn(path);
    if (isAnotherAtWork(pid)) break;
    removeStale(path, pid);
  }
  const expected = `a folder in which no other sweep is at work (process ${pidIn(path)} is, by ${path})`;
  throw new InputError({ file: '--output', path: '', value: folder, expected });
}
