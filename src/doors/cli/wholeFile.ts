/**
 * An output that is written piece by piece. A file is there whole or not at all: it gets its name when it is complete.
 * Pipes, devices and stdout are written as the pieces come.
 */
import { closeSync, fchmodSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { InputError } from '../../model/schemas/inputError.ts';
import { type OutputTarget, outputTarget } from './outputTarget.ts';
import { onStopSignals } from './signals.ts';

const BUFFER_CHARACTERS = 1 << 16;
const MILLISECONDS_BETWEEN_TRIES = 2;

/** Whoever reads the output has seen enough (`systole … | head`): no error. */
export class ReaderGone extends Error {}

export interface WholeFile {
  write(text: string): void;
  /** Completes the output; a file gets its name. */
  finish(): void;
  /** Removes what there is of a file, unless finished. */
  discard(): void;
}

/** Opens an output, `-` for stdout; anything that goes wrong is an InputError. A file is first called `temporary`. */
export function openWholeFile(output: string, temporary?: string): WholeFile {
  const orInputError = <Result>(action: () => Result): Result => {
    try {
      return action();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EPIPE') throw new ReaderGone('the reader is gone');
      const expected = `a file that can be written (${(error as Error).message})`;
      throw new InputError({ file: '--output', path: '', value: output, expected });
    }
  };
  const target = orInputError(() => outputTarget(output));
  const path = target.kind === 'replace' ? (temporary ?? `${target.path}.${process.pid}.tmp`) : target.path;
  const descriptor = orInputError(() => openTarget(target, path));
  // A signal while there is a temporary file must not leave it behind: who drives the run hears of it, and throws.
  const mindSignals = target.kind === 'replace' ? onStopSignals(() => {}) : (): void => {};
  let isOpen = true;
  let pieces: string[] = [];
  let pending = 0;
  const flush = (): void => {
    const bytes = Buffer.from(pieces.join(''));
    for (let sent = 0; sent < bytes.length; ) sent += orInputError(() => writeSome(descriptor, bytes, sent));
    pieces = [];
    pending = 0;
  };
  const close = (): void => {
    // A descriptor that the process was started with is not ours to close.
    if (isOpen && !(target.kind === 'write' && target.descriptor !== undefined)) closeSync(descriptor);
    isOpen = false;
    mindSignals();
  };
  return {
    write: (text) => {
      pieces.push(text);
      pending += text.length;
      if (pending > BUFFER_CHARACTERS) flush();
    },
    finish: () => {
      flush();
      if (target.kind === 'replace') orInputError(() => renameSync(path, target.path));
      close();
    },
    discard: () => {
      close();
      if (target.kind === 'replace') rmSync(path, { force: true });
    },
  };
}

function openTarget(target: OutputTarget, path: string): number {
  if (target.kind === 'write') return target.descriptor ?? openSync(path, 'w');
  const descriptor = openSync(path, 'w', target.mode);
  // What opening sets is less what the process's mask takes away.
  if (target.mode !== undefined) fchmodSync(descriptor, target.mode);
  return descriptor;
}

/** Writes as much as goes; waits for a reader that does not keep up. */
function writeSome(descriptor: number, bytes: Uint8Array, from: number): number {
  for (;;) {
    try {
      return writeSync(descriptor, bytes, from);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, MILLISECONDS_BETWEEN_TRIES);
    }
  }
}
