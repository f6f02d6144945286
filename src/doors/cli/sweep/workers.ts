/** Spreads evaluations over worker threads. */
import { Worker } from 'node:worker_threads';
import { InputError } from '../../../model/schemas/inputError.ts';
import { partsOf } from '../../../studies/sweep/networkCosts.ts';
import type { Evaluations, Sweep, SweepInput } from '../../../studies/sweep/sweep.ts';
import { openDisplay, timeLeft } from '../progress.ts';
import { watchForStop } from '../signals.ts';
import type { CostRecord, Journal } from './journal.ts';
import type { Answer, Job } from './messages.ts';

/** Evaluations per job: enough that messages cost little, few enough that a kill loses little. */
const keysPerJob = (model: string): number => (model === 'closed-form' ? 256 : 1);

/** What is not known yet as jobs; neighbouring keys, which share tiles, stay together. */
function jobsFor(sweep: Sweep, model: string, needed: Evaluations): Job[] {
  return partsOf(sweep.costs(model)).flatMap(([part, { known }]) => {
    const keys = [...needed[part]].filter((key) => !known.has(key)).sort((a, b) => a - b);
    const jobs: Job[] = [];
    for (let from = 0; from < keys.length; from += keysPerJob(model)) {
      jobs.push({ model, part, keys: keys.slice(from, from + keysPerJob(model)) });
    }
    return jobs;
  });
}

/** From now on the sweep knows what a record says. */
export function learn(sweep: Sweep, { model, part, keys, costs }: CostRecord): void {
  const { known } = sweep.costs(model).parts[part]!;
  keys.forEach((key, place) => {
    known.set(key, costs[place] ?? undefined);
  });
}

/** Shows how far evaluations have come, and how long they will take. */
function evaluationProgress(model: string, evaluations: number) {
  const display = openDisplay();
  const left = timeLeft();
  return {
    /** `begun` is what those that are under way amount to. */
    show: (evaluated: number, begun: number): void => {
      const share = Math.min(1, (evaluated + begun) / evaluations);
      const percent = Math.floor(100 * share);
      const text = `${evaluated} of ${evaluations} evaluations (${model}), ${percent} %${left(share)}`;
      display.show({ share, text });
    },
    close: display.close,
  };
}

/** What the main thread does with the answers. */
interface Listener {
  readonly take: (job: Job, costs: CostRecord['costs']) => void;
  /** How much of the evaluations under way is done, in evaluations. */
  readonly begun: (evaluations: number) => void;
}

/** All threads work until no job is left; rejects on the first thing wrong. */
function workThrough(jobs: readonly Job[], threads: readonly Worker[], { take, begun }: Listener): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    let next = 0;
    let answered = 0;
    const current = new Map<Worker, Job>();
    const shares = new Map<Worker, number>();
    const give = (thread: Worker): void => {
      const job = jobs[next++];
      if (job === undefined) return;
      current.set(thread, job);
      thread.postMessage(job);
    };
    const hear = (thread: Worker, answer: Answer): void => {
      if ('problems' in answer) throw new InputError(answer.problems);
      if ('share' in answer) {
        shares.set(thread, answer.share);
        begun([...shares.values()].reduce((sum, share) => sum + share, 0));
        return;
      }
      shares.delete(thread);
      take(current.get(thread)!, answer.costs);
      if (++answered === jobs.length) resolve();
      else give(thread);
    };
    for (const thread of threads) {
      thread.on('message', (answer: Answer) => {
        try {
          hear(thread, answer);
        } catch (error) {
          reject(error as Error); // a full disk, perhaps
        }
      });
      thread.once('error', reject);
      give(thread);
    }
  });
}

/**
 * Evaluates what the sweep needs and does not know yet on `workers` threads. Each answer goes to the journal as it
 * comes. Throws Interrupted on Ctrl-C, when all that was answered is in the journal.
 */
export async function evaluate(
  input: SweepInput,
  sweep: Sweep,
  model: string,
  needed: Evaluations,
  workers: number,
  journal: Journal,
): Promise<void> {
  const jobs = jobsFor(sweep, model, needed);
  if (jobs.length === 0) return;
  const progress = evaluationProgress(
    model,
    jobs.reduce((sum, { keys }) => sum + keys.length, 0),
  );
  const stop = watchForStop();
  const threads = Array.from(
    { length: Math.min(workers, jobs.length) },
    () => new Worker(new URL('./worker.js', import.meta.url), { workerData: input }),
  );
  let evaluated = 0;
  try {
    const work = workThrough(jobs, threads, {
      take: (job, costs) => {
        const record = { ...job, costs };
        journal.append(record);
        learn(sweep, record);
        evaluated += job.keys.length;
        progress.show(evaluated, 0);
      },
      begun: (evaluations) => progress.show(evaluated, evaluations),
    });
    await stop.unlessStopped(work);
  } finally {
    stop.off();
    progress.close();
    await Promise.all(threads.map((thread) => thread.terminate()));
  }
}
