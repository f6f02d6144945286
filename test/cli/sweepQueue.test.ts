/** Sweeps by workers on a queue, whatever is killed: Redis is Debian's redis-server, which .ci/run installs. */
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import seedrandom from 'seedrandom';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systole, temporaryFile, temporaryFolder } from '../support/cli.ts';
import { RealProcess, TestRedis, until } from '../support/redis.ts';
import { filesOf, SMALL } from '../support/sweep.ts';

const IS_VERIFYING = process.env['SYSTOLE_VERIFY'] === '1';
const THREADS = 2;
const SECONDS_OF_LEASE = IS_VERIFYING ? '2' : '0.5';

let redis: TestRedis;
const processes: RealProcess[] = [];
beforeAll(async () => {
  redis = await TestRedis.start();
});
afterAll(async () => {
  await Promise.all(processes.map((each) => each.kill()));
  await redis.kill();
});

const newFolder = (): string => join(temporaryFolder(), 'out');
const start = (...args: string[]): RealProcess => {
  const started = new RealProcess(...args);
  processes.push(started);
  return started;
};
const startWorker = (): RealProcess =>
  start('worker', '--queue', redis.url, '--workers', String(THREADS), '--lease', SECONDS_OF_LEASE);
const startSweep = (spec: string, folder: string): RealProcess =>
  start('sweep', spec, '-o', folder, '--queue', redis.url);

/** Lines of a journal: its head and a record per batch. */
function linesOf(folder: string): string[] {
  const path = join(folder, 'journal.jsonl');
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(0, -1) : [];
}

/** Every evaluation that a journal holds, as text. */
function evaluationsOf(lines: readonly string[]): string[] {
  return lines.slice(1).flatMap((line) => {
    const { model, part, keys } = JSON.parse(line.slice(9)) as { model: string; part: string; keys: number[] };
    return keys.map((key) => `${model} ${part} ${key}`);
  });
}

/** How many batches a coordinator found begun more than once. */
const startedAgain = ({ stderr }: RealProcess): number =>
  Number(/(\d+) batches were begun again/.exec(stderr)?.[1] ?? 0);

const kind = { ...SMALL, model: 'simulated', rerank: { top: 5, model: 'closed-form' } };

describe('a sweep on a queue', () => {
  it('comes to the bytes of one machine alone although a worker, Redis and itself are killed', async () => {
    const spec = temporaryFile('sweep.json', {
      ...kind,
      parameters: { ...SMALL.parameters, 'sramKiB.ibuf': { from: 32, to: 128, factor: 2 } },
      constraints: [],
    });
    const [alone, folder] = [newFolder(), newFolder()];
    expect(systole('sweep', spec, '-o', alone).status).toBe(0);
    const first = startSweep(spec, folder);
    const worker = startWorker();
    await until(() => linesOf(folder).length > 2);
    await worker.kill();
    startWorker();
    await redis.kill();
    await first.kill();
    await redis.start();
    const kept = linesOf(folder);
    const second = startSweep(spec, folder);
    expect(await second.ended).toEqual({ status: 0, signal: null });
    expect(filesOf(folder)).toEqual(filesOf(alone));
    // How much is begun again depends on how soon a lease ends on a busy machine: `at length` has leases that do not.
    if (IS_VERIFYING) expect(startedAgain(second)).toBeLessThanOrEqual(2 * THREADS);
    expect(new Set(evaluationsOf(kept)).size).toBe(evaluationsOf(kept).length);
  });

  it('says that no worker is there, and how to start one, and stops at once', async () => {
    await Promise.all(processes.map((each) => each.kill()));
    const sweep = startSweep(temporaryFile('sweep.json', kind), newFolder());
    await until(() => sweep.stderr.includes('is at work; start some: systole worker --queue redis://127.0.0.1:'));
    await sweep.kill('SIGINT');
    expect(await sweep.ended).toEqual({ status: 130, signal: null });
    expect(sweep.stderr).toMatch(/systole: interrupted\n$/);
  });

  it.each([
    [['worker', '--queue', 'http://127.0.0.1'], 'expected the URL of a Redis, such as redis://host:6379'],
    [['worker', '--queue', 'redis://127.0.0.1', '--lease', '0'], 'expected seconds from 0.2 to 3600'],
    [['sweep', 'table-X', '--queue', 'redis://127.0.0.1', '--workers', '2'], 'without which it changes nothing'],
    [['worker'], "required option '--queue <url>' not specified"],
  ])('is refused: %s', (args, message) => {
    const { status, stdout, stderr } = systole(...args);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
  });

  it('leaves no folder behind where nobody answers', async () => {
    const folder = newFolder();
    const url = 'redis://user:secret@127.0.0.1:1';
    const both = [start('sweep', 'table-X', '--queue', url, '-o', folder), start('worker', '--queue', url)];
    for (const { ended } of both) expect(await ended).toEqual({ status: 2, signal: null });
    expect(existsSync(folder)).toBe(false);
    for (const { stderr } of both) {
      expect(stderr).toContain('expected a Redis that answers');
      expect(stderr).not.toContain('secret');
    }
  });

  it('says that what answers is no Redis', async () => {
    const server = createServer((_, response) => response.end('hello')).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `redis://127.0.0.1:${(server.address() as AddressInfo).port}`;
    try {
      const both = [start('sweep', 'table-X', '--queue', url, '-o', newFolder()), start('worker', '--queue', url)];
      for (const { ended } of both) expect(await ended).toEqual({ status: 2, signal: null });
      for (const { stderr } of both) {
        expect(stderr).toBe(`systole: --queue: got "${url}", expected a Redis; what answers there is none\n`);
      }
    } finally {
      server.close();
    }
  });
});

