/** Drives a long run: progress on stderr, and a clean stop on Ctrl-C. */
import { setImmediate } from 'node:timers/promises';
import { SingleBar } from 'cli-progress';
import type { Progress } from '../crosscheck/network.ts';

/** Ctrl-C was pressed. */
export class Interrupted extends Error {}

const MILLISECONDS_BETWEEN_YIELDS = 50;
const MILLISECONDS_BEFORE_PROGRESS = 1000;
const MILLISECONDS_BETWEEN_LINES = 5000;

interface Display {
  show(progress: Progress): void;
  close(): void;
}

/** A bar where stderr is a terminal. */
function bar(unit: string): Display {
  const single = new SingleBar({
    format: `{bar} {percentage}% | ${unit} {layer} of {layers} | {name}`,
    stream: process.stderr,
    hideCursor: true,
    clearOnComplete: true,
  });
  single.start(1, 0, { layer: 0, layers: 0, name: '' });
  return {
    show: ({ layersDone, layers, layerName, layerShare }) => {
      single.setTotal(layers);
      single.update(layersDone + layerShare, { layer: layersDone + 1, layers, name: layerName });
    },
    close: () => single.stop(),
  };
}

/** A line now and then where it is not, once the run has taken a second. */
function lines(unit: string): Display {
  let next = Date.now() + MILLISECONDS_BEFORE_PROGRESS;
  return {
    show: ({ layersDone, layers, layerName }) => {
      if (Date.now() < next) return;
      next = Date.now() + MILLISECONDS_BETWEEN_LINES;
      process.stderr.write(`systole: ${unit} ${layersDone + 1} of ${layers}, ${layerName}\n`);
    },
    close: () => {},
  };
}

/** Runs a generator to its end and returns its result; throws Interrupted on Ctrl-C. `unit` is what it goes through. */
export async function drive<Result>(run: Generator<Progress, Result>, unit = 'layer'): Promise<Result> {
  const display = process.stderr.isTTY ? bar(unit) : lines(unit);
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
        display.show(step.value);
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
