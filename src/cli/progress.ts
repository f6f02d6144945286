/** Drives a long run: progress on stderr, and a clean stop on Ctrl-C. */
import { setImmediate } from 'node:timers/promises';
import { SingleBar } from 'cli-progress';
import type { Progress } from '../crosscheck/network.ts';

/** Ctrl-C was pressed. */
export class Interrupted extends Error {}

const MILLISECONDS_BETWEEN_YIELDS = 50;
const MILLISECONDS_BEFORE_PROGRESS = 1000;
const MILLISECONDS_BETWEEN_LINES = 5000;

/** How far a long run has come: the share that is done, and in words. */
export interface Shown {
  readonly share: number;
  readonly text: string;
}

interface Display {
  show(shown: Shown): void;
  close(): void;
}

/** A bar where stderr is a terminal. */
function bar(): Display {
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

/** A line now and then where it is not, once the run has taken a second. */
function lines(): Display {
  let next = Date.now() + MILLISECONDS_BEFORE_PROGRESS;
  return {
    show: ({ text }) => {
      if (Date.now() < next) return;
      next = Date.now() + MILLISECONDS_BETWEEN_LINES;
      process.stderr.write(`systole: ${text}\n`);
    },
    close: () => {},
  };
}

/** Runs a network's generator to its end and returns its result; throws Interrupted on Ctrl-C. */
export async function drive<Result>(run: Generator<Progress, Result>): Promise<Result> {
  return driveLong(run, ({ layersDone, layers, layerName, layerShare }) => ({
    share: (layersDone + layerShare) / layers,
    text: `layer ${layersDone + 1} of ${layers}, ${layerName}`,
  }));
}

/** The same for any long run; `show` says what its pauses mean. */
export async function driveLong<Pause, Result>(
  run: Generator<Pause, Result>,
  show: (pause: Pause) => Shown,
): Promise<Result> {
  const display = process.stderr.isTTY ? bar() : lines();
  let isInterrupted = false;
  const interrupt = (): void => {
    isInterrupted = true;
  };
  process.once('SIGINT', interrupt);
  let lastYield = Date.now();
  try {
    for (let step = run.next(); ; step = run.next()) {
      if (step.done === true) return step.value;
      if (Date.now() - lastYield > MILLISECONDS_BETWEEN_YIELDS) {
        display.show(show(step.value));
        await setImmediate();
        lastYield = Date.now();
      }
      if (isInterrupted) throw new Interrupted('interrupted');
    }
  } finally {
    process.off('SIGINT', interrupt);
    display.close();
  }
}
