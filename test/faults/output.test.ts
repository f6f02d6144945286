/** What cannot be written is said, with exit 2; a file is there whole or not at all. The table is in README.md here. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, linkSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { root, systole, temporaryFile, temporaryFolder } from '../support/cli.ts';
import { mountSmall, shell } from '../support/faults.ts';
import { SMALL } from '../support/sweep.ts';

const isVerify = process.env['SYSTOLE_VERIFY'] === '1';
const RUN = 'run -c HI3 -t resnet18 --format json';
const COMMANDS = {
  run: RUN,
  check: 'check -c HI3 -t resnet18 --format json',
  trace: 'trace -c HI3 -t resnet18 --format csv -o -',
  verify: 'verify --cases 2',
  sweep: `sweep '${temporaryFile('sweep.json', SMALL)}' --workers 1 -o folder`,
  help: '--help',
};
/** All of them under verify; else those that write on a way of their own. */
const each = Object.entries(COMMANDS).filter(([name]) => isVerify || !['check', 'verify'].includes(name));
const writing = (['run', 'check', 'trace'] as const).filter((name) => isVerify || name !== 'check');
/** One message of one line. */
const SAYS = (expected: string): RegExp => new RegExp(`^systole: .*${expected}.*\n$`);

describe('a stdout that does not take everything', () => {
  it.each(each)('%s > /dev/full', (_, command) => {
    expect(shell(`systole ${command} > /dev/full`)).toEqual({
      status: 2,
      stdout: '',
      stderr: 'systole: stdout: expected an output that takes everything (ENOSPC: no space left on device)\n',
    });
  });

  it.each(each)('%s >&-', (_, command) => {
    const { status, stderr } = shell(`systole ${command} >&-; exit $?`);
    expect([status, stderr]).toEqual([2, expect.stringMatching(SAYS('stdout: expected .* \\(it is closed\\)'))]);
  });

  // Of results that are larger than a KiB: 1024 bytes are written, then none.
  it.each(each.filter(([name]) => name !== 'verify' && name !== 'sweep'))(
    '%s within a limit of a KiB',
    (_, command) => {
      const folder = temporaryFolder();
      const { status, stderr } = shell(`ulimit -f 1; systole ${command} > result`, folder);
      expect([status, stderr]).toEqual([2, expect.stringMatching(SAYS('stdout: expected .*EFBIG'))]);
      expect(readFileSync(join(folder, 'result'))).toHaveLength(1024);
    },
  );

  it('is no fault where it is /dev/null, however that was opened', () => {
    expect(shell(`systole ${RUN} > /dev/null`)).toEqual({ status: 0, stdout: '', stderr: '' });
    // As Node and Python open it for those that they start, which is how Node opens it in place of a closed stdout.
    const run = [join(root, 'dist/cli/main.js'), ...RUN.split(' ')];
    expect(spawnSync(process.execPath, run, { stdio: 'ignore' }).status).toBe(0);
    const behindShell = ['-c', '"$0" "$@"; exit $?', process.execPath, ...run];
    expect(spawnSync('bash', behindShell, { stdio: 'ignore' }).status).toBe(0);
  });
});

