/** Broken and odd files of every kind to the command line: it takes them or refuses them, and nothing else. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import seedrandom from 'seedrandom';
import { build } from 'vite';
import { beforeAll, describe, expect, it } from 'vitest';
import { root, temporaryFolder } from '../support/cli.ts';
import { mutateJson } from './jsonMutations.ts';
import { KINDS } from './seeds.ts';
import { failuresOf, type Summary } from './summary.ts';

const CASES = process.env['SYSTOLE_VERIFY'] === '1' ? 40_000 : 500;

/** Runs the fuzzer as `npm run fuzz` does. */
function fuzz(...args: string[]) {
  const json = join(temporaryFolder(), 'summary.json');
  const { status, stdout } = spawnSync(process.execPath, ['dist/fuzz/main.js', '--json', json, ...args], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  return { status, stdout, summary: JSON.parse(readFileSync(json, 'utf8')) as Summary };
}

/** What was said of each case, without the table. */
const casesIn = (stdout: string): string[] => stdout.split('\n').filter((line) => /^(case \d| {2}systole )/.test(line));

beforeAll(async () => {
  await build({ configFile: join(root, 'test/fuzz/vite.config.ts') });
});

describe(`${CASES} broken and odd inputs`, () => {
  it('are accepted or refused: no crash, no hang, no control character, nothing that is no number, no wrong sum', () => {
    const { status, stdout, summary } = fuzz(`--count=${CASES}`, '--seed=suite', '--patience=300', '--processes=0.004');
    expect(casesIn(stdout)).toEqual([]);
    expect([status, summary.failures]).toEqual([0, 0]);
    expect(summary.rows.map(({ kind }) => kind)).toEqual(KINDS);
    for (const row of summary.rows) {
      const { accepted, refused, stopped, cases } = row;
      expect(accepted + refused + stopped + failuresOf(row)).toBe(cases);
      // What is refused at once tries nothing of what lies behind. What is stopped is not refused; how much of it comes to
      // its end within the patience depends on the machine.
      expect(Math.min(accepted + stopped, refused)).toBeGreaterThan(cases / 50);
    }
    expect(summary.rows.reduce((sum, { cases }) => sum + cases, 0)).toBe(CASES);
  });
});

describe('a case', () => {
  it('is the same whenever it is made: none leaves anything for those after it', () => {
    const files = (from: number, to: number): string[] =>
      Array.from({ length: to - from }, (_, place) =>
        Buffer.from(mutateJson(seedrandom.alea(`${from + place}`), '{"a": [1], "b": {"c": "d"}}')).toString('base64'),
      );
    const together = files(0, 5000);
    expect(files(4000, 5000)).toEqual(together.slice(4000));
  });
});
