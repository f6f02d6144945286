/** A worker thread of a sweep: prepares the same sweep as the main thread and evaluates what it is asked for. */
import { parentPort, workerData } from 'node:worker_threads';
import type { SweepInput } from '../../../studies/sweep/sweep.ts';
import { answering } from './answer.ts';
import type { Job } from './jobs.ts';
import type { Answer } from './messages.ts';

const MILLISECONDS_BETWEEN_SHARES = 200;

const say = (answer: Answer): void => parentPort!.postMessage(answer);

let lastShare = Date.now();
const answer = answering(workerData as SweepInput, (share) => {
  if (Date.now() - lastShare < MILLISECONDS_BETWEEN_SHARES) return;
  lastShare = Date.now();
  say({ share });
});

parentPort!.on('message', (job: Job) => say(answer(job)));
