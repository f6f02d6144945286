/** The files that this process reads, so that it does not write over one. */
import { constants } from 'node:buffer';
import { closeSync, fstatSync, openSync, readFileSync, type Stats } from 'node:fs';
import { InputError } from '../../model/schemas/inputError.ts';
import { say } from './stderr.ts';

const read = new Set<string>();

const identityOf = ({ dev, ino }: Stats): string => `${dev} ${ino}`;

/** Opens a file of the user's to be read; throws what the system says. */
export function openInput(path: string): number {
  const descriptor = openSync(path, 'r');
  const stat = fstatSync(descriptor);
  if (stat.isFile()) read.add(identityOf(stat));
  return descriptor;
}

/** A file that takes a moment to read is announced. */
const BYTES_WORTH_A_WORD = 8e6;

/** Where text is read, and what was expected there, for messages. */
export interface Reading {
  readonly option: string;
  readonly expected: string;
}

/** Reads a whole text of the user's; an InputError where it cannot be read. */
export function readInput(path: string, { option, expected }: Reading): string {
  try {
    const descriptor = openInput(path);
    try {
      const { size } = fstatSync(descriptor);
      if (size >= BYTES_WORTH_A_WORD) say(`systole: reading ${path}, ${Math.round(size / 1e6)} MB\n`);
      return readFileSync(descriptor, 'utf8');
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const isTooLarge = code === 'ERR_STRING_TOO_LONG' || code === 'ERR_FS_FILE_TOO_LARGE';
    const most = `a text of at most ${Math.floor(constants.MAX_STRING_LENGTH / 1e6)} MB`;
    throw new InputError({ file: option, path: '', value: path, expected: isTooLarge ? most : expected });
  }
}

/** From now on no file has been read. */
export function forgetInputs(): void {
  read.clear();
}

/** Whether a file has been read, by whatever name. */
export function isInput(stat: Stats): boolean {
  return stat.isFile() && read.has(identityOf(stat));
}
