/** Faults around a run of the built command line: what it cannot write, who does not read, who stops it. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { NODE_ARGUMENTS, type Outcome, root, temporaryFolder } from './cli.ts';

/** A folder with the built command line as `systole`, whose clock stands as in all processes that tests start. */
const bin = temporaryFolder();
const words = [process.execPath, ...NODE_ARGUMENTS, join(root, 'dist/cli/main.js')].map((word) => `'${word}'`);
writeFileSync(join(bin, 'systole'), `#!/bin/sh\nexec ${words.join(' ')} "$@"\n`, { mode: 0o755 });

/** Runs a line of the shell in a folder; `systole` in it is the built command line. */
export function shell(line: string, folder = temporaryFolder()): Outcome {
  const { status, stdout, stderr } = spawnSync('bash', ['-c', line], {
    cwd: folder,
    env: { ...process.env, PATH: `${bin}:${process.env['PATH']}` },
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  return { status, stdout, stderr };
}

/** A small file system of its own, full after so many KiB; undefined where none may be mounted. */
export function mountSmall(kib: number, ...options: string[]): { folder: string; unmount: () => void } | undefined {
  const folder = join(temporaryFolder(), 'small');
  mkdirSync(folder);
  const mountWith = ['-t', 'tmpfs', '-o', [`size=${kib}k`, ...options].join(','), 'tmpfs', folder];
  if (spawnSync('mount', mountWith).status !== 0) return undefined;
  return {
    folder,
    unmount: () => {
      spawnSync('umount', [folder]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
