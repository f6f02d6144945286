/**
 * What a queue costs (Redis from redis-server on a free port, append-only file on):
 *   node dist/bench/bench/onQueue.js [ROUNDS]
 * The same sweep on threads of its own process and by a worker with as many threads, its first sweep and its second,
 * interleaved; and the processor time that a batch takes of the coordinator and of Redis, with workers that know all
 * answers.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'bullmq';
import { Redis } from 'ioredis';
import type { Job } from '../src/doors/cli/sweep/jobs.ts';
import { buildName } from '../src/doors/cli/sweep/queue/build.ts';
import { type Batch, type BatchResult, PREFIX } from '../src/doors/cli/sweep/queue/names.ts';
import { onQueue } from '../src/doors/cli/sweep/queue/onQueue.ts';
import type { SweepInput } from '../src/studies/sweep/sweepInput.ts';
import { parseSweep } from '../src/studies/sweep/sweepSpec.ts';
import { median } from './statistics.ts';

const ROUNDS = Number(process.argv[2] ?? '3');
const THREADS = '2';
const MAIN = fileURLToPath(new URL('../../cli/main.js', import.meta.url));

/** 9 · 25 · 8 points of ResNet-50 that are simulated. */
const SPEC = {
  name: 'bench',
  hardware: 'HI3',
  workload: 'resnet50',
  model: 'simulated',
  parameters: {
    'sramKiB.wbuf': { from: 128, to: 512, factor: 2 },
    'sramKiB.ibuf': { from: 128, to: 512, factor: 2 },
    'bitsPerCycle.psum': { from: 128, to: 1024, step: 32 },
    batch: { from: 1, to: 8, step: 1 },
  },
  points: 'none',
  plots: 'none',
};

const folder = mkdtempSync(join(tmpdir(), 'systole-bench-'));

async function startRedis(): Promise<{ url: string; child: ChildProcess }> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  const child = spawn('redis-server', ['--port', String(port), '--dir', folder, '--appendonly', 'yes', '--save', ''], {
    stdio: 'ignore',
  });
  const url = `redis://127.0.0.1:${port}`;
  const client = new Redis(url, { retryStrategy: () => 50, maxRetriesPerRequest: 100 });
  client.on('error', () => {});
  await client.ping();
  client.disconnect();
  return { url, child };
}

async function seconds(...args: string[]): Promise<number> {
  const begun = performance.now();
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: 'ignore' });
  await once(child, 'close');
  return (performance.now() - begun) / 1000;
}

/** Processor milliseconds of Redis so far. */
async function redisMilliseconds(url: string): Promise<number> {
  const client = new Redis(url);
  const info = await client.info('cpu');
  client.disconnect();
  const of = (name: string): number => Number(new RegExp(`^${name}:(.*)`, 'm').exec(info)![1]);
  return 1000 * (of('used_cpu_user') + of('used_cpu_sys'));
}

const { url, child: redis } = await startRedis();
try {
  const spec = join(folder, 'spec.json');
  writeFileSync(spec, JSON.stringify(SPEC));
  const here: number[] = [];
  const there = { first: [] as number[], second: [] as number[] };
  for (let round = 0; round < ROUNDS; round++) {
    here.push(await seconds('sweep', spec, '-o', join(folder, `here-${round}`), '--workers', THREADS));
    const worker = spawn(process.execPath, [MAIN, 'worker', '--queue', url, '--workers', THREADS], { stdio: 'ignore' });
    for (const sweep of ['first', 'second'] as const) {
      there[sweep].push(await seconds('sweep', spec, '-o', join(folder, `${sweep}-${round}`), '--queue', url));
    }
    worker.kill('SIGKILL');
    await once(worker, 'close');
  }
  console.log(`on ${THREADS} threads here: median ${median(here).toFixed(1)} s`);
  for (const [sweep, times] of Object.entries(there)) {
    const ratios = here.map((time, round) => times[round]! / time);
    console.log(
      `a worker's ${sweep} sweep: median ${median(times).toFixed(1)} s, over threads here: median ` +
        `${median(ratios).toFixed(2)}, ${ratios.map((each) => each.toFixed(2)).join(' ')}`,
    );
  }

  // Workers that know all answers, in processes of their own would cost what BullMQ costs them; here they are counted too.
  const BATCHES = 2000;
  const fake = new Worker<Batch, BatchResult>(
    buildName(),
    async ({ data }) => ({
      milliseconds: 500 * data.keys.length,
      starts: 1,
      costs: data.keys.map((key) => [key, 0, 0]),
    }),
    { connection: new Redis(url, { maxRetriesPerRequest: null }), prefix: PREFIX, concurrency: 64 },
  );
  const input: SweepInput = {
    file: 'bench',
    spec: parseSweep({ ...SPEC, parameters: { batch: [1] } }, 'bench'),
    ...{ hardwares: {}, workloads: {}, drams: {}, energies: {} },
  };
  const jobs: Job[] = [{ model: 'simulated', part: 'SA', keys: Array.from({ length: BATCHES }, (_, key) => key) }];
  const before = { own: process.cpuUsage(), redis: await redisMilliseconds(url), at: performance.now() };
  await onQueue(input, url)(jobs, () => {});
  const own = process.cpuUsage(before.own);
  const elapsed = performance.now() - before.at;
  console.log(
    `${BATCHES} batches with instant workers in this process: ${(elapsed / BATCHES).toFixed(2)} ms each; processor time ` +
      `of coordinator and workers ${((own.user + own.system) / 1000 / BATCHES).toFixed(2)} ms, of Redis ` +
      `${(((await redisMilliseconds(url)) - before.redis) / BATCHES).toFixed(2)} ms`,
  );
  await fake.close(true);
} finally {
  redis.kill('SIGKILL');
}
process.exit(0);
