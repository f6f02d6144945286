/** Bytes to a descriptor, whatever it is: they are all written, or an error says that they are not. */
import { fstatSync, writeSync } from 'node:fs';
import type { Writable } from 'node:stream';
import { isatty } from 'node:tty';

const MILLISECONDS_BETWEEN_TRIES = 2;

/** Where bytes go. Whatever the system says against it is thrown as it is. */
export interface Sink {
  /** Takes bytes, which must not change any more; what a slow reader does not take yet waits in memory. */
  readonly write: (bytes: Uint8Array) => void;
  /** How many bytes wait. */
  readonly waitingBytes: () => number;
  /** Resolves when none waits. */
  readonly drained: () => Promise<void>;
}

/** Whether a descriptor is a pipe, a socket or a terminal: who reads there may be slow. */
export function isStream(descriptor: number): boolean {
  const stat = fstatSync(descriptor);
  return stat.isFIFO() || stat.isSocket() || isatty(descriptor);
}

/** Writes all bytes to a file or a device: a write that takes some of them is followed by one of the rest. */
export function writeAll(descriptor: number, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length; ) {
    try {
      written += writeSync(descriptor, bytes, written);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, MILLISECONDS_BETWEEN_TRIES);
    }
  }
}

/** Writes to a file or a device: nothing ever waits. */
export function fileSink(descriptor: number): Sink {
  return {
    write: (bytes) => writeAll(descriptor, bytes),
    waitingBytes: () => 0,
    drained: () => Promise.resolve(),
  };
}

/** Writes to a stream of Node's, which never holds up the process. */
export function streamSink(stream: Writable): Sink {
  let waiting = 0;
  let failure: Error | undefined;
  let settle = (): void => {};
  const fail = (error: Error): void => {
    failure ??= error;
    settle();
  };
  stream.on('error', fail);
  return {
    write: (bytes) => {
      if (failure !== undefined) throw failure;
      waiting += bytes.length;
      stream.write(bytes, (error) => {
        waiting -= bytes.length;
        if (error) fail(error);
        else if (waiting === 0) settle();
      });
    },
    waitingBytes: () => waiting,
    drained: async () => {
      if (failure === undefined && waiting > 0) {
        await new Promise<void>((resolve) => {
          settle = resolve;
        });
      }
      if (failure !== undefined) throw failure;
    },
  };
}
