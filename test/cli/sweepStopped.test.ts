import { appendFileSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import seedrandom from 'seedrandom';
import { describe, expect, it } from 'vitest';
import { systole, temporaryFile, temporaryFolder } from '../support/cli.ts';
import { type Begun, begin, filesOf, LONG, MANY_ROWS, resultOf, SMALL, sizeOf, until } from '../support/sweep.ts';

const spec = temporaryFile('sweep.json', LONG);
const alone = join(temporaryFolder(), 'out');
const undisturbed = systole('sweep', spec, '-o', alone);

const newFolder = (): string => join(temporaryFolder(), 'out');
const journalOf = (folder: string): string => join(folder, 'journal.jsonl');
const bytesOf = (path: string): Buffer => (existsSync(path) ? readFileSync(path) : Buffer.alloc(0));

/** Kills a sweep when something holds; false if it came to its end before. */
async function killWhen(sweeping: Begun, holds: () => boolean, signal: 'SIGKILL' | 'SIGINT'): Promise<boolean> {
  if (await until(sweeping, holds)) sweeping.child.kill(signal);
  const { code } = await sweeping.ended;
  return code !== 0;
}

/** What Ctrl-C leaves to be said, after progress. */
const INTERRUPTED = /^(systole: .*\d of \d.*\n)*systole: interrupted\n$/;

describe('a sweep that is stopped', () => {
  const KILLS = process.env['SYSTOLE_VERIFY'] === '1' ? 10 : 3;

  it('ends with the same bytes when it is killed at random moments and started again', async () => {
    expect(undisturbed.status).toBe(0);
    // Each simulation is a record; those of the sensitivity come after those of all points.
    const records = resultOf(alone).coverage.evaluations;
    const random = seedrandom('kills');
    const folder = newFolder();
    const journal = journalOf(folder);
    const linesIn = (bytes: Buffer): number => bytes.toString('latin1').split('\n').length - 1;
    let wholeLines: Buffer = Buffer.alloc(0);
    for (let kills = 0; kills < KILLS; ) {
      // Somewhere in the kth part of the work, so that each run has some left.
      const lines = Math.ceil(((kills + random()) / (KILLS + 1)) * records) + 1;
      const sweeping = begin(spec, folder, '--workers', String(1 + (kills % 3)));
      const hasLanded = await killWhen(sweeping, () => linesIn(bytesOf(journal)) >= lines, 'SIGKILL');
      if (hasLanded) kills++;
      const left = bytesOf(journal);
      // What earlier runs wrote is still there, unless the sweep came to its end before the kill.
      expect(left.subarray(0, wholeLines.length).equals(hasLanded ? wholeLines : left)).toBe(true);
      if (hasLanded) expect(linesIn(left)).toBeGreaterThanOrEqual(lines);
      wholeLines = left.subarray(0, left.lastIndexOf('\n') + 1);
    }
    expect(await begin(spec, folder).ended).toEqual({ code: 0, signal: null });
    expect(filesOf(folder)).toEqual(filesOf(alone));
  });

  it('resumes when the last line of its journal is torn or wrong', async () => {
    const folder = newFolder();
    expect(await killWhen(begin(spec, folder), () => sizeOf(journalOf(folder)) > 4000, 'SIGKILL')).toBe(true);
    appendFileSync(
      journalOf(folder),
      '00000000 {"model":"simulated","unit":"SA","keys":[0],"costs":[{"cycles":1}]}\n12ab',
    );
    expect(systole('sweep', spec, '-o', folder).status).toBe(0);
    expect(filesOf(folder)).toEqual(filesOf(alone));
  });

  it('stops cleanly on Ctrl-C and resumes', async () => {
    const folder = newFolder();
    const sweeping = begin(spec, folder);
    await killWhen(sweeping, () => sizeOf(journalOf(folder)) > 500, 'SIGINT');
    expect(await sweeping.ended).toEqual({ code: 130, signal: null });
    expect(sweeping.stderr()).toMatch(INTERRUPTED);
    expect(readdirSync(folder)).toEqual(['journal.jsonl']);
    expect(systole('sweep', spec, '-o', folder).status).toBe(0);
    expect(filesOf(folder)).toEqual(filesOf(alone));
  });

  it.each(['SIGINT', 'SIGKILL'] as const)('leaves no half-written points after %s', async (signal) => {
    const rows = temporaryFile('sweep.json', MANY_ROWS);
    const folder = newFolder();
    const sweeping = begin(rows, folder);
    const isWriting = (): boolean => existsSync(join(folder, 'points.csv.tmp'));
    expect(await killWhen(sweeping, isWriting, signal)).toBe(true);
    if (signal === 'SIGINT') {
      expect((await sweeping.ended).code).toBe(130);
      expect(readdirSync(folder)).toEqual(['journal.jsonl']);
    }
    expect(systole('sweep', rows, '-o', folder).status).toBe(0);
    expect(readdirSync(folder).sort()).toEqual(['points.csv', 'points.parquet', 'result.json']);
  });

  it('says how far it is and stops while it finds no point', async () => {
    const parameters = Object.fromEntries(
      ['wbuf', 'ibuf', 'obuf', 'vmem'].map((name) => [`sramKiB.${name}`, { from: 100, to: 1000, step: 1 }]),
    );
    const folder = newFolder();
    const nowhere = temporaryFile('sweep.json', { ...SMALL, parameters, constraints: ['totalSramKiB < 1'] });
    const sweeping = begin(nowhere, folder);
    const says = /\d+ of 659020863601 combinations seen, 0 points/; // 901⁴
    await killWhen(sweeping, () => says.test(sweeping.stderr()), 'SIGINT');
    expect((await sweeping.ended).code).toBe(130);
    expect(sweeping.stderr()).toMatch(says);
    expect(existsSync(folder)).toBe(false);
  });

  it('says how far it is and stops within one long evaluation', async () => {
    const one = {
      ...SMALL,
      phase: 'training',
      model: 'simulated',
      dram: 'HBM2',
      parameters: { 'bitsPerCycle.psum': [128] },
      constraints: [],
    };
    const folder = newFolder();
    const sweeping = begin(temporaryFile('sweep.json', one), folder);
    const says = /0 of 2 evaluations \(simulated on HBM2\), [1-9]\d* %, about .* left/;
    await killWhen(sweeping, () => says.test(sweeping.stderr()), 'SIGINT');
    expect((await sweeping.ended).code).toBe(130);
    expect(sweeping.stderr()).toMatch(says);
    expect(readdirSync(folder)).toEqual(['journal.jsonl']);
  });
});

describe('two sweeps in one folder', () => {
  it('are refused, and the first is not disturbed', async () => {
    const folder = newFolder();
    const first = begin(spec, folder);
    await until(first, () => sizeOf(journalOf(folder)) > 500);
    first.child.kill('SIGSTOP'); // so that it is at work for as long as the second takes
    const second = systole('sweep', spec, '-o', folder);
    first.child.kill('SIGCONT');
    expect(second.status).toBe(2);
    expect(second.stderr).toBe(
      `systole: --output: got ${JSON.stringify(folder)}, expected a folder in which no other sweep is at work ` +
        `(process ${first.child.pid} is, by ${join(folder, 'sweep.lock')})\n`,
    );
    expect(await first.ended).toEqual({ code: 0, signal: null });
    expect(filesOf(folder)).toEqual(filesOf(alone));
  });

  it('are refused where they differ, also after the first was killed', async () => {
    const folder = newFolder();
    await killWhen(begin(spec, folder), () => sizeOf(journalOf(folder)) > 500, 'SIGKILL');
    const { status, stderr } = systole('sweep', temporaryFile('other.json', SMALL), '-o', folder);
    expect(status).toBe(2);
    expect(stderr).toContain('journal.jsonl: expected the journal of this sweep; it is that of another');
  });
});
