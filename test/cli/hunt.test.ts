import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { HuntReport } from '../../src/views/report/huntReport.ts';
import { startSystole, systole, temporaryFile, temporaryFolder } from '../support/cli.ts';
import { plantedText } from '../support/hunt.ts';

const FORGOTTEN_BIAS = plantedText('"wb": "transfer_w + transfer_b - C_segment"', '"wb": "transfer_w - C_segment"');
const formula = temporaryFile('mine.formula.json', FORGOTTEN_BIAS);
const asked = [
  '--assume',
  'paper',
  '--tolerance',
  '0',
  '--bounds',
  'whole-tiles',
  '--operations',
  'gemm',
  '--cases',
  '200',
];
const folder = join(temporaryFolder(), 'out');
const hunted = systole('hunt', formula, ...asked, '--workers', '1', '-o', folder);
const report = JSON.parse(readFileSync(join(folder, 'result.json'), 'utf8')) as HuntReport;
const found = report.found!;

describe('systole hunt', () => {
  it('writes the smallest case as a hardware and a workload that every command reads', () => {
    expect([hunted.status, hunted.stderr]).toEqual([0, '']);
    const files = ['hardware.json', 'result.json', 'timeline.html', 'waterfall.txt', 'workload.json'];
    expect(readdirSync(folder).sort()).toEqual(files);
    const [hardware, workload] = ['hardware.json', 'workload.json'].map((file) => join(folder, file));
    const options = ['-c', hardware!, '-t', workload!, '--batch', String(found.batch), '--format', 'json'];
    const run = JSON.parse(systole('run', ...options, '--assume', 'paper').stdout);
    expect(run.layers[0].simulated.totalCycles).toBe(found.machine);
    const check = JSON.parse(systole('check', ...options).stdout);
    expect(Object.entries(check.totals.all.cycles)).toEqual(found.ladder.map(({ name, cycles }) => [name, cycles]));
    expect(readFileSync(join(folder, 'waterfall.txt'), 'utf8')).toContain('free-running');
  });

  it('says which commands show it again, and they do', () => {
    const commands = hunted.stdout.match(/npx systole .*/g)!.map((line) => line.split(' ').slice(2));
    expect(commands.map(([name]) => name)).toEqual(['check', 'validate']);
    const outcomes = commands.map((args) => systole(...args));
    expect(outcomes.map(({ status, stderr }) => [status, stderr])).toEqual([
      [0, ''],
      [0, ''],
    ]);
    expect(outcomes[1]!.stdout).toContain('published');
  });

  it('finds the same with any number of threads', () => {
    const { stdout } = systole('hunt', formula, ...asked, '--workers', '2');
    // What follows of the first are the commands for its folder, which this has not.
    expect([stdout.length > 100, hunted.stdout.startsWith(stdout)]).toEqual([true, true]);
  });

  it('stops on Ctrl-C with nothing written', async () => {
    const output = join(temporaryFolder(), 'out');
    const moment = { at: { stderr: '1 of \\d+ searches done' }, happens: { signal: 'SIGINT' } } as const;
    const { status, stderr } = await startSystole(moment, 'hunt', 'published', '-o', output, '--cases', '50000').ended;
    expect(status).toBe(130);
    expect(stderr).toMatch(/systole: interrupted\n$/);
    expect(existsSync(output) ? readdirSync(output) : []).toEqual([]);
  });

  it('says when nothing was found', () => {
    const { status, stdout } = systole('hunt', 'corner', ...asked.slice(0, -1), '50', '--workers', '1');
    expect([status, stdout.trim().split('\n').at(-1)]).toEqual([0, 'nothing found: no case is off by more than 0 %']);
  });

  it.each([
    [['hunt', 'ceilling'], /formula: got "ceilling", expected a preset \(.*did you mean ceiling\?/],
    [
      ['hunt', 'ceiling', '--operations', 'conf'],
      /--operations: got "conf", expected an operation .*did you mean conv\?/,
    ],
    [
      ['hunt', 'scale-sim', '--column', 'dramBits.bias'],
      /column: got "dramBits.bias", expected a column that .* gives: cycles/,
    ],
    [['hunt', 'ceiling', '--tolerance', '-1'], /expected percent, from 0 to/],
    [
      ['hunt', 'ceiling', '--assume', 'prefetch'],
      /expected no prefetch: each case is one layer, beside which no other runs/,
    ],
    [
      ['hunt', 'ceiling', '--bounds', 'whole-tile'],
      /--bounds: got "whole-tile", expected a preset .*did you mean whole-tiles\?/,
    ],
  ])('refuses %j', (args, message) => {
    const { status, stdout, stderr } = systole(...args);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).toMatch(message);
  });

  it.each([
    [{ numbers: { 'slots.obof': 3 } }, 'numbers.slots.obof', 'did you mean slots.obuf?'],
    [{ numbers: { OC: { least: 9, most: 3 } } }, 'numbers.OC', 'from 1 to 65536, the least first'],
    [{ numbers: { 'slots.obuf': 0 } }, 'numbers.slots.obuf', 'from 1 to 256'],
    [{ operations: ['relo'] }, 'operations', 'did you mean relu?'],
    [{ where: { SA: 'm_oc == M_od' } }, 'where.SA', 'did you mean'],
    [{ where: { SIMD: 'm_oc == 1' } }, 'where.SIMD', 'm_oc'],
  ])('says what is wrong with the bounds %j', (content, path, message) => {
    const bounds = temporaryFile('bounds.json', { name: 'mine', ...content });
    const { status, stderr } = systole('hunt', 'ceiling', '--bounds', bounds);
    expect([status, stderr.trim().split('\n').length]).toEqual([2, 1]);
    expect(stderr).toContain(`bounds.json: ${path}`);
    expect(stderr).toContain(message);
  });
});
