/** Where a result goes, piece by piece: a file, there whole or not at all, or a pipe, a device, stdout, as the pieces come. */
import { closeSync, constants, openSync, statSync } from 'node:fs';
import { Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { untilStopped } from '../signals.ts';
import { fileSink, isStream, type Sink, streamSink } from './sink.ts';
import { type OutputTarget, outputError, outputTarget } from './target.ts';
import { gathering, openWholeFile, type Piece } from './wholeFile.ts';

/** More than this is not kept for a slow reader. */
const MOST_WAITING_BYTES = 1 << 20;
const MILLISECONDS_BETWEEN_LOOKS_FOR_A_READER = 20;

/** An output that has been opened. What goes wrong is an InputError, or ReaderGone. */
export interface Output {
  readonly write: (piece: Piece) => void;
  /** Where a slow reader has let too much pile up: resolves when it is written. */
  readonly room: () => Promise<void> | undefined;
  /** Completes the output; a file gets its name. Interrupted if a signal comes while a reader is waited for. */
  readonly finish: () => Promise<void>;
  /** Lets go of it; removes what there is of a file, unless finished. */
  readonly discard: () => void;
}

interface OpenSink extends Sink {
  readonly close: () => void;
}

/** A stream on a descriptor; those of stdout and stderr are Node's own. */
function streamOn(descriptor: number): NodeJS.WritableStream & Socket {
  if (descriptor === 1) return process.stdout;
  if (descriptor === 2) return process.stderr;
  return new Socket({ fd: descriptor, readable: false, writable: true });
}

/** A descriptor that the process was started with, which is not ours to close. */
function inheritedSink(descriptor: number): OpenSink {
  const sink = isStream(descriptor) ? streamSink(streamOn(descriptor)) : fileSink(descriptor);
  return { ...sink, close: () => {} };
}

/** A pipe with a name, once there is somebody who reads it. */
async function namedPipeSink(path: string): Promise<OpenSink> {
  for (;;) {
    try {
      const stream = streamOn(openSync(path, constants.O_WRONLY | constants.O_NONBLOCK));
      return { ...streamSink(stream), close: () => stream.destroy() };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENXIO') throw error;
      await setTimeout(MILLISECONDS_BETWEEN_LOOKS_FOR_A_READER);
    }
  }
}

async function openSink({ path, descriptor }: OutputTarget & { kind: 'write' }): Promise<OpenSink> {
  if (descriptor !== undefined) return inheritedSink(descriptor);
  if (statSync(path).isFIFO()) return namedPipeSink(path);
  const device = openSync(path, 'w');
  return { ...fileSink(device), close: () => closeSync(device) };
}

/** Opens an output, `-` for stdout. Interrupted if a signal comes while a reader is waited for. */
export async function openOutput(output: string): Promise<Output> {
  const target = outputTarget(output);
  if (target.kind === 'replace') {
    const file = openWholeFile(output, target);
    return { ...file, room: () => undefined, finish: () => Promise.resolve(file.finish()) };
  }
  const complain = (error: unknown): never => {
    throw outputError(output, error);
  };
  const sink = await untilStopped(openSink(target).catch(complain));
  const { write, flush } = gathering((bytes) => {
    try {
      sink.write(bytes);
    } catch (error) {
      complain(error);
    }
  });
  return {
    write,
    room: () => (sink.waitingBytes() > MOST_WAITING_BYTES ? sink.drained().catch(complain) : undefined),
    finish: async () => {
      flush();
      await untilStopped(sink.drained().catch(complain));
    },
    discard: sink.close,
  };
}
