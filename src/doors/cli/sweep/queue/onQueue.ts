/**
 * Evaluations by whoever takes them from a queue (BullMQ on Redis). What is known is in the journal alone: a batch is
 * recorded there before it leaves the queue, so that whatever is killed and comes back goes on where it was.
 */
import { hostname } from 'node:os';
import type { Job as BullJob, Queue, QueueEvents } from 'bullmq';
import { InputError } from '../../../../model/schemas/inputError.ts';
import type { SweepInput } from '../../../../studies/sweep/sweep.ts';
import { watchForStop } from '../../signals.ts';
import { say } from '../../stderr.ts';
import { evaluationProgress } from '../evaluationProgress.ts';
import { type CostRecord, type Evaluator, evaluationsIn, type Job } from '../jobs.ts';
import { fingerprintOf } from '../load.ts';
import { modelsOf } from '../threads.ts';
import { type Batches, batchesOf } from './batches.ts';
import { buildName } from './build.ts';
import {
  type Batch,
  type BatchResult,
  idOf,
  idsOf,
  inputKey,
  PREFIX,
  SECONDS_KEPT,
  SWEEPS,
  unpacked,
} from './names.ts';
import { type Connection, connect, queueLibraries, shownUrl } from './redis.ts';

/** Batches that wait beside as many as are at work, so that nobody who has ended one waits for the next. */
const SPARE_BATCHES = 8;
const MILLISECONDS_BETWEEN_LOOKS = 1000;
const LOOKS_BEFORE_HINT = 3;
const TRIES = 3;
/** How many batches are asked for at a time. */
const BATCHES_PER_LOOK = 500;

type BatchJob = BullJob<Batch, BatchResult>;

/** A batch that is in the queue. */
interface Waiting {
  readonly batch: Batch;
  share: number;
}

/** An evaluation among all of a sweep. */
const placeOf = ({ model, part }: Job, key: number): string => `${model} ${part} ${key}`;

/** Hands out batches and takes what comes back until nothing is left. */
class Coordinator {
  private readonly out = new Map<string, Waiting>();
  /** Evaluations that are still to be recorded, by model and part. */
  private readonly open = new Map<string, Set<number>>();
  /** What an earlier coordinator has handed out: nothing else is handed out twice. */
  private readonly handed = new Set<string>();
  private readonly batches: Batches;
  private readonly queue: Queue<Batch, BatchResult>;
  private readonly sweep: string;
  private readonly take: (record: CostRecord) => void;
  private readonly show: (evaluated: number, begun: number) => void;
  private readonly evaluations: number;
  private looksWithoutWorker = 0;
  private lastNews = Date.now();
  private busy: Promise<void> = Promise.resolve();
  /** Batches that were begun more than once. */
  startedAgain = 0;
  activeCount = 0;
  readonly done: Promise<void>;
  private resolve = (): void => {};
  private reject = (_: unknown): void => {};

  constructor(
    queue: Queue<Batch, BatchResult>,
    sweep: string,
    jobs: readonly Job[],
    take: (record: CostRecord) => void,
    show: (evaluated: number, begun: number) => void,
  ) {
    this.queue = queue;
    this.sweep = sweep;
    this.take = take;
    this.show = show;
    for (const { model, part, keys } of jobs) {
      const place = `${model} ${part}`;
      const open = this.open.get(place) ?? new Set();
      for (const key of keys) open.add(key);
      this.open.set(place, open);
    }
    this.evaluations = evaluationsIn(jobs);
    this.batches = batchesOf(jobs);
    this.done = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    this.done.catch(() => {});
  }

  private get left(): number {
    return [...this.open.values()].reduce((sum, { size }) => sum + size, 0);
  }

  /** Does something after all that is under way; what goes wrong ends the evaluation. */
  private inTurn(act: () => Promise<void>): Promise<void> {
    this.busy = this.busy.then(act).catch(this.reject);
    return this.busy;
  }

  /** Begins with what an earlier coordinator has left in the queue. */
  begin(): Promise<void> {
    return this.inTurn(async () => {
      const all = await this.queue.getJobs(['completed', 'active', 'waiting', 'delayed', 'failed']);
      for (const job of all as (BatchJob | undefined)[]) {
        if (job?.id?.startsWith(idsOf(this.sweep)) !== true || job.data.sweep !== this.sweep) continue;
        if (job.data.keys.every((key) => !this.isOpen(job.data, key)) || job.failedReason) {
          await this.queue.remove(job.id).catch(() => 0); // at work: what it brings is not asked for
          continue;
        }
        this.out.set(job.id, { batch: job.data, share: 0 });
        for (const key of job.data.keys) this.handed.add(placeOf(job.data, key));
        if (job.finishedOn !== undefined) await this.record(job.id, job.returnvalue);
      }
      await this.fill();
    });
  }

