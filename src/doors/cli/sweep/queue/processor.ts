/** What BullMQ calls in each thread of `systole worker`: evaluates a batch of whichever sweep it belongs to. */
import { workerData } from 'node:worker_threads';
import type { SandboxedJob } from 'bullmq';
import { InputError } from '../../../../model/schemas/inputError.ts';
import type { SweepInput } from '../../../../studies/sweep/sweep.ts';
import { type Answered, answering } from '../answer.ts';
import type { Job } from '../jobs.ts';
import { type Batch, type BatchResult, inputKey, packed } from './names.ts';
import { queueLibraries } from './redis.ts';

/** What a thread is started with. */
export interface ThreadData {
  readonly url: string;
}

const MILLISECONDS_BETWEEN_SHARES = 1000;
/** Sweeps that a thread keeps ready. */
const MOST_SWEEPS = 4;

const sweeps = new Map<string, (job: Job) => Answered>();
let told: (share: number) => void = () => {};

/** A sweep's specification and files, from Redis. */
async function inputOf(sweep: string): Promise<SweepInput> {
  const { Redis } = await queueLibraries();
  const redis = new Redis((workerData as ThreadData).url, { maxRetriesPerRequest: null });
  redis.on('error', () => {}); // it is waited for
  try {
    const text = await redis.get(inputKey(sweep));
    if (text === null) throw new Error(`the sweep ${sweep} is not in Redis`);
    return JSON.parse(text) as SweepInput;
  } finally {
    redis.disconnect();
  }
}

async function ready(sweep: string): Promise<(job: Job) => Answered> {
  const known = sweeps.get(sweep);
  if (known !== undefined) return known;
  if (sweeps.size === MOST_SWEEPS) sweeps.delete(sweeps.keys().next().value!);
  const answer = answering(await inputOf(sweep), (share) => told(share));
  sweeps.set(sweep, answer);
  return answer;
}

export default async function evaluate(job: SandboxedJob<Batch, BatchResult>): Promise<BatchResult> {
  let lastShare = performance.now();
  told = (share) => {
    if (performance.now() - lastShare < MILLISECONDS_BETWEEN_SHARES) return;
    lastShare = performance.now();
    void job.updateProgress(share);
  };
  const answer = await ready(job.data.sweep);
  const begun = performance.now();
  const result = answer(job.data);
  const of = { milliseconds: performance.now() - begun, starts: job.attemptsStarted ?? 0 };
  if ('problems' in result) return { ...of, problems: new InputError(result.problems).message };
  return { ...of, costs: packed(result.costs) };
}
