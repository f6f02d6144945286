/** The files that this process reads, so that it does not write over one. */
import { fstatSync, openSync, type Stats } from 'node:fs';
import { type FileAccess, type Reading, readText } from '../library/textFile.ts';
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

/** How the command line reads whole texts. */
export const NOTED_ACCESS: FileAccess = {
  open: openInput,
  reads: (path, descriptor) => {
    const { size } = fstatSync(descriptor);
    if (size >= BYTES_WORTH_A_WORD) say(`systole: reading ${path}, ${Math.round(size / 1e6)} MB\n`);
  },
};

/** Reads a whole text of the user's; an InputError where it cannot be read. */
export function readInput(path: string, reading: Reading): string {
  return readText(path, reading, NOTED_ACCESS);
}

/** From now on no file has been read. */
export function forgetInputs(): void {
  read.clear();
}

/** Whether a file has been read, by whatever name. */
export function isInput(stat: Stats): boolean {
  return stat.isFile() && read.has(identityOf(stat));
}
