/** A worker thread of a sweep: prepares the same sweep as the main thread and evaluates what it is asked for. */
import { parentPort, workerData } from 'node:worker_threads';
import { prepareSweep, type SweepInput } from '../../explore/sweep.ts';
import { InputError } from '../../spec/inputError.ts';
import type { Answer, Job } from './messages.ts';

const sweep = prepareSweep(workerData as SweepInput);

function answer({ model, unit, keys }: Job): Answer {
  const { key, at } = sweep.costs(model).units[unit];
  try {
    return { costs: keys.map((number) => at(key.digits(number)) ?? null) };
  } catch (error) {
    if (error instanceof InputError) return { problem: error.problem };
    throw error;
  }
}

parentPort!.on('message', (job: Job) => parentPort!.postMessage(answer(job)));