describe('a reader', () => {
  const whole = systole(...RUN.split(' ')).stdout;

  it('that is slow gets everything', () => {
    expect(shell(`systole ${RUN} | (read -rn 1 first; printf %s "$first"; sleep 0.5; cat)`).stdout).toBe(whole);
    // A pipe that somebody else has made one that does not wait.
    const line = `systole ${RUN} | '${process.execPath}' -e 'setTimeout(() => process.stdin.pipe(process.stdout), 500)'`;
    expect(shell(line).stdout).toBe(whole);
  });

  it.each([
    [RUN, 0],
    ['diff --format json -- "-c HI2 -t resnet18" "-c HI3 -t resnet18"', 1],
  ])('that has seen enough is no fault: %s', (command, status) => {
    // Nobody reads any more when the result comes.
    const { stdout, stderr } = shell(`{ systole ${command}; echo "exit $?" >&2; } | true`);
    expect([stdout, stderr]).toEqual(['', `exit ${status}\n`]);
  });

  it.each(['run', 'trace'] as const)('that does not read holds up no Ctrl-C: %s', async (name) => {
    // More than a pipe holds.
    const command = COMMANDS[name].replace('resnet18', 'resnet50');
    const child = spawn(process.execPath, ['dist/cli/main.js', ...command.split(' ')], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    child.stdout.pause();
    await once(child.stdout, 'readable');
    await setTimeout(200);
    const ended = once(child, 'exit');
    child.kill('SIGINT');
    expect(await ended).toEqual([130, null]);
  });

  it('that never comes to a pipe with a name holds up no Ctrl-C', async () => {
    const path = join(temporaryFolder(), 'pipe');
    shell(`mkfifo '${path}'`);
    const args = [...RUN.split(' '), '-o', path];
    const child = spawn(process.execPath, ['dist/cli/main.js', ...args], { cwd: root, stdio: 'ignore' });
    const ended = once(child, 'exit');
    await setTimeout(1500);
    child.kill('SIGTERM');
    // Before it waits, it dies of the signal.
    expect([
      [143, null],
      [null, 'SIGTERM'],
    ]).toContainEqual(await ended);
  });
});

describe('-o', () => {
  it.each(writing)('leaves nothing of a file that finds no room: %s', (name) => {
    const folder = temporaryFolder();
    const command = COMMANDS[name].replace(' -o -', '');
    const limited = shell(`ulimit -f 4; systole ${command} -o result.json`, folder);
    expect(limited).toEqual({ status: 2, stdout: '', stderr: expect.stringMatching(SAYS('EFBIG: file too large')) });
    expect(readdirSync(folder)).toEqual([]);
  });

  it('leaves nothing on a full disk, and what was there', ({ skip }) => {
    const small = mountSmall(64);
    if (small === undefined) return skip('may not mount a file system');
    try {
      const { folder } = small;
      for (const name of writing) {
        const command = COMMANDS[name].replace(' -o -', '');
        const { status, stderr } = shell(`echo old > result.json && systole ${command} -o result.json`, folder);
        expect([status, stderr]).toEqual([2, expect.stringMatching(SAYS('ENOSPC: no space left on device'))]);
        expect([readdirSync(folder), readFileSync(join(folder, 'result.json'), 'utf8')]).toEqual([
          ['result.json'],
          'old\n',
        ]);
      }
    } finally {
      small.unmount();
    }
  });

  it('is refused at once in a folder that is read-only', ({ skip }) => {
    const small = mountSmall(64, 'ro');
    if (small === undefined) return skip('may not mount a file system');
    try {
      for (const name of ['run', 'trace', 'sweep'] as const) {
        const command = COMMANDS[name].replace(/ -o \S+/, '');
        const { status, stderr } = shell(`systole ${command} -o '${small.folder}/result.json'`);
        expect([status, stderr]).toEqual([2, expect.stringMatching(SAYS('--output: .*EROFS'))]);
      }
    } finally {
      small.unmount();
    }
  });

  it('may have a name as long as the file system allows', () => {
    const folder = temporaryFolder();
    const name = 'n'.repeat(255);
    expect(systole(...RUN.split(' '), '-o', join(folder, name)).status).toBe(0);
    expect(readdirSync(folder)).toEqual([name]);
    const longer = systole(...RUN.split(' '), '-o', join(folder, `${name}n`));
    expect([longer.status, longer.stderr]).toEqual([2, expect.stringMatching(SAYS('ENAMETOOLONG: name too long'))]);
    expect(readdirSync(folder)).toEqual([name]);
  });

  it.each(['', 'folder', 'folder/', 'none/result.json', 'new/'])('is refused before anything runs: %j', (output) => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'folder'));
    // It would take minutes.
    const long = 'run -c HI1 -t resnet50 --batch 4096 --no-fast-forward';
    const { status, stderr } = systole(...long.split(' '), '-o', output === '' ? '' : `${folder}/${output}`);
    expect([status, stderr]).toEqual([2, expect.stringMatching(SAYS('--output: got .*, expected a file'))]);
    expect(readdirSync(folder)).toEqual(['folder']);
  });

  const readings = [
    ['run', 'run -c input.json -t resnet18'],
    ['trace', 'trace -c input.json -t resnet18 --format csv'],
    ['check --against', 'check -c HI3 -t resnet18 --against predictions.csv'],
    ['dram --trace', 'dram --trace requests.txt'],
  ] as const;
  it.each(readings)('is refused where it is a file that %s reads, by any name', (_, command) => {
    const folder = temporaryFolder();
    copyFileSync(join(root, 'hw/HI3.json'), join(folder, 'input.json'));
    copyFileSync(join(root, 'test/cli/predictions.csv'), join(folder, 'predictions.csv'));
    shell('echo "0 R 64" > requests.txt', folder);
    const input = /\S+\.(?:json|csv|txt)/.exec(command)![0];
    const before = readFileSync(join(folder, input), 'utf8');
    symlinkSync(input, join(folder, 'link'));
    linkSync(join(folder, input), join(folder, 'hard'));
    const args = command.split(' ').map((word) => (word === input ? `${folder}/${input}` : word));
    for (const output of [`./${input}`, 'link', 'hard']) {
      const { status, stderr } = systole(...args, '-o', `${folder}/${output}`);
      expect([status, stderr]).toEqual([2, expect.stringMatching(SAYS('it is one of the files that are read'))]);
    }
    const { status, stderr } = shell(
      `systole ${command}${command.startsWith('trace') ? ' -o -' : ''} >> ${input}`,
      folder,
    );
    expect([status, stderr]).toEqual([2, expect.stringMatching(SAYS('stdout: .*one of the files that are read'))]);
    expect(readFileSync(join(folder, input), 'utf8')).toBe(before);
    expect(existsSync(join(folder, 'link'))).toBe(true);
  });
});
