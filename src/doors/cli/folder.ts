/** Folders for results. */
import { mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { InputError } from '../../model/schemas/inputError.ts';
import { STDOUT_NAME } from './output/target.ts';

/** Makes a folder and those that it lies in. Node's own recursion does not end where the system makes none (/proc). */
function make(folder: string): void {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true) return;
  const parent = dirname(folder);
  if (parent !== folder) make(parent);
  try {
    mkdirSync(folder);
  } catch (error) {
    // Somebody else may have made it just now.
    if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) throw error;
  }
}

/** Makes the folder of an `--output` unless it is there; an InputError says why it cannot be made. */
export function makeFolder(folder: string): void {
  if (folder === STDOUT_NAME) {
    const expected = 'a folder; the summary goes to stdout in any case';
    throw new InputError({ file: '--output', path: '', value: folder, expected });
  }
  try {
    if (folder === '') throw new Error('it has no name');
    make(resolve(folder));
  } catch (error) {
    const expected = `a folder that can be made (${(error as Error).message})`;
    throw new InputError({ file: '--output', path: '', value: folder, expected });
  }
}
