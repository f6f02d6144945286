import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { root } from '../support/cli.ts';

it('the build leaves a file that anybody may run, as npx does', () => {
  expect((statSync(join(root, 'dist/cli/main.js')).mode & 0o111).toString(8)).toBe('111');
  const { status, stdout, stderr } = spawnSync('npx', ['--no', 'systole', 'run', '--help'], {
    cwd: root,
    encoding: 'utf8',
    // npx would build the folder that it links, and take the ground from under other tests.
    env: { ...process.env, npm_config_ignore_scripts: 'true' },
  });
  expect([status, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/^Usage: systole run /);
});
