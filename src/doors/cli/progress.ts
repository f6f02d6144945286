/** Drives a long run: progress on stderr, and a clean stop on Ctrl-C or a kill. */
import { setImmediate } from 'node:timers/promises';
import type { Progress } from '../../model/network/network.ts';
import type { JobProgress } from '../library/drive.ts';
import { progressOf } from '../library/networkProgress.ts';
import { watchForStop } from './signals.ts';
import { sayProgress } from './stderr.ts';

const MILLISECONDS_BETWEEN_YIELDS = 50;
/** A run that takes a second has said by then how far it is. */
const MILLISECONDS_BEFORE_PROGRESS = 900;
const MILLISECONDS_BETWEEN_LINES = 5000;
const MILLISECONDS_BEFORE_GUESSING = 5000;

export interface Display {
  show(shown: JobProgress): void;
  close(): void;
}

/** A bar where stderr is a terminal; what draws it is loaded only there. */
async function bar(): Promise<Display> {
  const { SingleBar } = await import('cli-progress');
  const single = new SingleBar({
    format: '{bar} {percentage}% | {text}',
    stream: process.stderr,
    hideCursor: true,
    clearOnComplete: true,
  });
  single.start(1, 0, { text: '' });
  return {
    show: ({ share, text }) => single.update(share, { text }),
    close: () => single.stop(),
  };
}

/** When the next line of progress is due: one long run may follow another. */
let nextLine = Number.POSITIVE_INFINITY;

/** A line now and then where it is not, once the first run has taken nearly a second. */
function lines(): Display {
  if (nextLine === Number.POSITIVE_INFINITY) nextLine = Date.now() + MILLISECONDS_BEFORE_PROGRESS;
  return {
    show: ({ text }) => {
      if (Date.now() < nextLine) return;
      nextLine = Date.now() + MILLISECONDS_BETWEEN_LINES;
      sayProgress(`systole: ${text}\n`);
    },
    close: () => {},
  };
}

/** Opens the display that suits stderr; whoever opens it closes it. */
export async function openDisplay(): Promise<Display> {
  return process.stderr.isTTY ? bar() : lines();
}

/** A duration in words: `12 s`, `3 min`, `1.5 h`. */
export function inWords(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  if (seconds < 100) return `${Math.ceil(seconds)} s`;
  if (seconds < 6000) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}

/**
 * From now on says how long the rest will take if it goes on as it did, in words to append. Says nothing while there is
 * too little to judge by: less than a hundredth, in the first seconds.
 */
export function timeLeft(): (share: number) => string {
  const start = Date.now();
  return (share) => {
    const elapsed = Date.now() - start;
    if (share <= 0 || (share < 0.01 && elapsed < MILLISECONDS_BEFORE_GUESSING)) return '';
    return `, about ${inWords((elapsed / share) * (1 - share))} left`;
  };
}

/** Runs a network's generator to its end and returns its result; throws Interrupted when a signal asks to stop. */
export async function drive<Result>(
  run: Generator<Progress, Result>,
  room?: () => Promise<void> | undefined,
): Promise<Result> {
  return driveLong(run, progressOf, room);
}

/**
 * Takes any long run to its end, with its progress on stderr; `show` says what its pauses mean, `room` what it must wait for before it goes on. A run that
 * is not taken to its end is told so.
 */
export async function driveLong<Pause, Result>(
  run: Generator<Pause, Result>,
  show: (pause: Pause) => JobProgress,
  room: () => Promise<void> | undefined = () => undefined,
): Promise<Result> {
  const stop = watchForStop();
  const display = await openDisplay();
  let lastYield = Date.now();
  try {
    for (let step = run.next(); ; step = run.next()) {
      if (step.done === true) return step.value;
      const waitedFor = room();
      if (waitedFor !== undefined) await stop.unlessStopped(waitedFor);
      if (Date.now() - lastYield > MILLISECONDS_BETWEEN_YIELDS) {
        display.show(show(step.value));
        await setImmediate();
        lastYield = Date.now();
      }
      stop.check();
    }
  } finally {
    stop.off();
    display.close();
    run.return(undefined as Result); // what it has begun, a file perhaps, it clears up; no-op at its end
  }
}

/** Takes a long run to its end; its progress ends with how long the rest will take. */
export function driveWithTimeLeft<Pause, Result>(
  run: Generator<Pause, Result>,
  show: (pause: Pause) => JobProgress,
): Promise<Result> {
  const left = timeLeft();
  return driveLong(run, (pause) => {
    const { share, text } = show(pause);
    return { share, text: text + left(share) };
  });
}
