import { describe, expect, it } from 'vitest';
import { type Moment, startSystole, systole } from '../support/cli.ts';

interface Report {
  seed: string;
  cases: number;
  failures: number;
  kinds: {
    kind: string;
    cases: number;
    failures: number;
    operations: { operation: string; cases: number; failures: number }[];
  }[];
  failed: { kind: string; index: number; message: string; rerun: string }[];
}

const json = (...args: string[]): Report => JSON.parse(systole('verify', '--format', 'json', ...args).stdout) as Report;

describe('systole verify', () => {
  it('counts cases and failures per kind and operation', () => {
    const { status, stdout, stderr } = systole('verify', '--seed', 'table', '--cases', '20');
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^seed table\n/);
    expect(stdout).toMatch(/^pe-array +random tile +20 +0$/m);
    expect(stdout).toMatch(/^simd-pipeline +random tile +20 +0$/m);
    expect(stdout).toMatch(/^all +80 +0$/m);
    expect(stdout).toMatch(/\nAll 80 cases passed\.\n$/);
  });

  it('says the same as JSON, and the same again', () => {
    const report = json('--cases', '30');
    expect(report.kinds.map(({ kind, cases, failures }) => [kind, cases, failures])).toEqual([
      ['pe-array', 30, 0],
      ['simd-pipeline', 30, 0],
      ['functional', 30, 0],
      ['fused', 30, 0],
    ]);
    for (const { cases, operations } of report.kinds)
      expect(operations.reduce((sum, operation) => sum + operation.cases, 0)).toBe(cases);
    expect([report.cases, report.failures, report.failed]).toEqual([120, 0, []]);
    expect(json('--cases', '30')).toEqual(report);
  });

  it('exits 1 on a failure and prints the command that runs the case alone', () => {
    const args = ['--seed', "it's", '--cases', '2', '--corrupt', 'skip-load'];
    const { status, stdout } = systole('verify', ...args);
    expect(status).toBe(1);
    expect(stdout).toContain('corrupted on purpose: skip-load');
    expect(stdout).toContain("  npx systole verify --seed 'it'\\''s' --kind functional --only 1 --corrupt skip-load\n");
    expect(stdout).toMatch(/\n2 of 2 cases failed\.\n$/);

    const { failed } = json(...args);
    const alone = json('--seed', "it's", '--kind', 'functional', '--only', '1', '--corrupt', 'skip-load');
    expect([alone.cases, alone.failures]).toEqual([1, 1]);
    expect(alone.failed).toEqual([failed[1]]);
  });

  it('stops on Ctrl-C and says so, once it has shown how far it is', async () => {
    const moment: Moment = { at: { stderr: 'case 7 of' }, happens: { signal: 'SIGINT' } };
    const { status, stdout, stderr } = await startSystole(moment, 'verify', '--cases', '10000000').ended;
    expect([status, stdout]).toEqual([130, '']);
    expect(stderr).toMatch(/^(systole: case \d+ of 40000000, pe-array\n)+\(SIGINT\)\nsystole: interrupted\n$/);
  });

  const wrong: [string, string[], string][] = [
    ['no cases', ['--cases', '0'], "argument '0' is invalid. expected a whole number ≥ 1"],
    ['half a case', ['--cases', '1.5'], "argument '1.5' is invalid. expected a whole number ≥ 1"],
    ['cases in words', ['--cases', 'many'], "argument 'many' is invalid. expected a whole number ≥ 1"],
    ['a case before the first', ['--kind', 'functional', '--only=-1'], 'expected a whole number ≥ 0'],
    ['an unknown kind', ['--kind', 'tile'], 'Allowed choices are pe-array, simd-pipeline, functional, fused'],
    ['a case of no kind', ['--only', '3'], '--only: got 3, expected --kind with it'],
    [
      'a fault where none fits',
      ['--kind', 'pe-array', '--corrupt', 'skip-load'],
      '--corrupt: got "skip-load", expected functional or fused cases',
    ],
  ];
  it.each(wrong)('refuses %s', (_, args, message) => {
    const { status, stdout, stderr } = systole('verify', ...args);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
  });
});
