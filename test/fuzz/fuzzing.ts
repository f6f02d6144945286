/** Runs cases in a thread, watches it, and counts what comes. */
import { cpuUsage } from 'node:process';
import { Worker } from 'node:worker_threads';
import type { Verdict } from './judge.ts';
import { HANG_MILLISECONDS } from './running.ts';
import type { Kind } from './seeds.ts';
import type { Answer, WorkerData } from './worker.ts';

/** Enough for any case of these sizes. */
const MOST_MEGABYTES = 1500;
const MILLISECONDS_BETWEEN_LOOKS = 25;

type Ended = { readonly answer: Answer } | { readonly verdict: Verdict; readonly isGone: true };

/** A thread that runs cases one at a time. */
class Runner {
  private worker: Worker | undefined;
  private readonly script: string;
  private readonly data: WorkerData;

  constructor(script: string, data: WorkerData) {
    this.script = script;
    this.data = data;
  }

  private async started(): Promise<Worker> {
    if (this.worker !== undefined) return this.worker;
    const worker = new Worker(this.script, {
      workerData: this.data,
      resourceLimits: { maxOldGenerationSizeMb: MOST_MEGABYTES },
    });
    await new Promise((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
    });
    this.worker = worker;
    return worker;
  }

  /**
   * One case. Asked to stop after the patience, it is a hang once it has used `HANG_MILLISECONDS` of processor time, or has
   * waited so long for nothing: neither depends on what else the machine does.
   */
  async run(index: number): Promise<Ended> {
    const worker = await this.started();
    const begin = cpuUsage();
    const beginIdle = worker.performance.eventLoopUtilization();
    return new Promise((resolve) => {
      let isAsked = false;
      const listeners = {
        message: (answer: Answer): void => end({ answer }),
        error: (error: Error): void => crash(String(error.stack)),
        exit: (code: number): void => crash(`the thread has ended with ${code}`),
      };
      const crash = (why: string): void => end({ isGone: true, verdict: { failed: 'crash', why } });
      const end = (ended: Ended): void => {
        clearInterval(watch);
        for (const [event, listener] of Object.entries(listeners)) worker.off(event, listener);
        if ('isGone' in ended) {
          this.worker = undefined;
          void worker.terminate().then(() => resolve(ended));
        } else resolve(ended);
      };
      const watch = setInterval(() => {
        const { user, system } = cpuUsage(begin);
        const used = (user + system) / 1000;
        const { idle } = worker.performance.eventLoopUtilization(beginIdle);
        // A case that is a process of its own is watched where it is started: the thread only waits for it.
        if (used > HANG_MILLISECONDS || (isAsked && idle > 24 * HANG_MILLISECONDS)) {
          const what = used > HANG_MILLISECONDS ? 'works on' : 'waits';
          end({ isGone: true, verdict: { failed: 'hang', why: `it ${what} though it was asked to stop` } });
        } else if (!isAsked && Math.max(used, idle / 24) > this.data.patienceMilliseconds) {
          isAsked = true;
          worker.postMessage('stop');
        }
      }, MILLISECONDS_BETWEEN_LOOKS);
      for (const [event, listener] of Object.entries(listeners)) worker.on(event, listener);
      worker.postMessage({ index });
    });
  }

  async close(): Promise<void> {
    await this.worker?.terminate();
  }
}

/** What a kind of file came to. */
export interface Counts {
  cases: number;
  accepted: number;
  refused: number;
  stopped: number;
  failures: Record<string, number>;
}

/** Runs the cases from `from` on, calling `onEnd` for each, which says whether to go on, and counts them by kind. */
export async function fuzz(
  { from, count }: { readonly from: number; readonly count: number },
  kindOf: (index: number) => Kind,
  script: string,
  data: WorkerData,
  onEnd: (index: number, verdict: Verdict) => boolean,
): Promise<Map<Kind, Counts>> {
  const runner = new Runner(script, data);
  const counts = new Map<Kind, Counts>();
  try {
    for (let index = from; index < from + count; index++) {
      const ended = await runner.run(index);
      const verdict = 'answer' in ended ? ended.answer.verdict : ended.verdict;
      // A thread that has gone has not said what it was at.
      const kind = 'answer' in ended ? ended.answer.kind : kindOf(index);
      const known = counts.get(kind) ?? { cases: 0, accepted: 0, refused: 0, stopped: 0, failures: {} };
      counts.set(kind, known);
      known.cases++;
      if ('ended' in verdict) known[verdict.ended]++;
      else known.failures[verdict.failed] = (known.failures[verdict.failed] ?? 0) + 1;
      if (!onEnd(index, verdict)) break;
    }
  } finally {
    await runner.close();
  }
  return counts;
}
