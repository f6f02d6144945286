/** Bytes that are read piece by piece, so that a file of gigabytes need not be held. The door gives one over a file. */
export interface ByteSource {
  /** Bytes in all. */
  readonly size: number;
  /** The bytes from `offset` on, `length` of them; what is asked for always lies within `size`. They stay as they are. */
  read(offset: number, length: number): Uint8Array;
}

/** Bytes that are held anyway. */
export function sourceOfBytes(bytes: Uint8Array): ByteSource {
  return { size: bytes.length, read: (offset, length) => bytes.subarray(offset, offset + length) };
}
