/** A worker thread of a sweep: prepares the same sweep as the main thread and evaluates what it is asked for. */
import { parentPort, workerData } from 'node:worker_threads';
import { InputError } from '../../../model/schemas/inputError.ts';
import { prepareSweep, type SweepInput } from '../../../studies/sweep/sweep.ts';
import type { Job } from './jobs.ts';
import type { Answer } from './messages.ts';

const MILLISECONDS_BETWEEN_SHARES = 200;

const say = (answer: Answer): void => parentPort!.postMessage(answer);

let lastShare = Date.now();
const sweep = prepareSweep(workerData as SweepInput, (share) => {
  if (Date.now() - lastShare < MILLISECONDS_BETWEEN_SHARES) return;
  lastShare = Date.now();
  say({ share });
});

function answer({ model, part, keys }: Job): Answer {
  const { key, at, known } = sweep.costs(model).parts[part]!;
  known.clear(); // the main thread remembers, and asks for nothing twice
  try {
    return { costs: keys.map((number) => at(key.digits(number)) ?? null) };
  } catch (error) {
    if (error instanceof InputError) return { problems: error.problems };
    throw error;
  }
}

parentPort!.on('message', (job: Job) => say(answer(job)));
