/** A file that is written piece by piece, and is there whole or not at all. */
import { closeSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { InputError } from '../spec/inputError.ts';

const BUFFER_CHARACTERS = 1 << 16;

export interface WholeFile {
  /** Characters so far. */
  readonly written: number;
  write(text: string): void;
  /** Gives the file its name. */
  finish(): void;
  /** Removes what there is, unless finished. */
  discard(): void;
}

/** Opens a temporary file beside `path`; anything that goes wrong is an InputError. */
export function openWholeFile(path: string, temporary = `${path}.${process.pid}.tmp`): WholeFile {
  const orInputError = <Result>(action: () => Result): Result => {
    try {
      return action();
    } catch (error) {
      const expected = `a file that can be written (${(error as Error).message})`;
      throw new InputError({ file: '--output', path: '', value: path, expected });
    }
  };
  const descriptor = orInputError(() => openSync(temporary, 'w'));
  let isOpen = true;
  let pieces: string[] = [];
  let pending = 0;
  let written = 0;
  const flush = (): void => {
    const bytes = Buffer.from(pieces.join(''));
    for (let sent = 0; sent < bytes.length; ) sent += orInputError(() => writeSync(descriptor, bytes, sent));
    pieces = [];
    pending = 0;
  };
  const close = (): void => {
    if (isOpen) closeSync(descriptor);
    isOpen = false;
  };
  return {
    get written() {
      return written;
    },
    write: (text) => {
      pieces.push(text);
      pending += text.length;
      written += text.length;
      if (pending > BUFFER_CHARACTERS) flush();
    },
    finish: () => {
      flush();
      close();
      orInputError(() => renameSync(temporary, path));
    },
    discard: () => {
      close();
      rmSync(temporary, { force: true });
    },
  };
}
