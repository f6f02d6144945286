/**
 * A lock file: whoever makes it holds it, and its content says who that is. The holder changes it each second, so that
 * it can be told from one that is gone also where nobody sees whether it runs: on another host, in another container.
 */
import { closeSync, fstatSync, openSync, readFileSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { InputError } from '../../../model/schemas/inputError.ts';
import { writeAll } from '../output/sink.ts';
import { untilStopped } from '../signals.ts';
import { say } from '../stderr.ts';
import { type Holder, holderIn, isRunning, thisProcess } from './holder.ts';

const MILLISECONDS_BETWEEN_BEATS = 1000;
/** A lock that does not change for so long is nobody's: more than a holder is ever busy with something else. */
const BEATS_TO_WAIT = 10;
const TRIES = 5;

export interface Lock {
  /** Throws an InputError if somebody else has taken the lock away. */
  readonly check: () => void;
  /** Removes the lock, if it is still ours. */
  readonly release: () => void;
}

function textIn(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined; // gone in the meantime
  }
}

/** `process 12 on node7`. */
function inWords(holder: Holder | undefined, here: Holder): string {
  if (holder === undefined) return 'somebody';
  return `process ${holder.process}${holder.host === here.host ? '' : ` on ${holder.host}`}`;
}

/** Makes the lock; undefined if there is one. */
function make(path: string, text: string): number | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(path, 'wx');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return undefined;
    throw error;
  }
  try {
    writeAll(descriptor, Buffer.from(text));
    return descriptor;
  } catch (error) {
    closeSync(descriptor);
    rmSync(path, { force: true });
    throw error;
  }
}

/** Removes the lock of one that is gone, unless somebody else has just done so and taken it. */
function removeStale(path: string, text: string, token: string): void {
  const aside = `${path}.${token}`;
  try {
    renameSync(path, aside); // one of several succeeds
  } catch {
    return;
  }
  if (textIn(aside) === text) rmSync(aside, { force: true });
  else renameSync(aside, path);
}

/** Whether the lock that has this text is held by somebody; where only its changes tell, they are waited for. */
async function isHeld(path: string, text: string, here: Holder, millisecondsBetweenBeats: number): Promise<boolean> {
  const holder = holderIn(text);
  const running = holder && isRunning(holder, here);
  if (running !== undefined) return running;
  say(`systole: ${path} is there; waiting to see whether ${inWords(holder, here)} is still at work\n`);
  for (let beat = 0; beat < BEATS_TO_WAIT; beat++) {
    await untilStopped(setTimeout(millisecondsBetweenBeats));
    const now = textIn(path);
    if (now !== text) return now !== undefined;
  }
  return false;
}

/** Keeps a lock that has been made. */
function keep(path: string, made: number, here: Holder, millisecondsBetweenBeats: number): Lock {
  let descriptor = made;
  let beats = 0;
  const textOf = (beat: number): string => `${JSON.stringify(here)}\n${String(beat).padStart(12)}\n`;
  const isOurs = (): boolean => holderIn(textIn(path) ?? '')?.token === here.token;
  let isLost = false;
  const beat = (): void => {
    try {
      if (statSync(path, { throwIfNoEntry: false })?.ino === fstatSync(descriptor).ino) {
        writeSync(descriptor, textOf(++beats), 0);
        return;
      }
      // Who has removed it by hand may have meant well.
      const again = make(path, textOf(++beats));
      if (again === undefined) {
        isLost = !isOurs();
        return;
      }
      closeSync(descriptor);
      descriptor = again;
    } catch {
      // A full disk, perhaps: the next beat may come through.
    }
  };
  const timer = setInterval(beat, millisecondsBetweenBeats);
  timer.unref();
  return {
    check: () => {
      beat();
      if (!isLost) return;
      const holder = holderIn(textIn(path) ?? '');
      const expected = `the lock of this sweep; it is that of ${inWords(holder, here)}, which goes on alone`;
      throw new InputError({ file: path, path: '', expected });
    },
    release: () => {
      clearInterval(timer);
      if (isOurs()) rmSync(path, { force: true });
      closeSync(descriptor);
    },
  };
}

/** Takes a lock; an InputError if somebody else holds it. `folder` is for messages. */
export async function takeLock(
  path: string,
  folder: string,
  millisecondsBetweenBeats: number = MILLISECONDS_BETWEEN_BEATS,
): Promise<Lock> {
  const complain = (expected: string): never => {
    throw new InputError({ file: '--output', path: '', value: folder, expected });
  };
  const here = thisProcess();
  for (let tries = 0; tries < TRIES; tries++) {
    let made: number | undefined;
    try {
      made = make(path, `${JSON.stringify(here)}\n`);
    } catch (error) {
      complain(`a folder that can be written to (${(error as Error).message})`);
    }
    if (made !== undefined) return keep(path, made, here, millisecondsBetweenBeats);
    const text = textIn(path);
    if (text === undefined) continue;
    if (await isHeld(path, text, here, millisecondsBetweenBeats)) break;
    removeStale(path, text, here.token);
  }
  const holder = holderIn(textIn(path) ?? '');
  return complain(`a folder in which no other sweep is at work (${inWords(holder, here)} is, by ${path})`);
}