/** Kills one thing after another at random moments until the sweep has come to its end. */
async function batter(spec: string, kills: number, seed: string) {
  const random = seedrandom(seed);
  const folder = newFolder();
  let [coordinator, workers] = [startSweep(spec, folder), [startWorker(), startWorker()]];
  let redisKills = 0;
  for (let kill = 0; kill < kills; kill++) {
    const before = linesOf(folder).length;
    await until(() => linesOf(folder).length > before, 600);
    await setTimeout(500 + 1500 * random());
    const place = random() < 0.5 ? 0 : 1;
    await workers[place]!.kill();
    workers = workers.map((worker, other) => (other === place ? startWorker() : worker));
    if (kill % 4 === 1) {
      redisKills++;
      await redis.kill();
      await setTimeout(1000 * random());
      await redis.start();
    }
    if (kill % 4 === 3) {
      await coordinator.kill();
      coordinator = startSweep(spec, folder);
    }
  }
  const outcome = await coordinator.ended;
  await Promise.all(workers.map((worker) => worker.kill()));
  return { outcome, folder, again: startedAgain(coordinator), most: (kills + 2 * redisKills) * THREADS };
}

describe.runIf(IS_VERIFYING)('at length', () => {
  it.each([
    ['the 13,113 points of table VIII, simulated', { ...tableVIII(), model: 'simulated', rerank: [] }],
    [
      'points on HBM2',
      {
        ...kind,
        dram: 'HBM2',
        parameters: { 'sramKiB.wbuf': [32, 64, 128], 'bitsPerCycle.psum': { from: 32, to: 256, step: 32 } },
        constraints: [],
      },
    ],
  ])(
    '%s come to the same bytes with ten kills',
    async (name, sweep) => {
      const spec = temporaryFile('sweep.json', sweep);
      const alone = newFolder();
      const embedded = start('sweep', spec, '-o', alone, '--workers', '2');
      expect((await embedded.ended).status).toBe(0);
      const { outcome, folder, again, most } = await batter(spec, 10, name);
      expect(outcome).toEqual({ status: 0, signal: null });
      expect(filesOf(folder)).toEqual(filesOf(alone));
      expect(again).toBeLessThanOrEqual(most);
    },
    3_600_000,
  );
});

function tableVIII(): object {
  const { $schema: _, ...preset } = JSON.parse(
    readFileSync(new URL('../../hw/sweeps/table-VIII-64x64.json', import.meta.url), 'utf8'),
  ) as Record<string, unknown>;
  return preset;
}