  private isOpen({ model, part }: Job, key: number): boolean {
    return this.open.get(`${model} ${part}`)?.has(key) === true;
  }

  /** Something has come of a batch. */
  completed(id: string, result: BatchResult): void {
    if (!this.out.has(id)) return;
    this.lastNews = Date.now();
    void this.inTurn(async () => {
      await this.record(id, result);
      await this.fill();
    });
  }

  private async record(id: string, result: BatchResult): Promise<void> {
    const waiting = this.out.get(id);
    if (waiting === undefined) return;
    if ('problems' in result)
      throw new InputError({ file: '--queue', path: '', expected: `a sweep without faults: ${result.problems}` });
    const { model, part, keys } = waiting.batch;
    const costs = unpacked(result.costs);
    const fresh = keys.flatMap((key, place) => (this.isOpen(waiting.batch, key) ? [place] : []));
    if (fresh.length > 0) {
      this.take({ model, part, keys: fresh.map((place) => keys[place]!), costs: fresh.map((place) => costs[place]!) });
    }
    for (const key of keys) this.open.get(`${model} ${part}`)!.delete(key);
    if (result.starts > 1) this.startedAgain++;
    this.batches.learn(waiting.batch, result.milliseconds);
    this.out.delete(id);
    this.showAll();
    await this.queue.remove(id);
    if (this.left === 0) this.resolve();
  }

  private showAll(): void {
    const begun = [...this.out.values()].reduce((sum, { share }) => sum + share, 0);
    this.show(this.evaluations - this.left, begun);
  }

  progressed(id: string, share: unknown): void {
    const waiting = this.out.get(id);
    if (waiting === undefined || typeof share !== 'number') return;
    this.lastNews = Date.now();
    waiting.share = share;
    this.showAll();
  }

  failed(id: string, reason: string): void {
    if (this.out.has(id)) this.reject(failureOf(this.out.get(id)!.batch, reason));
  }

  /** Sees to it that more waits than is taken. */
  private async fill(): Promise<void> {
    const { active = 0, waiting = 0 } = await this.queue.getJobCounts('active', 'waiting');
    this.activeCount = active;
    const added: Batch[] = [];
    while (added.length + waiting < active + SPARE_BATCHES) {
      const job = this.nextOpen(active + SPARE_BATCHES);
      if (job === undefined) break;
      added.push({ sweep: this.sweep, ...job });
    }
    await this.add(added);
  }

  /** The next batch of what is neither known nor in the queue. */
  private nextOpen(takers: number): Job | undefined {
    for (;;) {
      const job = this.batches.next(takers);
      if (job === undefined) return undefined;
      const keys = job.keys.filter((key) => this.isOpen(job, key) && !this.handed.has(placeOf(job, key)));
      if (keys.length > 0) return { ...job, keys };
    }
  }

  private async add(batches: readonly Batch[]): Promise<void> {
    if (batches.length === 0) return;
    for (const batch of batches) this.out.set(idOf(batch), { batch, share: 0 });
    await this.queue.addBulk(
      batches.map((data) => ({
        name: 'evaluate',
        data,
        opts: {
          jobId: idOf(data),
          attempts: TRIES,
          backoff: { type: 'fixed' as const, delay: MILLISECONDS_BETWEEN_LOOKS },
          removeOnComplete: { age: SECONDS_KEPT },
          removeOnFail: { age: SECONDS_KEPT },
        },
      })),
    );
  }

  /**
   * Looks at all that is out: news may have been lost with the connection, and batches with a Redis that keeps nothing.
   */
  lookAtAll(restore: () => Promise<void>): Promise<void> {
    return this.inTurn(async () => {
      const lost: Batch[] = [];
      const ids = [...this.out.keys()];
      for (let from = 0; from < ids.length; from += BATCHES_PER_LOOK) {
        const some = ids.slice(from, from + BATCHES_PER_LOOK);
        const jobs = await Promise.all(some.map((id) => this.queue.getJob(id)));
        for (const [place, job] of jobs.entries()) {
          const id = some[place]!;
          if (job === undefined) {
            const waiting = this.out.get(id);
            if (waiting !== undefined) lost.push(waiting.batch);
          } else if (job.finishedOn !== undefined && job.failedReason) {
            throw failureOf(job.data, job.failedReason);
          } else if (job.finishedOn !== undefined) {
            await this.record(id, job.returnvalue as BatchResult);
          }
        }
      }
      if (lost.length > 0) {
        await restore();
        await this.add(lost);
      }
      await this.fill();
    });
  }

