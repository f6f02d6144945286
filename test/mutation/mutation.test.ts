/**
 * Whether the tests notice faults: `npm run mutate` plants each of the list on its own and runs the test files that are
 * to notice it. The suite does so with every eightieth, and checks that the list still describes the sources.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from '../support/cli.ts';
import type { Fault } from './fault.ts';
import { FAULTS } from './faults.ts';
import { occurrences, sourceOf } from './plantFault.ts';

const SAMPLE_EVERY = 80;
const runsAll = process.env['SYSTOLE_MUTATE'] === '1';

const titleOf = ({ file, where, fault }: Fault): string => `${file}, ${where}: ${fault}`;

describe('the list of faults', () => {
  it('is long, and names each once', () => {
    expect(FAULTS.filter(({ equivalent }) => equivalent === undefined).length).toBeGreaterThanOrEqual(60);
    expect(new Set(FAULTS.map(titleOf)).size).toBe(FAULTS.length);
  });

  it('holds the ten that passed the whole suite once, of which one is two lines', () => {
    expect(FAULTS.filter(({ wasMissed }) => wasMissed).length).toBe(11);
  });

  it.each(FAULTS.map((fault) => [titleOf(fault), fault] as const))(
    'describes a line of the sources: %s',
    (_, fault) => {
      const source = readFileSync(sourceOf(fault), 'utf8');
      expect(occurrences(source, fault.text)).toBe(1);
      expect(fault.becomes).not.toBe(fault.text);
      const before = source.slice(0, source.indexOf(fault.text) + fault.text.length);
      expect(before).toMatch(new RegExp(`\\b${fault.where}\\b`));
      expect(fault.tests.filter((file) => !existsSync(join(root, 'test', file)))).toEqual([]);
      expect(fault.tests.length).toBeGreaterThan(0);
    },
  );
});

interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
}

/** Runs a fault's tests with it planted. */
async function reportOf(place: number): Promise<Report> {
  const vitest = [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--config', 'test/mutation/vitest.config.ts'];
  const files = FAULTS[place]!.tests.map((file) => join('test', file));
  const child = spawn(process.execPath, [...vitest, ...files], {
    cwd: root,
    env: { ...process.env, SYSTOLE_FAULT: String(place) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let report = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    report += text;
  });
  await once(child, 'close');
  return JSON.parse(report) as Report;
}

describe.concurrent('a fault', () => {
  const isSampled = (place: number): boolean => place % SAMPLE_EVERY === 0 && FAULTS[place]!.equivalent === undefined;
  const places = [...FAULTS.keys()].filter((place) => runsAll || isSampled(place));

  it.each(places.map((place) => [titleOf(FAULTS[place]!), place] as const))('is noticed: %s', async (_, place) => {
    const { numPassedTests, numFailedTests } = await reportOf(place);
    if (FAULTS[place]!.equivalent === undefined) expect(numFailedTests).toBeGreaterThan(0);
    else expect([numFailedTests, numPassedTests > 0]).toEqual([0, true]);
  });
});
