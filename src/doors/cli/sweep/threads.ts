/** Evaluations on worker threads of this process. */
import { Worker } from 'node:worker_threads';
import { InputError } from '../../../model/schemas/inputError.ts';
import type { SweepInput } from '../../../studies/sweep/sweep.ts';
import { watchForStop } from '../signals.ts';
import { evaluationProgress } from './evaluationProgress.ts';
import { type CostRecord, type Evaluator, evaluationsIn, type Job } from './jobs.ts';
import type { Answer } from './messages.ts';

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

/** The models of some jobs, in words. */
export function modelsOf(jobs: readonly Job[]): string {
  return [...new Set(jobs.map(({ model }) => model))].join(', ');
}

/** Evaluates on at most so many threads. */
export function onThreads(input: SweepInput, workers: number): Evaluator {
  return async (jobs, take) => {
    if (jobs.length === 0) return;
    const progress = await evaluationProgress(modelsOf(jobs), evaluationsIn(jobs));
    const stop = watchForStop();
    const threads = Array.from(
      { length: Math.min(workers, jobs.length) },
      () => new Worker(new URL('./worker.js', import.meta.url), { workerData: input }),
    );
    let evaluated = 0;
    try {
      const work = workThrough(jobs, threads, {
        take: (job, costs) => {
          take({ ...job, costs });
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
  };
}
