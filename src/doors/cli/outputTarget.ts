/** Where an output really goes: a file that can be replaced, or something that must be written as it is. */
import { accessSync, constants, lstatSync, readlinkSync, type Stats, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** The name that stands for stdout. */
export const STDOUT_NAME = '-';
const STDOUT_DESCRIPTOR = 1;
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

function followLinks(path: string): string {
  let at = path;
  for (let links = 0; lstatSync(at, { throwIfNoEntry: false })?.isSymbolicLink() === true; links++) {
    if (links === MOST_LINKS) throw new Error('too many symbolic links');
    at = resolve(dirname(at), readlinkSync(at));
  }
  return at;
}

/** Finds out what an output is; throws what the file system says. */
export function outputTarget(output: string): OutputTarget {
  const descriptor = descriptorOf(output);
  if (descriptor !== undefined) return { kind: 'write', path: output, descriptor };
  const path = followLinks(output);
  const known: Stats | undefined = statSync(path, { throwIfNoEntry: false });
  if (known === undefined) return { kind: 'replace', path, mode: undefined };
  if (!known.isFile()) return { kind: 'write', path, descriptor: undefined };
  // Whoever may not write a file may still be able to replace it; that is not what they ask for.
  accessSync(path, constants.W_OK);
  return { kind: 'replace', path, mode: known.mode & 0o7777 };
}
