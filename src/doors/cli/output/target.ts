/** Where an output really goes: a file that can be replaced, or something that must be written as it is. */
import { accessSync, constants, fstatSync, lstatSync, readlinkSync, type Stats, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { InputError } from '../../../model/schemas/inputError.ts';
import { isInput } from '../inputs.ts';
import { isStdoutClosed } from './closedStdout.ts';

/** The name that stands for stdout. */
export const STDOUT_NAME = '-';
export const STDOUT_DESCRIPTOR = 1;
/** As many as Linux follows. */
const MOST_LINKS = 40;

/**
 * `replace`: a regular file, or none yet, at the end of all symbolic links, and the permissions it has. `write`: a
 * pipe, a device, or a descriptor that the process already has.
 */
export type OutputTarget =
  | { readonly kind: 'replace'; readonly path: string; readonly mode: number | undefined }
  | { readonly kind: 'write'; readonly path: string; readonly descriptor: number | undefined };

/** The descriptor that a name stands for, as /dev/stdout and /dev/fd/63 do. */
function descriptorOf(path: string): number | undefined {
  if (path === STDOUT_NAME || path === '/dev/stdout') return STDOUT_DESCRIPTOR;
  if (path === '/dev/stderr') return 2;
  const match = /^\/(?:dev|proc\/self)\/fd\/(\d+)$/.exec(path);
  return match === null ? undefined : Number(match[1]);
}

/** Whether an output is stdout, by whatever name. */
export function isStdout(output: string): boolean {
  return descriptorOf(output) === STDOUT_DESCRIPTOR;
}

function followLinks(path: string): string {
  let at = path;
  for (let links = 0; lstatSync(at, { throwIfNoEntry: false })?.isSymbolicLink() === true; links++) {
    if (links === MOST_LINKS) throw new Error('too many symbolic links');
    at = resolve(dirname(at), readlinkSync(at));
  }
  return at;
}

function refuseInput(stat: Stats): void {
  if (isInput(stat)) throw new Error('it is one of the files that are read');
}

/** Finds out what an output is and whether it can be written; throws what is against it. */
function find(output: string): OutputTarget {
  const descriptor = descriptorOf(output);
  if (descriptor !== undefined) {
    if (descriptor === STDOUT_DESCRIPTOR && isStdoutClosed()) throw new Error('it is closed');
    refuseInput(fstatSync(descriptor));
    return { kind: 'write', path: output, descriptor };
  }
  if (output === '' || output.endsWith('/')) throw new Error('it is not the name of a file');
  const path = followLinks(output);
  const known: Stats | undefined = statSync(path, { throwIfNoEntry: false });
  if (known === undefined) {
    accessSync(dirname(resolve(path)), constants.W_OK);
    return { kind: 'replace', path, mode: undefined };
  }
  if (known.isDirectory()) throw new Error('it is a folder');
  refuseInput(known);
  if (!known.isFile()) return { kind: 'write', path, descriptor: undefined };
  // Whoever may not write a file may still be able to replace it; that is not what they ask for.
  accessSync(path, constants.W_OK);
  return { kind: 'replace', path, mode: known.mode & 0o7777 };
}

/** What an output is in messages. */
function inputErrorAbout(output: string, why: string, option: string): InputError {
  return output === STDOUT_NAME
    ? new InputError({ file: 'stdout', path: '', expected: `an output that takes everything (${why})` })
    : new InputError({ file: option, path: '', value: output, expected: `a file that can be written (${why})` });
}

/** Whoever reads the output has seen enough (`systole … | head`): no error. */
export class ReaderGone extends Error {}

/** What the system says against an output as an InputError, or ReaderGone. */
export function outputError(output: string, error: unknown, option = '--output'): Error {
  if ((error as NodeJS.ErrnoException).code === 'EPIPE') return new ReaderGone('the reader is gone');
  // `ENOSPC: no space left on device, write`: what was being done to which path is known.
  return inputErrorAbout(output, (error as Error).message.replace(/^(E[A-Z]+: [^,]*),.*$/s, '$1'), option);
}

/**
 * Finds out what an output is, `-` for stdout. An InputError if it cannot be written, or if it is a file that has been
 * read: call it once all are, and before a long run. `option` is who asks for it.
 */
export function outputTarget(output: string, option = '--output'): OutputTarget {
  try {
    return find(output);
  } catch (error) {
    throw outputError(output, error, option);
  }
}
