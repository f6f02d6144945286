/** The signals that ask a run to stop. */

/** Their numbers: a process that one has stopped exits with 128 more. */
const NUMBERS = { SIGINT: 2, SIGTERM: 15, SIGHUP: 1 } as const;
export type StopSignal = keyof typeof NUMBERS;

/** A run was asked to stop: Ctrl-C, a kill, a terminal that went away. */
export class Interrupted extends Error {
  readonly exitCode: number;

  constructor(signal: StopSignal) {
    super('interrupted');
    this.exitCode = 128 + NUMBERS[signal];
  }
}

/** Calls `stop` for each such signal, instead of dying of it, until the function returned is called. */
export function onStopSignals(stop: (signal: StopSignal) => void): () => void {
  const signals = Object.keys(NUMBERS) as StopSignal[];
  for (const signal of signals) process.on(signal, stop);
  return () => {
    for (const signal of signals) process.off(signal, stop);
  };
}

/** From now on a signal does not end the process where nothing clears up behind it, until `off` is called. */
export interface StopWatch {
  /** Throws Interrupted if a signal has come. */
  readonly check: () => void;
  /** What a promise brings, or Interrupted as soon as a signal has come. */
  readonly unlessStopped: <Result>(promise: Promise<Result>) => Promise<Result>;
  readonly off: () => void;
}

/** Begins to watch for signals. One that comes between two pauses is heard at the next. */
export function watchForStop(): StopWatch {
  let stoppedBy: StopSignal | undefined;
  let reject = (_: Interrupted): void => {};
  const stopped = new Promise<never>((_, rejectStopped) => {
    reject = rejectStopped;
  });
  stopped.catch(() => {}); // nobody need wait for it
  const off = onStopSignals((signal) => {
    stoppedBy ??= signal;
    reject(new Interrupted(signal));
  });
  return {
    check: () => {
      if (stoppedBy !== undefined) throw new Interrupted(stoppedBy);
    },
    unlessStopped: (promise) => Promise.race([promise, stopped]),
    off,
  };
}

/** What a promise brings, or Interrupted as soon as a signal has come. */
export async function untilStopped<Result>(promise: Promise<Result>): Promise<Result> {
  const watch = watchForStop();
  try {
    return await watch.unlessStopped(promise);
  } finally {
    watch.off();
  }
}
