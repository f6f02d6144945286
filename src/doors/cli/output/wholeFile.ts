/** A file that is written piece by piece, and is there whole or not at all: it gets its name when it is complete. */
import { closeSync, fchmodSync, openSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { onStopSignals } from '../signals.ts';
import { writeAll } from './sink.ts';
import { type OutputTarget, outputError, outputTarget } from './target.ts';

const BUFFER_LENGTH = 1 << 16;

/** Text, or bytes, which must not change any more. */
export type Piece = string | Uint8Array;

export interface WholeFile {
  readonly write: (piece: Piece) => void;
  /** Gives the file its name. */
  readonly finish: () => void;
  /** Removes what there is of it, unless finished. */
  readonly discard: () => void;
}

/** Gathers pieces to larger ones, in bytes. */
export function gathering(send: (bytes: Uint8Array) => void) {
  let pieces: Piece[] = [];
  let length = 0;
  const flush = (): void => {
    if (length > 0) send(joined(pieces));
    pieces = [];
    length = 0;
  };
  return {
    write: (piece: Piece): void => {
      pieces.push(piece);
      length += piece.length;
      if (length > BUFFER_LENGTH) flush();
    },
    flush,
  };
}

function joined(pieces: readonly Piece[]): Uint8Array {
  const isText = pieces.every((piece) => typeof piece === 'string');
  if (isText) return Buffer.from(pieces.join(''));
  return Buffer.concat(pieces.map((piece) => (typeof piece === 'string' ? Buffer.from(piece) : piece)));
}

/** So much of a file's name is in that of its temporary one, which every file system must allow. */
const MOST_CHARACTERS_OF_NAME = 32;

/** A name beside a file that nobody else has. Node loads its cryptography when the global is first asked for. */
function temporaryName(path: string): string {
  const name = basename(path).slice(0, MOST_CHARACTERS_OF_NAME);
  return join(dirname(path), `${name}.${crypto.randomUUID()}.tmp`);
}

/**
 * Begins a file, first called `temporary`: a name that a killed process had before lets it clear up after itself.
 * Whatever the system says against it is thrown as it is.
 */
function openReplacement({ path, mode }: OutputTarget & { kind: 'replace' }, temporary: string): WholeFile {
  const descriptor = openSync(temporary, 'wx', mode);
  // A signal while there is a temporary file must not leave it behind: who drives the run hears of it, and throws.
  const mindSignals = onStopSignals(() => {});
  let isOpen = true;
  const { write, flush } = gathering((bytes) => writeAll(descriptor, bytes));
  const close = (): void => {
    if (!isOpen) return;
    isOpen = false;
    mindSignals();
    closeSync(descriptor);
  };
  const discard = (): void => {
    try {
      close();
    } finally {
      rmSync(temporary, { force: true });
    }
  };
  const finish = (): void => {
    flush();
    // What opening sets is less what the process's mask takes away.
    if (mode !== undefined) fchmodSync(descriptor, mode);
    close();
    renameSync(temporary, path);
  };
  return { write, finish, discard };
}

/** A file that is there whole or not at all; what the system says against it becomes an InputError about `output`. */
export function openWholeFile(output: string, target = outputTarget(output), temporary?: string): WholeFile {
  if (target.kind !== 'replace') throw outputError(output, new Error('it is not a file'));
  const orOutputError =
    <Args extends unknown[], Result>(action: (...args: Args) => Result) =>
    (...args: Args): Result => {
      try {
        return action(...args);
      } catch (error) {
        throw outputError(output, error);
      }
    };
  const file = orOutputError(openReplacement)(target, temporary ?? temporaryName(target.path));
  return { write: orOutputError(file.write), finish: orOutputError(file.finish), discard: file.discard };
}

/** Writes a file of which the whole text is there already. */
export function writeWhole(output: string, text: string, temporary?: string): void {
  const file = openWholeFile(output, undefined, temporary);
  try {
    file.write(text);
    file.finish();
  } finally {
    file.discard();
  }
}
