/**
 * What is said on stderr: messages, warnings, progress. That nobody can read it, because the disk is full or the reader
 * is gone, never ends a run, changes its exit code or holds it up.
 */
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { printableLines } from '../../model/schemas/printable.ts';
import { isStream, writeAll } from './output/sink.ts';

const STDERR_DESCRIPTOR = 2;
/** How long a reader that does not read is waited for at the end. */
const MILLISECONDS_TO_WAIT = 2000;

/** Whether stderr is a pipe, a socket or a terminal, which Node writes without holding up the process. */
const isWrittenAsStream = isStream(STDERR_DESCRIPTOR);
// An error of a stream that nobody listens to would end the process. A terminal's bar is drawn on the stream itself.
if (isWrittenAsStream) process.stderr.on('error', () => {});

/** Says a line, or several, of what can be shown. */
export function say(words: string): void {
  const text = printableLines(words);
  if (isWrittenAsStream) {
    process.stderr.write(text);
    return;
  }
  try {
    writeAll(STDERR_DESCRIPTOR, Buffer.from(text));
  } catch {
    // There is nowhere to say it.
  }
}

/** Says a line of progress, unless who reads has not read what was said before. */
export function sayProgress(text: string): void {
  if (isWrittenAsStream && process.stderr.writableLength > 0) return;
  say(text);
}

/** Resolves when all has been said, or cannot be. */
export async function allSaid(): Promise<void> {
  if (!isWrittenAsStream || process.stderr.writableLength === 0) return;
  const written = new Promise<void>((resolve) => process.stderr.write('', () => resolve()));
  const waited = setTimeout(MILLISECONDS_TO_WAIT, undefined, { ref: false });
  await Promise.race([written, once(process.stderr, 'close').catch(() => {}), waited]);
}
