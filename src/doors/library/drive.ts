/** Long work that others can watch and stop: a generator taken to its end, with room for other tasks in between. */

import { callback, type KindsOf, kind } from './kinds.ts';

/** How far a job has come. */
export interface JobProgress {
  /** The share that is done, from 0 to 1. */
  readonly share: number;
  /** What it is at, in words: `layer 3 of 175, layer1.0.conv1`. */
  readonly text: string;
}

/** As much of an AbortSignal as a job needs; any AbortSignal is one. */
export interface StopSignal {
  readonly aborted: boolean;
  /** What the job then throws. */
  readonly reason?: unknown;
}

/** How a job is watched and stopped. */
export interface JobOptions {
  /** Is called when the job begins, about twenty times a second while it runs, and when it has ended. */
  readonly onProgress?: ((progress: JobProgress) => void) | undefined;
  /** Once it is aborted, the job throws its reason at the next pause, a few milliseconds later. */
  readonly signal?: StopSignal | undefined;
}

/** What these may be. */
export const JOB_OPTIONS: KindsOf<JobOptions> = {
  onProgress: callback,
  signal: kind('an AbortSignal', (value) => typeof (value as StopSignal | null)?.aborted === 'boolean'),
};

const MILLISECONDS_BETWEEN_PAUSES = 50;

/** A timer that Node, browsers and workers have, and that no library of types is needed for. */
const { setTimeout } = globalThis as unknown as { readonly setTimeout: (then: () => void, after: number) => void };

/** Lets everything run that waits. */
const others = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

function throwIfStopped(signal: StopSignal | undefined): void {
  if (signal?.aborted) throw signal.reason ?? new Error('aborted');
}

/**
 * Takes a generator to its end and returns its result; `show` says what its pauses mean. Throws the reason of a signal
 * that asks to stop; a generator that is not taken to its end is told so.
 */
export async function drive<Pause, Result>(
  run: Generator<Pause, Result>,
  show: (pause: Pause) => JobProgress,
  { onProgress, signal }: JobOptions = {},
): Promise<Result> {
  let isDone = false;
  let last = Number.NEGATIVE_INFINITY;
  try {
    throwIfStopped(signal);
    for (let step = run.next(); ; step = run.next()) {
      if (step.done === true) {
        isDone = true;
        onProgress?.({ share: 1, text: 'done' });
        return step.value;
      }
      const now = Date.now();
      if (now - last >= MILLISECONDS_BETWEEN_PAUSES) {
        onProgress?.(show(step.value));
        await others();
        throwIfStopped(signal);
        last = Date.now();
      }
    }
  } finally {
    if (!isDone) run.return(undefined as Result);
  }
}