  /** Is called now and then; `hint` says that nobody is at work. */
  async tick(restore: () => Promise<void>, hint: () => Promise<void>): Promise<void> {
    if (Date.now() - this.lastNews < 2 * MILLISECONDS_BETWEEN_LOOKS) {
      this.looksWithoutWorker = 0;
      return;
    }
    await this.lookAtAll(restore);
    this.showAll();
    if (this.activeCount > 0) this.looksWithoutWorker = 0;
    else if (++this.looksWithoutWorker === LOOKS_BEFORE_HINT) await hint();
  }
}

function failureOf({ model, part, keys }: Batch, reason: string): Error {
  const what = `${keys.length} evaluations (${model}, ${part}, from ${keys[0]})`;
  return new InputError({
    file: '--queue',
    path: '',
    expected: `workers that can do what they take: ${what} failed (${reason})`,
  });
}

/** One sweep's business with Redis. */
interface Session {
  readonly connection: Connection;
  readonly queue: Queue<Batch, BatchResult>;
  readonly events: QueueEvents;
  readonly close: () => Promise<void>;
}

async function openSession(url: string, build: string): Promise<Session> {
  const { bullmq } = await queueLibraries();
  const connection = await connect(url);
  const own = { connection: connection.redis, prefix: PREFIX };
  const queue = new bullmq.Queue<Batch, BatchResult>(build, { ...own, streams: { events: { maxLen: 1000 } } });
  const reading = await connect(url);
  const events = new bullmq.QueueEvents(build, { connection: reading.redis, prefix: PREFIX });
  const quiet = (): void => {}; // what matters of a connection is said there
  queue.on('error', quiet);
  events.on('error', quiet);
  await events.waitUntilReady();
  return {
    connection,
    queue,
    events,
    close: async () => {
      reading.close();
      connection.close();
      await Promise.allSettled([events.close(), queue.close()]);
    },
  };
}

/** Evaluates by the workers of a queue, of the same build as this. */
export function onQueue(input: SweepInput, url: string): Evaluator {
  const sweep = fingerprintOf(input);
  return async (jobs, take) => {
    if (jobs.length === 0) return;
    const build = buildName();
    const stop = watchForStop();
    const session = await stop.unlessStopped(openSession(url, build));
    const { connection, queue, events } = session;
    const restore = async (): Promise<void> => {
      await connection.redis.set(inputKey(sweep), JSON.stringify(input), 'EX', SECONDS_KEPT);
      await connection.redis.hset(SWEEPS, sweep, build);
    };
    let coordinator: Coordinator | undefined;
    const more = (): string => (coordinator === undefined ? '' : `, ${coordinator.activeCount} at work`);
    const progress = await evaluationProgress(modelsOf(jobs), evaluationsIn(jobs), more);
    const own = new Coordinator(queue, sweep, jobs, take, progress.show);
    coordinator = own;
    events.on('completed', ({ jobId, returnvalue }) => own.completed(jobId, returnvalue as unknown as BatchResult));
    events.on('progress', ({ jobId, data }) => own.progressed(jobId, data));
    events.on('failed', ({ jobId, failedReason }) => own.failed(jobId, failedReason));
    connection.onReturn(() => void own.lookAtAll(restore));
    const hint = async (): Promise<void> => {
      const others = new Set(Object.values(await connection.redis.hgetall(SWEEPS)).filter((each) => each !== build));
      const beside =
        others.size === 0
          ? ''
          : ` (there are sweeps of ${[...others].join(', ')} too: workers take those of their own version alone)`;
      say(`systole: no worker of ${build} is at work${beside}; start some: systole worker --queue ${shownUrl(url)}\n`);
    };
    let timer: NodeJS.Timeout | undefined;
    const tick = (): void => {
      timer = setTimeout(() => void own.tick(restore, hint).finally(tick), MILLISECONDS_BETWEEN_LOOKS);
    };
    try {
      const working = restore()
        .then(() => own.begin())
        .then(() => own.done);
      tick();
      await stop.unlessStopped(working);
      if (own.startedAgain > 0) {
        say(`systole: ${own.startedAgain} batches were begun again, as their workers were gone (${hostname()})\n`);
      }
      await Promise.allSettled([connection.redis.del(inputKey(sweep)), connection.redis.hdel(SWEEPS, sweep)]);
    } finally {
      clearTimeout(timer);
      stop.off();
      progress.close();
      await session.close();
    }
  };
}
