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
