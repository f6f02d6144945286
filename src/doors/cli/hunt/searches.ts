/** Spreads the searches of a hunt over worker threads. */
import { Worker } from 'node:worker_threads';
import { InputError } from '../../../model/schemas/inputError.ts';
import type { SearchResult } from '../../../studies/hunt/search.ts';
import { searchesInWords } from '../../library/hunt.ts';
import { openDisplay, timeLeft } from '../progress.ts';
import { watchForStop } from '../signals.ts';
import type { Answer, HuntWork } from './messages.ts';

/** All threads work until no search is left; rejects on the first thing wrong. */
function workThrough(
  searches: number,
  threads: readonly Worker[],
  done: (count: number) => void,
): Promise<SearchResult[]> {
  return new Promise((resolve, reject) => {
    const results: SearchResult[] = [];
    let [next, answered] = [0, 0];
    for (const thread of threads) {
      let current = 0;
      const give = (): void => {
        if (next === searches) return;
        current = next++;
        thread.postMessage(current);
      };
      thread.on('message', (answer: Answer) => {
        if ('problems' in answer) return reject(new InputError(answer.problems));
        results[current] = answer.result;
        done(++answered);
        if (answered === searches) resolve(results);
        else give();
      });
      thread.once('error', reject);
      give();
    }
  });
}

/**
 * Runs all searches of a hunt on `workers` threads, with its progress on stderr; their results in the order of the
 * searches, whoever has run them. Throws Interrupted on Ctrl-C.
 */
export async function runSearches(work: HuntWork, searches: number, workers: number): Promise<SearchResult[]> {
  const display = await openDisplay();
  const left = timeLeft();
  const stop = watchForStop();
  const threads = Array.from(
    { length: Math.min(workers, searches) },
    () => new Worker(new URL('./huntWorker.js', import.meta.url), { workerData: work }),
  );
  try {
    const run = workThrough(searches, threads, (count) => {
      const share = count / searches;
      display.show({ share, text: searchesInWords(count, searches) + left(share) });
    });
    return await stop.unlessStopped(run);
  } finally {
    stop.off();
    display.close();
    await Promise.all(threads.map((thread) => thread.terminate()));
  }
}
