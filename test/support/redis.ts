/** A Redis of a test's own, on a port that was free, which keeps all over a kill; and processes that are killed for real. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { root, temporaryFolder } from './cli.ts';

/** A port that nobody listens on just now. */
async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

/** A Redis server, append-only file on, in a folder of its own. */
export class TestRedis {
  readonly url: string;
  private readonly port: number;
  private readonly folder = temporaryFolder();
  private child: ChildProcess | undefined;

  private constructor(port: number) {
    this.port = port;
    this.url = `redis://127.0.0.1:${port}`;
  }

  static async start(): Promise<TestRedis> {
    const redis = new TestRedis(await freePort());
    await redis.start();
    return redis;
  }

  /** Starts it, again on the same port and with what it has kept; resolves when it answers. */
  async start(): Promise<void> {
    const args = ['--port', String(this.port), '--bind', '127.0.0.1', '--dir', this.folder, '--appendonly', 'yes'];
    this.child = spawn('redis-server', [...args, '--save', ''], { stdio: 'ignore' });
    this.child.on('error', () => {}); // it does not answer then
    const client = new Redis(this.url, { retryStrategy: () => 20, maxRetriesPerRequest: 200 });
    client.on('error', () => {});
    await client.ping();
    client.disconnect();
  }

  async kill(): Promise<void> {
    if (this.child?.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await ended;
  }
}

/** A command in a process of its own, by the time of the clock; what it says on stderr grows. */
export class RealProcess {
  readonly child: ChildProcess;
  readonly ended: Promise<{ readonly status: number | null; readonly signal: string | null }>;
  stderr = '';

  constructor(...args: string[]) {
    this.child = spawn(process.execPath, ['dist/cli/main.js', ...args], {
      cwd: root,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    this.ended = once(this.child, 'close').then(([status, signal]) => ({
      status: status as number | null,
      signal: signal as string | null,
    }));
  }

  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    this.child.kill(signal);
    await this.ended;
  }
}

/** Resolves when something holds, or fails after a while in which nothing else is expected to take so long. */
export async function until(holds: () => boolean | Promise<boolean>, seconds = 120): Promise<void> {
  for (let waited = 0; waited < seconds * 50; waited++) {
    if (await holds()) return;
    await setTimeout(20);
  }
  throw new Error('it never came to that');
}
