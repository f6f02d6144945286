import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { claimFolder } from '../../src/doors/cli/sweep/folder.ts';
import { type CostRecord, openJournal } from '../../src/doors/cli/sweep/journal.ts';
import { temporaryFolder } from '../support/cli.ts';

describe('the folder of a sweep', () => {
  it.each(['journal.jsonl', 'points.csv', 'points.parquet', 'result.json', 'sweep.lock'])(
    'is refused where %s is a folder in it',
    (name) => {
      const folder = temporaryFolder();
      mkdirSync(join(folder, name));
      expect(() => claimFolder(folder)).toThrow(`${join(folder, name)}: expected a file or nothing`);
      expect(readdirSync(folder)).toEqual([name]);
    },
  );

  it('is locked while somebody works in it', () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'sweep.lock'), String(process.ppid));
    expect(() => claimFolder(folder)).toThrow(
      `expected a folder in which no other sweep is at work (process ${process.ppid} is, by ${join(folder, 'sweep.lock')})`,
    );
    expect(readdirSync(folder)).toEqual(['sweep.lock']);
  });

  const { pid: gone } = spawnSync(process.execPath, ['--version']);
  it.each([
    ['is gone', String(gone)],
    ['had the number of this one', String(process.pid)],
    ['was killed before it wrote its number', ''],
  ])('is taken over where the process that has locked it %s', (_, content) => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'sweep.lock'), content);
    const { release } = claimFolder(folder);
    expect(readFileSync(join(folder, 'sweep.lock'), 'utf8')).toBe(String(process.pid));
    release();
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('the journal of a sweep', () => {
  const record = (key: number): CostRecord => ({
    model: 'simulated',
    unit: 'SA',
    keys: [key],
    costs: [{ cycles: 10 * key, joules: 0, seconds: 0 }],
  });
  const newPath = (): string => join(temporaryFolder(), 'journal.jsonl');
  const open = (path: string, fingerprint = 'mine') => {
    const journal = openJournal(path, fingerprint);
    journal.close();
    return journal.records;
  };

  /** A journal with two records. */
  function written(): string {
    const path = newPath();
    const journal = openJournal(path, 'mine');
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
      const journal = openJournal(path, 'mine');
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
