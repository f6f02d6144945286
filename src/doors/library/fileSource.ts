/** A file of the user's as bytes that are read piece by piece. */
import { closeSync, fstatSync, readFileSync, readSync } from 'node:fs';
import { type ByteSource, sourceOfBytes } from '../../model/importers/byteSource.ts';
import { type FileAccess, PLAIN_ACCESS } from './textFile.ts';

/** Bytes of a descriptor; fewer where the file has been cut meanwhile, which whoever parses them will notice. */
function readAt(descriptor: number, offset: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let read = 0;
  while (read < length) {
    const count = readSync(descriptor, bytes, read, length - read, offset + read);
    if (count === 0) break;
    read += count;
  }
  return bytes;
}

/**
 * Hands a file's bytes to `use`, and closes it afterwards. A regular file is never held as a whole; of a pipe all is
 * read first. Throws what `use` throws, and the system's error where the file cannot be read.
 */
export function withFileSource<Result>(
  path: string,
  use: (source: ByteSource) => Result,
  access: FileAccess = PLAIN_ACCESS,
): Result {
  const descriptor = access.open(path);
  try {
    const stats = fstatSync(descriptor);
    const source = stats.isFile()
      ? { size: stats.size, read: (offset: number, length: number) => readAt(descriptor, offset, length) }
      : sourceOfBytes(readFileSync(descriptor));
    return use(source);
  } finally {
    closeSync(descriptor);
  }
}
