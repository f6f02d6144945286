/** Where `-o` goes: files whole or not at all, everything else as it is. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  type Moment,
  NODE_ARGUMENTS,
  root,
  startSystole,
  systoleProcess as systole,
  temporaryFolder,
} from '../support/cli.ts';

const RUN = ['run', '-c', 'HI3', '-t', 'resnet18', '--format', 'csv'];
const TRACE = ['trace', '-c', 'HI3', '-t', 'resnet18', '--format', 'csv'];
const result = systole(...RUN).stdout;
const trace = systole(...TRACE, '-o', '-');

describe('-o FILE', () => {
  it('keeps the permissions of a file that is there', () => {
    const path = join(temporaryFolder(), 'run.csv');
    writeFileSync(path, 'old');
    for (const mode of [0o640, 0o666, 0o600]) {
      chmodSync(path, mode);
      expect(systole(...RUN, '-o', path).status).toBe(0);
      expect([statSync(path).mode & 0o7777, readFileSync(path, 'utf8')]).toEqual([mode, result]);
    }
  });

  it('writes what a symbolic link points to, whether it is there or not', () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'file.csv'), 'old');
    symlinkSync('file.csv', join(folder, 'link.csv'));
    symlinkSync('link.csv', join(folder, 'link-to-link.csv'));
    symlinkSync('new.csv', join(folder, 'dangling.csv'));
    for (const [link, to, file] of [
      ['link-to-link.csv', 'link.csv', 'file.csv'],
      ['dangling.csv', 'new.csv', 'new.csv'],
    ] as const) {
      expect(systole(...RUN, '-o', join(folder, link)).status).toBe(0);
      expect(readlinkSync(join(folder, link))).toBe(to);
      expect(lstatSync(join(folder, file)).isFile()).toBe(true);
      expect(readFileSync(join(folder, file), 'utf8')).toBe(result);
    }
  });

  it('leaves a link that leads nowhere but to itself, with exit 2', () => {
    const path = join(temporaryFolder(), 'loop.csv');
    symlinkSync('loop.csv', path);
    const { status, stderr } = systole(...RUN, '-o', path);
    expect([status, lstatSync(path).isSymbolicLink()]).toEqual([2, true]);
    expect(stderr).toContain('too many symbolic links');
  });

  it('writes into a pipe that has a name, which stays one', async () => {
    const path = join(temporaryFolder(), 'pipe');
    execFileSync('mkfifo', [path]);
    for (const [command, printed] of [
      [RUN, result],
      [TRACE, trace.stdout],
    ] as const) {
      const reader = spawn('cat', [path]);
      let read = '';
      reader.stdout.on('data', (piece: Buffer) => {
        read += piece.toString();
      });
      const writer = spawn(process.execPath, [...NODE_ARGUMENTS, 'dist/cli/main.js', ...command, '-o', path], {
        cwd: root,
      });
      const [[status]] = await Promise.all([once(writer, 'exit'), once(reader, 'close')]);
      expect([status, lstatSync(path).isFIFO()]).toEqual([0, true]);
      expect(read).toBe(printed);
    }
  });

  it('stops quietly when who reads a pipe has seen enough', () => {
    const path = join(temporaryFolder(), 'pipe');
    execFileSync('mkfifo', [path]);
    const line = `head -1 "${path}" & "$@" -o "${path}"; echo "exit $?"; wait`;
    const args = ['-c', line, 'sh', process.execPath, ...NODE_ARGUMENTS, 'dist/cli/main.js', ...TRACE];
    const { stdout, stderr } = spawnSync('sh', args, { cwd: root, encoding: 'utf8' });
    expect(stdout).toContain('exit 0');
    expect(stderr).not.toContain('error');
  });
});

describe('-o -', () => {
  it('is stdout, for results and for traces', () => {
    expect(systole(...RUN, '-o', '-').stdout).toBe(result);
    expect([trace.status, trace.stdout.split('\n')[0]]).toEqual([0, expect.stringMatching(/^kind,lane,name,/)]);
    expect(systole(...TRACE, '-o', '/dev/stdout').stdout).toBe(trace.stdout);
    expect(existsSync(join(root, '-'))).toBe(false);
  });

  it('needs a format where a file would say it, and a folder where there must be one', () => {
    const noFormat = systole('trace', '-c', 'HI3', '-t', 'resnet18', '-o', '-');
    expect([noFormat.status, noFormat.stdout]).toEqual([2, '']);
    expect(noFormat.stderr).toContain(
      '--output: got "-", expected a name that ends in .json, .csv, .html, .perfetto-trace, .pftrace, or --format',
    );
    const sweep = systole('sweep', 'table-X', '-o', '-');
    expect([sweep.status, sweep.stdout]).toEqual([2, '']);
    expect(sweep.stderr).toContain('expected a folder');
  });
});

describe.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const)('%s in the middle of a trace', (signal, code) => {
  it('leaves nothing behind and ends at the next step', async () => {
    const folder = temporaryFolder();
    const args = ['trace', '-c', 'HI1', '-t', 'resnet50', '-o', join(folder, 'a.csv')];
    const moment: Moment = { at: { file: 'a.csv', bytes: 1 << 20 }, happens: { signal } };
    const { status, stderr } = await startSystole(moment, ...args).ended;
    expect([status, readdirSync(folder)]).toEqual([code, []]);
    expect(stderr).toMatch(
      new RegExp(`^(systole: layer .*\n)*\\(${signal}\\)\n(systole: layer .*\n)?systole: interrupted\n$`),
    );
  });
});
