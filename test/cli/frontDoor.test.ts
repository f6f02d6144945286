/** What greets a user: versions, help, and what is said of near misses. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { EXAMPLES } from '../../src/doors/cli/examples.ts';
import { shellWords } from '../../src/doors/cli/shellWords.ts';
import { root, systole, systoleIn, temporaryFile, temporaryFolder } from '../support/cli.ts';
import { exampleAsRun } from '../support/examples.ts';
import { hardwarePreset } from '../support/presets.ts';

const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };

describe('the version', () => {
  it('is that of package.json', () => {
    expect(systole('--version')).toEqual({ status: 0, stdout: `${version}\n`, stderr: '' });
  });

  const network = ['-c', 'HI3', '-t', 'alexnet'];
  it.each([
    ['run', ...network],
    ['check', ...network],
    ['explain', ...network, '--layer', 'conv1'],
    ['diff', '--', '-c HI2 -t alexnet', '-c HI3 -t alexnet'],
    ['dram', '--rule', 'test/dram/random.json'],
    ['verify', '--cases', '3'],
    ['import', 'alexnet', '--summary'],
    ['paper', '5'],
  ])('is in the JSON of %s', (command, ...args) => {
    const { stdout } = systole(command, '--format', 'json', ...args);
    expect(JSON.parse(stdout)).toMatchObject({ version });
  });

  it('is in every one of several figures of the paper, in a trace and in both results of a sweep', () => {
    const tables = JSON.parse(systole('paper', '5', '12', '--format', 'json').stdout) as object[];
    expect(tables).toMatchObject([{ version }, { version }]);
    const trace = systole('trace', ...network, '--layer', 'conv1', '--format', 'chrome', '-o', '-').stdout;
    expect(JSON.parse(trace)).toMatchObject({ otherData: { version } });
    const folder = temporaryFolder();
    const parameters = { 'sramKiB.wbuf': [512, 1024] };
    const sweep = { name: 'two points', hardware: 'HI3', workload: 'alexnet', parameters, objectives: ['cycles'] };
    const file = temporaryFile('two.json', sweep);
    const { stdout } = systole('sweep', file, '-o', folder, '--format', 'json');
    expect(JSON.parse(stdout)).toMatchObject({ version });
    expect(readFileSync(join(folder, 'result.json'), 'utf8')).toBe(stdout);
  });

  it('is told by diff where two results have different ones', () => {
    const result = JSON.parse(systole('run', ...network, '--format', 'json').stdout) as object;
    const older = temporaryFile('older.json', { ...result, version: '0.0.1', batch: 2 });
    const newer = temporaryFile('newer.json', result);
    expect(systole('diff', older, newer).status).toBe(0);
    const other = temporaryFile(
      'other.json',
      JSON.parse(systole('run', '-c', 'HI2', ...network.slice(2), '--format', 'json').stdout),
    );
    expect(systole('diff', older, other).stdout).toContain('made by version: 0.0.1');
  });
});

describe('help', () => {
  const folder = `${temporaryFolder()}/`;
  const readme = readFileSync(join(root, 'README.md'), 'utf8');

  it.each(Object.entries(EXAMPLES))('of %s fits a terminal and ends with an example that works', (command, example) => {
    const { status, stdout } = systole(command, '--help');
    expect([status, stdout.endsWith(`\nExample:\n  npx systole ${example}\n\n`)]).toEqual([0, true]);
    expect(stdout.split('\n').filter(({ length }) => length > 80)).toEqual([]);
    if (readme.includes(`\nnpx systole ${example}\n`)) return; // run with the README's examples
    if (command === 'worker') return; // sweepQueue.test.ts has a Redis for it
    const run = systole(...shellWords(exampleAsRun(example).replaceAll('/tmp/', folder), command));
    // Two runs that differ are no failure, but what diff says.
    expect([run.status, run.stderr]).toEqual([command === 'diff' ? 1 : 0, '']);
  });

  it('lists every command', () => {
    const { stdout } = systole('--help');
    for (const command of Object.keys(EXAMPLES)) expect(stdout).toContain(`\n  ${command} `);
    expect(stdout.split('\n').filter(({ length }) => length > 80)).toEqual([]);
  });
});

describe('a near miss', () => {
  it.each([
    ['a command', ['rnu'], "unknown command 'rnu'; did you mean run?"],
    [
      'an option',
      ['run', '-c', 'HI3', '-t', 'alexnet', '--fromat', 'csv'],
      "unknown option '--fromat'; did you mean --format?",
    ],
    [
      'an option that must be there',
      ['run', '--hardwre', 'HI3'],
      "required option '-c, --hardware <preset|file>' not specified; did you mean it by --hardwre?",
    ],
    ['a choice', ['run', '--phase', 'trainig'], 'Allowed choices are inference, training; did you mean training?'],
    ['an assumption', ['run', '--assume', 'lokstep'], 'got "lokstep"; did you mean lockstep?'],
    ['a lane', ['trace', '--lanes', 'pearray'], 'got "pearray"; did you mean pe-array?'],
    ['hardware', ['run', '-c', 'HI33', '-t', 'alexnet'], 'or a file that can be read; did you mean HI3?'],
    ['a network', ['run', '-c', 'HI3', '-t', 'resnet-50'], 'or a file that can be read; did you mean resnet50?'],
    ['a memory', ['run', '-c', 'HI3', '-t', 'alexnet', '--dram', 'HMB2'], 'did you mean HBM2?'],
    ['a layer', ['explain', '-c', 'HI3', '-t', 'alexnet', '--layer', 'cnov1'], 'did you mean conv1?'],
  ])('of %s is answered by what was probably meant', (_, args, words) => {
    const { status, stdout, stderr } = systole(...args);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^systole: [^\n]*\n$/);
    expect(stderr).toContain(words);
  });

  it('is nothing that merely begins alike', () => {
    expect(systole('zebra').stderr).toBe("systole: unknown command 'zebra'\n");
  });
});

describe('a preset', () => {
  const jsonOf = (...args: string[]): unknown => JSON.parse(systole('run', ...args, '--format', 'json').stdout);

  it('is found whether its letters are large or small', () => {
    const pad = ['-t', 'test/cases/pad.json'];
    expect(jsonOf('-c', 'hi3', ...pad, '--dram', 'hbm2')).toEqual(jsonOf('-c', 'HI3', ...pad, '--dram', 'HBM2'));
    expect(jsonOf('-c', 'hi3', '-t', 'ALEXNET', '--dram', 'IDEAL')).toEqual(jsonOf('-c', 'HI3', '-t', 'alexnet'));
  });

  it('gives way to a file of the user whose name is spelt like that', () => {
    const file = temporaryFile('hi3', { ...hardwarePreset('HI1'), name: 'mine' });
    const folder = join(file, '..');
    const nameOf = (hardware: string): unknown =>
      (
        JSON.parse(systoleIn(folder, 'run', '-c', hardware, '-t', 'alexnet', '--format', 'json').stdout) as {
          hardware: string;
        }
      ).hardware;
    expect([nameOf('hi3'), nameOf('HI3')]).toEqual(['mine', 'HI3']);
  });
});
