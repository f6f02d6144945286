/** `systole worker`: evaluates what sweeps put into a queue, for as long as it is let. */
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Command, InvalidArgumentError } from '@commander-js/extra-typings';
import type { Job as BullJob } from 'bullmq';
import { BOUNDS } from '../../model/schemas/bounds.ts';
import { countOption, naturalOption } from './options.ts';
import { watchForStop } from './signals.ts';
import { say } from './stderr.ts';
import { buildName } from './sweep/queue/build.ts';
import { type Batch, type BatchResult, PREFIX, SWEEPS } from './sweep/queue/names.ts';
import type { ThreadData } from './sweep/queue/processor.ts';
import { connect, parseQueue, queueLibraries, shownUrl } from './sweep/queue/redis.ts';

/** A batch that takes its worker with it so often is not begun again. */
const MOST_LOST = 25;
const DEFAULT_LEASE_SECONDS = 5;
const LEASE_SECONDS = { least: 0.2, most: 3600 };
const MILLISECONDS_BETWEEN_LOOKS = 500;
const MILLISECONDS_TO_GIVE_BACK = 1000;

function parseLease(text: string): number {
  const seconds = Number(text);
  if (!(seconds >= LEASE_SECONDS.least && seconds <= LEASE_SECONDS.most)) {
    throw new InvalidArgumentError(`expected seconds from ${LEASE_SECONDS.least} to ${LEASE_SECONDS.most}.`);
  }
  return seconds;
}

interface WorkOptions {
  readonly queue: string;
  readonly workers: number;
  readonly lease: number;
  /** Seconds without work after which it ends. */
  readonly idle: number | undefined;
}

/** Works until it is stopped, or idle for long enough. */
async function work({ queue: url, workers, lease, idle }: WorkOptions): Promise<void> {
  const { bullmq } = await queueLibraries();
  const build = buildName();
  const connection = await connect(url);
  const stop = watchForStop();
  const active = new Map<string, BullJob<Batch, BatchResult>>();
  let batches = 0;
  let lastWork = Date.now();
  const milliseconds = lease * 1000;
  const worker = new bullmq.Worker<Batch, BatchResult>(
    build,
    fileURLToPath(new URL('./processor.js', import.meta.url)),
    {
      connection: connection.redis,
      prefix: PREFIX,
      useWorkerThreads: true,
      workerThreadsOptions: { workerData: { url } satisfies ThreadData },
      concurrency: workers,
      lockDuration: milliseconds,
      stalledInterval: milliseconds / 2,
      maxStalledCount: MOST_LOST,
      runRetryDelay: MILLISECONDS_BETWEEN_LOOKS,
    },
  );
  worker.on('error', () => {}); // what matters of a connection is said there
  worker.on('active', (job) => active.set(job.id!, job));
  const ended = (job: BullJob<Batch, BatchResult> | undefined): void => {
    if (job?.id !== undefined) active.delete(job.id);
    batches++;
    lastWork = Date.now();
  };
  worker.on('completed', ended);
  worker.on('failed', (job, error) => {
    say(`systole: a batch failed: ${error.message}\n`);
    ended(job);
  });
  say(`systole: ${workers} threads of ${build} take work from ${shownUrl(url)}\n`);
  const others = new Set(Object.values(await connection.redis.hgetall(SWEEPS)).filter((each) => each !== build));
  if (others.size > 0) {
    say(
      `systole: there are sweeps of ${[...others].join(', ')}, which this worker leaves to workers of that version\n`,
    );
  }
  const idleFor = (): boolean => idle !== undefined && active.size === 0 && Date.now() - lastWork > idle * 1000;
  try {
    let timer: NodeJS.Timeout | undefined;
    const untilIdle = new Promise<void>((resolve) => {
      timer = setInterval(() => {
        if (idleFor()) resolve();
      }, MILLISECONDS_BETWEEN_LOOKS);
    });
    try {
      await stop.unlessStopped(untilIdle);
    } finally {
      clearInterval(timer);
    }
    say(`systole: ${batches} batches done, and none for ${idle} s\n`);
  } finally {
    // What is under way is given back at once; threads end with the process.
    const back = Promise.allSettled([...active.values()].map((job) => job.moveToWait(job.token)));
    await Promise.race([back, new Promise((resolve) => setTimeout(resolve, MILLISECONDS_TO_GIVE_BACK))]);
    stop.off();
    connection.close();
  }
}

export function workerCommand() {
  return new Command('worker')
    .description('evaluate what sweeps with the same --queue ask for, until stopped')
    .requiredOption('--queue <url>', 'the Redis of the sweeps, such as redis://host:6379', parseQueue)
    .option('--workers <n>', 'threads (default: all cores)', countOption(BOUNDS.workers))
    .option(
      '--lease <seconds>',
      'what a worker that is not heard of for so long had taken goes to others',
      parseLease,
      DEFAULT_LEASE_SECONDS,
    )
    .option('--idle <seconds>', 'end after so long without work (default: never)', naturalOption(BOUNDS.idleSeconds))
    .action(({ queue, workers = availableParallelism(), lease, idle }) => work({ queue, workers, lease, idle }));
}
