import { appendFileSync, existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import seedrandom from 'seedrandom';
import { describe, expect, it } from 'vitest';
import { type Moment, type Started, startSystole, systole, temporaryFile, temporaryFolder } from '../support/cli.ts';
import { filesOf, LONG, MANY_ROWS, ONE_THREAD, SMALL } from '../support/sweep.ts';

const spec = temporaryFile('sweep.json', LONG);
const alone = join(temporaryFolder(), 'out');
/** A sweep to its end. */
const finish = (file: string, folder: string) => systole('sweep', file, '-o', folder, ...ONE_THREAD);
const undisturbed = finish(spec, alone);

const newFolder = (): string => join(temporaryFolder(), 'out');
const journalOf = (folder: string): string => join(folder, 'journal.jsonl');
const bytesOf = (path: string): Buffer => (existsSync(path) ? readFileSync(path) : Buffer.alloc(0));

/** Begins a sweep in which something happens once its journal has so many bytes. */
const begin = (folder: string, bytes: number, happens: Moment['happens'], workers = 1): Started => {
  const moment = { at: { file: 'journal.jsonl', bytes }, happens };
  return startSystole(moment, 'sweep', spec, '-o', folder, '--workers', String(workers));
};

const KILL = { signal: 'SIGKILL' } as const;
const INTERRUPT = { signal: 'SIGINT' } as const;

/** What Ctrl-C leaves to be said, after progress; threads may still say how far they are until all have ended. */
const INTERRUPTED = /^(systole: .*\d of \d.*\n)*\(SIGINT\)\n(systole: .*\d of \d.*\n)*systole: interrupted\n$/;

describe('a sweep that is stopped', () => {
  const KILLS = process.env['SYSTOLE_VERIFY'] === '1' ? 10 : 2;

  it('ends with the same bytes when it is killed at random moments and started again', async () => {
    expect(undisturbed.status).toBe(0);
    // Killed when it is about to write its result, a sweep leaves its journal as a whole.
    const done = newFolder();
    const atResult: Moment = { at: { file: 'result.json', bytes: 0 }, happens: KILL };
    expect((await startSystole(atResult, 'sweep', spec, '-o', done, ...ONE_THREAD).ended).signal).toBe('SIGKILL');
    const whole = statSync(journalOf(done)).size;
    const random = seedrandom('kills');
    const folder = newFolder();
    let wholeLines: Buffer = Buffer.alloc(0);
    for (let kill = 0; kill < KILLS; kill++) {
      // Somewhere in the kth part of the work, in the middle of a line, so that each run has some left.
      const bytes = Math.ceil(((kill + random()) / (KILLS + 1)) * whole);
      const { signal } = await begin(folder, bytes, KILL, 1 + (kill % 3)).ended;
      const left = bytesOf(journalOf(folder));
      expect([signal, left.length]).toEqual(['SIGKILL', bytes]);
      // What earlier runs wrote is still there.
      expect(left.subarray(0, wholeLines.length).equals(wholeLines)).toBe(true);
      wholeLines = left.subarray(0, left.lastIndexOf('\n') + 1);
    }
    expect(finish(spec, folder).status).toBe(0);
    expect(filesOf(folder)).toEqual(filesOf(alone));
  });

  it('resumes when the last line of its journal is torn or wrong', async () => {
    const folder = newFolder();
    expect((await begin(folder, 4000, KILL).ended).signal).toBe('SIGKILL');
    appendFileSync(
      journalOf(folder),
      '00000000 {"model":"simulated","part":"SA","keys":[0],"costs":[{"cycles":1}]}\n12ab',
    );
    expect(finish(spec, folder).status).toBe(0);
    expect(filesOf(folder)).toEqual(filesOf(alone));
  });

  it('resumes when its file has been described in other words', async () => {
    const folder = newFolder();
    await begin(folder, 4000, KILL).ended;
    const other = temporaryFile('sweep.json', { ...LONG, name: 'renamed', description: 'as before' });
    expect(finish(other, folder).status).toBe(0);
    const renamed = readFileSync(join(folder, 'result.json'), 'utf8');
    expect(renamed.replace('"renamed"', '"small"')).toBe(readFileSync(join(alone, 'result.json'), 'utf8'));
  });

  it('stops cleanly on Ctrl-C and resumes', async () => {
    const folder = newFolder();
    const { status, stderr } = await begin(folder, 500, INTERRUPT).ended;
    expect(status).toBe(130);
    expect(stderr).toMatch(INTERRUPTED);
    expect(readdirSync(folder)).toEqual(['journal.jsonl']);
    expect(finish(spec, folder).status).toBe(0);
    expect(filesOf(folder)).toEqual(filesOf(alone));
  });

  it.each(['SIGINT', 'SIGKILL'] as const)('leaves no half-written points after %s', async (signal) => {
    const rows = temporaryFile('sweep.json', MANY_ROWS);
    const folder = newFolder();
    const atPoints: Moment = { at: { file: 'points.csv', bytes: 100_000 }, happens: { signal } };
    const ended = await startSystole(atPoints, 'sweep', rows, '-o', folder, ...ONE_THREAD).ended;
    if (signal === 'SIGINT') {
      expect(ended.status).toBe(130);
      expect(readdirSync(folder)).toEqual(['journal.jsonl']);
    } else {
      expect(ended.signal).toBe('SIGKILL');
      expect(readdirSync(folder)).toContain('points.csv.tmp');
    }
    expect(finish(rows, folder).status).toBe(0);
    expect(readdirSync(folder).sort()).toEqual(['points.csv', 'points.parquet', 'result.json']);
  });

  it('says how far it is and stops while it finds no point', async () => {
    const parameters = Object.fromEntries(
      ['wbuf', 'ibuf', 'obuf', 'vmem'].map((name) => [`sramKiB.${name}`, { from: 100, to: 1000, step: 1 }]),
    );
    const folder = newFolder();
    const nowhere = temporaryFile('sweep.json', { ...SMALL, parameters, constraints: ['totalSramKiB < 1'] });
    const says = '\\d+ of 659020863601 combinations seen, 0 points'; // 901⁴
    const ended = startSystole({ at: { stderr: says }, happens: INTERRUPT }, 'sweep', nowhere, '-o', folder).ended;
    expect((await ended).status).toBe(130);
    expect((await ended).stderr).toMatch(INTERRUPTED);
    expect(existsSync(folder)).toBe(false);
  });

  it('says how far it is and stops within one long evaluation', async () => {
    const one = {
      ...SMALL,
      workload: LONG.workload,
      phase: 'training',
      model: 'simulated',
      dram: 'HBM2',
      parameters: { 'bitsPerCycle.psum': [128] },
      constraints: [],
    };
    const folder = newFolder();
    const says = '0 of 2 evaluations \\(simulated on HBM2\\), [1-9]\\d* %, about .* left';
    const path = temporaryFile('sweep.json', one);
    const ended = startSystole({ at: { stderr: says }, happens: INTERRUPT }, 'sweep', path, '-o', folder).ended;
    expect((await ended).status).toBe(130);
    expect((await ended).stderr).toMatch(INTERRUPTED);
    expect(readdirSync(folder)).toEqual(['journal.jsonl']);
  });
});

describe('a sweep whose files somebody touches while it is at work', () => {
  /** Lets a sweep stand still in the middle, does something to its folder, and lets it go on to its end. */
  async function disturb(change: (folder: string) => void) {
    const folder = newFolder();
    const goOn = join(temporaryFolder(), 'go-on');
    const sweeping = begin(folder, 500, { waitFor: goOn });
    while (bytesOf(journalOf(folder)).length < 500) await setTimeout(5);
    change(folder);
    writeFileSync(goOn, '');
    return { folder, ...(await sweeping.ended) };
  }

  it('ends with its results where the journal was deleted, and says so', async () => {
    const { folder, status, stderr } = await disturb((at) => rmSync(journalOf(at)));
    expect([status, filesOf(folder)]).toEqual([0, filesOf(alone)]);
    expect(stderr).toContain('journal.jsonl was deleted while the sweep was at work; its results are whole');
  });

  it("ends with its results where the journal is now another's, and leaves that", async () => {
    const { folder, status, stderr } = await disturb((at) => {
      rmSync(journalOf(at));
      writeFileSync(journalOf(at), "another's");
    });
    expect([status, readFileSync(journalOf(folder), 'utf8')]).toEqual([0, "another's"]);
    rmSync(journalOf(folder));
    expect(filesOf(folder)).toEqual(filesOf(alone));
    expect(stderr).toContain("journal.jsonl is not this sweep's any more and stays");
  });

  it('ends with one message where the folder is gone', async () => {
    const { folder, status, stderr } = await disturb((at) => rmSync(at, { recursive: true }));
    expect([status, existsSync(folder)]).toEqual([2, false]);
    expect(stderr).toMatch(/\nsystole: --output: got .*ENOENT: no such file or directory\)\n$/);
  });

  it('ends with one message where another sweep has taken the folder away', async () => {
    const { folder, status, stderr } = await disturb((at) => {
      const lock = join(at, 'sweep.lock');
      const [holder] = readFileSync(lock, 'utf8').split('\n');
      rmSync(lock);
      writeFileSync(lock, JSON.stringify({ ...JSON.parse(holder!), process: 7, token: 'another' }));
    });
    expect([status, readdirSync(folder).sort()]).toEqual([2, ['journal.jsonl', 'sweep.lock']]);
    expect(stderr).toMatch(/\nsystole: .*sweep.lock: expected the lock of this sweep; it is that of process 7, .*\n$/);
  });
});

describe('two sweeps in one folder', () => {
  it('are refused, and the first is not disturbed', async () => {
    const folder = newFolder();
    const goOn = join(temporaryFolder(), 'go-on');
    const first = begin(folder, 500, { waitFor: goOn }); // at work for as long as the second takes
    while (bytesOf(journalOf(folder)).length < 500) await setTimeout(5);
    const second = finish(spec, folder);
    writeFileSync(goOn, '');
    expect(second.status).toBe(2);
    expect(second.stderr).toBe(
      `systole: --output: got ${JSON.stringify(folder)}, expected a folder in which no other sweep is at work ` +
        `(process ${first.pid} is, by ${join(folder, 'sweep.lock')})\n`,
    );
    expect((await first.ended).status).toBe(0);
    expect(filesOf(folder)).toEqual(filesOf(alone));
  });

  it('are refused where they differ, also after the first was killed', async () => {
    const folder = newFolder();
    await begin(folder, 500, KILL).ended;
    const { status, stderr } = finish(temporaryFile('other.json', SMALL), folder);
    expect(status).toBe(2);
    expect(stderr).toContain('journal.jsonl: expected the journal of this sweep; it is that of another');
  });
});
