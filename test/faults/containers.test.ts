/** Two sweeps in one folder from two containers, in which both have the same process number. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { root, temporaryFile, temporaryFolder } from '../support/cli.ts';
import { SMALL } from '../support/sweep.ts';

const CONTAINER = ['--pid', '--mount-proc', '--fork', '--kill-child'];
const mayMakeContainers = spawnSync('unshare', [...CONTAINER, 'true']).status === 0;

/** One evaluation that is longer than anybody waits here. */
const ONE_LONG = {
  ...SMALL,
  phase: 'training',
  model: 'simulated',
  dram: 'HBM2',
  parameters: { 'bitsPerCycle.psum': [128] },
  constraints: [],
};

it('are kept apart, and the second takes over ten seconds after the first was killed', async ({ skip }) => {
  if (process.env['SYSTOLE_VERIFY'] !== '1') return skip('only under npm run verify: it takes a quarter of a minute');
  if (!mayMakeContainers) return skip('may not make namespaces');
  const folder = join(temporaryFolder(), 'out');
  const spec = temporaryFile('sweep.json', ONE_LONG);
  const inContainer = () => {
    const args = [...CONTAINER, process.execPath, 'dist/cli/main.js', 'sweep', spec, '-o', folder];
    const child = spawn('unshare', args, { cwd: root, stdio: ['ignore', 'ignore', 'pipe'] });
    let stderr = '';
    child.stderr.on('data', (text) => {
      stderr += String(text);
    });
    return { child, ended: once(child, 'close').then(([status]) => ({ status: status as number | null, stderr })) };
  };
  const lock = join(folder, 'sweep.lock');
  const holds = (): string | undefined => (existsSync(lock) ? readFileSync(lock, 'utf8').split('\n')[0] : undefined);
  const first = inContainer();
  while (holds() === undefined) await setTimeout(20);
  const heldByFirst = holds();
  const second = await inContainer().ended;
  expect([second.status, holds()]).toEqual([2, heldByFirst]);
  expect(second.stderr).toMatch(/waiting to see whether process 1 is still at work\n.*no other sweep is at work/);
  first.child.kill('SIGKILL');
  await first.ended;
  const third = inContainer();
  while (holds() === heldByFirst) await setTimeout(20);
  expect(JSON.parse(holds()!)).toMatchObject({ process: 1 });
  third.child.kill('SIGKILL');
  await third.ended;
});
