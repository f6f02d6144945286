/** Reading whole texts of the user's in Node. */
import { constants } from 'node:buffer';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { InputError } from '../../model/schemas/inputError.ts';

/** What reads a file, and what was expected there, for messages. */
export interface Reading {
  readonly option: string;
  readonly expected: string;
}

/** Opens files to be read; the command line notes which. */
export interface FileAccess {
  /** The descriptor of a file; throws what the system says. */
  readonly open: (path: string) => number;
  /** Is told of a descriptor from which all will be read. */
  readonly reads?: (path: string, descriptor: number) => void;
}

/** Files as they are. */
export const PLAIN_ACCESS: FileAccess = { open: (path) => openSync(path, 'r') };

/** Reads a whole text of the user's; throws an InputError where it cannot be read. */
export function readText(path: string, { option, expected }: Reading, access = PLAIN_ACCESS): string {
  try {
    const descriptor = access.open(path);
    try {
      access.reads?.(path, descriptor);
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
