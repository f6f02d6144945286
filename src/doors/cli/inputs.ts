/** The files that this process reads, so that it does not write over one. */
import { closeSync, fstatSync, openSync, readFileSync, type Stats } from 'node:fs';

const read = new Set<string>();

const identityOf = ({ dev, ino }: Stats): string => `${dev} ${ino}`;

/** Opens a file of the user's to be read; throws what the system says. */
export function openInput(path: string): number {
  const descriptor = openSync(path, 'r');
  const stat = fstatSync(descriptor);
  if (stat.isFile()) read.add(identityOf(stat));
  return descriptor;
}

/** Reads a whole text of the user's; throws what the system says. */
export function readInput(path: string): string {
  const descriptor = openInput(path);
  try {
    return readFileSync(descriptor, 'utf8');
  } finally {
    closeSync(descriptor);
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
