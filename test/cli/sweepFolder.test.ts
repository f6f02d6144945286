import { spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { claimFolder } from '../../src/doors/cli/sweep/folder.ts';
import { type Holder, thisProcess } from '../../src/doors/cli/sweep/holder.ts';
import type { CostRecord } from '../../src/doors/cli/sweep/jobs.ts';
import { openJournal } from '../../src/doors/cli/sweep/journal.ts';
import { takeLock } from '../../src/doors/cli/sweep/lock.ts';
import { temporaryFolder } from '../support/cli.ts';

describe('the folder of a sweep', () => {
  it.each(['journal.jsonl', 'points.csv', 'points.parquet', 'result.json', 'sweep.lock'])(
    'is refused where %s is a folder in it',
    async (name) => {
      const folder = temporaryFolder();
      mkdirSync(join(folder, name));
      await expect(claimFolder(folder)).rejects.toThrow(`${join(folder, name)}: expected a file or nothing`);
      expect(readdirSync(folder)).toEqual([name]);
    },
  );

  it('is locked while somebody works in it', async () => {
    const folder = temporaryFolder();
    const { release } = await claimFolder(folder);
    await expect(claimFolder(folder)).rejects.toThrow(
      `expected a folder in which no other sweep is at work (process ${process.pid} is, by ${join(folder, 'sweep.lock')})`,
    );
    expect(readdirSync(folder)).toEqual(['sweep.lock']);
    release();
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('the lock of a sweep', () => {
  const newPath = (): string => join(temporaryFolder(), 'sweep.lock');
  const MILLISECONDS_BETWEEN_BEATS = 5;
  const take = (path: string) => takeLock(path, 'folder', MILLISECONDS_BETWEEN_BEATS);
  const here = thisProcess();
  const { pid: gone } = spawnSync(process.execPath, ['--version']);
  /** Out of this process's sight: in a container with numbers of its own, which has the number of this process too. */
  const elsewhere: Holder = { ...here, host: 'elsewhere', numbers: 'others', token: 'another' };

  it.each([
    ['is gone', { ...here, process: gone }],
    ['had the number of one that began later', { ...here, process: process.ppid }],
    ['had the number of this one', { ...here, start: '1' }],
    ['is on another host and no longer changes it', elsewhere],
    ['ran before the system was started again', { ...here, boot: 'before' }],
    ['was killed before it wrote who it is', undefined],
  ])('is taken over where the process that has it %s', async (_, holder) => {
    const path = newPath();
    writeFileSync(path, holder === undefined ? '' : `${JSON.stringify(holder)}\n           3\n`);
    const { release } = await take(path);
    const [holds] = readFileSync(path, 'utf8').split('\n');
    expect(JSON.parse(holds!)).toMatchObject({ process: process.pid, start: here.start });
    release();
    expect(existsSync(path)).toBe(false);
  });

  it('is left to a process on another host that still changes it', async () => {
    const path = newPath();
    writeFileSync(path, `${JSON.stringify(elsewhere)}\n`);
    const beats = setInterval(() => appendFileSync(path, '.'), MILLISECONDS_BETWEEN_BEATS);
    await expect(take(path)).rejects.toThrow(`(process ${process.pid} on elsewhere is, by ${path})`);
    clearInterval(beats);
    expect(readFileSync(path, 'utf8')).toContain('elsewhere');
  });

  it('changes for as long as it is held, and is made again if it was deleted', async () => {
    const path = newPath();
    const { check, release } = await take(path);
    const before = readFileSync(path, 'utf8');
    check();
    expect(readFileSync(path, 'utf8')).not.toBe(before);
    rmSync(path);
    check();
    expect(readFileSync(path, 'utf8').split('\n')[0]).toBe(before.split('\n')[0]);
    release();
    expect(existsSync(path)).toBe(false);
  });

  it('is given up to who has taken it away, and stays', async () => {
    const path = newPath();
    const { check, release } = await take(path);
    rmSync(path);
    const others = `${JSON.stringify(elsewhere)}\n`;
    writeFileSync(path, others);
    expect(check).toThrow(
      `${path}: expected the lock of this sweep; it is that of process ${process.pid} on elsewhere`,
    );
    release();
    expect(readFileSync(path, 'utf8')).toBe(others);
  });
});

describe('the journal of a sweep', () => {
  const record = (key: number): CostRecord => ({
    model: 'simulated',
    part: 'SA',
    keys: [key],
    costs: [{ cycles: 10 * key, joules: 0, seconds: 0 }],
  });
  const newPath = (): string => join(temporaryFolder(), 'journal.jsonl');
  const open = (path: string, fingerprint = 'mine') => {
    const journal = openJournal(path, fingerprint, () => {});
    journal.close();
    return journal.records;
  };

  /** A journal with two records. */
  function written(): string {
    const path = newPath();
    const journal = openJournal(path, 'mine', () => {});
    for (const key of [1, 2]) journal.append(record(key));
    journal.close();
    return path;
  }

  it('gives back what was written', () => {
    expect(open(written())).toEqual([record(1), record(2)]);
  });

  it('gives back the whole lines wherever it is cut off, and goes on from there', () => {
    const whole = readFileSync(written());
    const ends = [...whole.keys()].filter((place) => whole[place] === '\n'.charCodeAt(0));
    for (let length = 0; length <= whole.length; length++) {
      const path = newPath();
      writeFileSync(path, whole.subarray(0, length));
      const lines = ends.filter((end) => end < length).length;
      const journal = openJournal(path, 'mine', () => {});
      expect(journal.records).toEqual([record(1), record(2)].slice(0, Math.max(0, lines - 1)));
      journal.append(record(3));
      journal.close();
      expect(open(path)).toEqual([...journal.records, record(3)]);
    }
  });

  it('ends at a line whose checksum is wrong', () => {
    const path = written();
    appendFileSync(path, `00000000 ${JSON.stringify(record(3))}\n`);
    expect(open(path)).toEqual([record(1), record(2)]);
  });

  it('is refused by another sweep', () => {
    const path = written();
    expect(() => open(path, 'another')).toThrow(
      'journal.jsonl: expected the journal of this sweep; it is that of another',
    );
    expect(open(path)).toHaveLength(2);
  });

  // The checksum of `{}` is right: it is a record, but not one that begins a journal.
  it.each(['{"mine":1}\n', 'x', '\n', 'a3a6bf43 {}\n'])('is not taken for one: %j', (text) => {
    const path = newPath();
    writeFileSync(path, text);
    expect(() => open(path)).toThrow('journal.jsonl: expected the journal of a sweep or nothing');
    expect(readFileSync(path, 'utf8')).toBe(text);
  });
});
