/** A sweep by workers on another host: a network namespace with a file system of its own, which has nothing of the sweep's. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { root, systole, temporaryFile, temporaryFolder } from '../support/cli.ts';
import { until } from '../support/redis.ts';
import { filesOf, SMALL } from '../support/sweep.ts';

const NAMES = ['systole-a', 'systole-b'] as const;
/** Addresses of the two namespaces alone: nothing else is on that network. */
const [HERE, THERE] = ['10.93.7.1', '10.93.7.2'];
const PORT = 6379;

const ip = (...args: string[]): boolean => spawnSync('ip', args).status === 0;
const children: ChildProcess[] = [];

/** Two namespaces with a wire between them; false where this process may not make any. */
function wire(): boolean {
  const [a, b] = NAMES;
  const steps = [
    ['netns', 'add', a],
    ['netns', 'add', b],
    ['link', 'add', 'sys-a', 'netns', a, 'type', 'veth', 'peer', 'name', 'sys-b', 'netns', b],
    ['-n', a, 'addr', 'add', `${HERE}/30`, 'dev', 'sys-a'],
    ['-n', b, 'addr', 'add', `${THERE}/30`, 'dev', 'sys-b'],
    ...[
      ['-n', a, 'link', 'set', 'lo', 'up'],
      ['-n', a, 'link', 'set', 'sys-a', 'up'],
    ],
    ...[
      ['-n', b, 'link', 'set', 'lo', 'up'],
      ['-n', b, 'link', 'set', 'sys-b', 'up'],
    ],
  ];
  return steps.every((step) => ip(...step));
}

afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
  for (const name of NAMES) ip('netns', 'del', name);
});

function start(command: string, ...args: string[]): { readonly child: ChildProcess; readonly said: () => string } {
  const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'ignore', 'pipe'] });
  children.push(child);
  let stderr = '';
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  return { child, said: () => stderr };
}

/** Mounts what programs need, read-only, and the program itself at another place, and runs a command in there. */
function inOwnFileSystem(folder: string, command: string): string {
  const system = readdirSync('/').filter((name) =>
    ['bin', 'lib', 'lib64', 'usr', 'sbin', 'dev', 'proc'].includes(name),
  );
  const mounts = system.map((name) => `mkdir -p ${folder}/${name}; mount --rbind -o ro /${name} ${folder}/${name}`);
  const parts = ['dist', 'hw', 'workloads'].map(
    (name) => `mkdir -p ${folder}/opt/systole/${name}; mount --bind ${join(root, name)} ${folder}/opt/systole/${name}`,
  );
  const libraries = `mkdir -p ${folder}/opt/systole/node_modules; mount --bind ${realpathSync(join(root, 'node_modules'))} ${folder}/opt/systole/node_modules`;
  const description = `cp ${join(root, 'package.json')} ${folder}/opt/systole/`;
  const node = `mkdir -p ${folder}/opt/node; mount --bind ${dirname(process.execPath)} ${folder}/opt/node`;
  return [...mounts, ...parts, libraries, description, node, `exec chroot ${folder} /opt/node/node ${command}`].join(
    ' && ',
  );
}

it('comes to the same bytes with the workers on another host', async ({ skip }) => {
  if (process.env['SYSTOLE_VERIFY'] !== '1') return skip('only under npm run verify');
  if (!wire()) return skip('may not make namespaces');
  const spec = temporaryFile('sweep.json', { ...SMALL, model: 'simulated', rerank: { top: 5, model: 'closed-form' } });
  const [alone, folder] = [join(temporaryFolder(), 'out'), join(temporaryFolder(), 'out')];
  expect(systole('sweep', spec, '-o', alone).status).toBe(0);
  const [a, b] = NAMES;
  const data = temporaryFolder();
  start(
    'ip',
    'netns',
    'exec',
    a,
    'redis-server',
    '--port',
    String(PORT),
    '--bind',
    HERE,
    '--protected-mode',
    'no',
    '--dir',
    data,
    '--appendonly',
    'yes',
  );
  const url = `redis://${HERE}:${PORT}`;
  const there = join(temporaryFolder(), 'root');
  mkdirSync(there);
  const command = `/opt/systole/dist/cli/main.js worker --queue ${url} --workers 2`;
  const worker = start('ip', 'netns', 'exec', b, 'unshare', '--mount', 'sh', '-c', inOwnFileSystem(there, command));
  await until(() => worker.said().includes('threads of'));
  const sweep = start(
    'ip',
    'netns',
    'exec',
    a,
    process.execPath,
    'dist/cli/main.js',
    'sweep',
    spec,
    '-o',
    folder,
    '--queue',
    url,
  );
  const [status] = (await once(sweep.child, 'close')) as [number | null];
  expect([status, sweep.said().includes('internal error')]).toEqual([0, false]);
  expect(filesOf(folder)).toEqual(filesOf(alone));
  expect(worker.said()).toContain(`take work from ${url}`);
  // Nothing of the sweep is, or ever was, on that host.
  expect(readdirSync(there)).not.toContain('tmp');
}, 600_000);
