import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { startSystole, systole, temporaryFile, temporaryFolder } from '../support/cli.ts';
import { filesOf, LONG, ONE_THREAD, SMALL } from '../support/sweep.ts';

/** 8 and 2 evaluations of all points, those around the best, and five by another model. */
const SWEPT = { ...SMALL, workload: LONG.workload, model: 'simulated' };
const spec = temporaryFile('sweep.json', { ...SWEPT, rerank: { top: 5, model: 'closed-form' } });
const newFolder = (): string => join(temporaryFolder(), 'out');
const shard = (i: number, n: number, folder: string) =>
  systole('sweep', spec, '--shard', `${i}/${n}`, '-o', folder, ...ONE_THREAD);
const merge = (folder: string, ...journals: string[]) => systole('sweep', 'merge', spec, ...journals, '-o', folder);

let alone: ReturnType<typeof filesOf>;
beforeAll(() => {
  const folder = newFolder();
  expect(systole('sweep', spec, '-o', folder, ...ONE_THREAD).status).toBe(0);
  alone = filesOf(folder);
});

describe('a sweep in shards', () => {
  it('comes to the same bytes once all are merged, in two rounds', () => {
    const folder = newFolder();
    const said = [1, 2, 3].map((i) => shard(i, 3, folder).stdout);
    // 8 jobs of the systolic array and 2 of the SIMD array: 1, 4, 7, 10; 2, 5, 8; 3, 6, 9.
    expect(said.map((text) => /all \d+ of its evaluations are there, of \d+ in all; \d+ are/.exec(text)?.[0])).toEqual([
      'all 4 of its evaluations are there, of 10 in all; 6 are',
      'all 3 of its evaluations are there, of 10 in all; 3 are',
      // The last finds all points known, and goes on to what the search asks for next.
      expect.stringMatching(/^all \d+ of its evaluations are there, of \d\d in all; \d+ are/),
    ]);
    const { status, stderr } = merge(folder);
    expect(status).toBe(2);
    expect(stderr).toMatch(
      /expected all \d+ evaluations; \d+ are missing, of shards? [12-]+ of 3: `systole sweep .* --shard /,
    );
    for (const i of [1, 2]) shard(i, 3, folder);
    expect(merge(folder).status).toBe(0);
    expect(filesOf(folder)).toEqual(alone);
  });

  it('says which shard is missing, and the command that it says fills it', () => {
    const folder = newFolder();
    for (const i of [1, 3]) shard(i, 3, folder);
    const { status, stdout, stderr } = merge(folder);
    expect([status, stdout]).toEqual([2, '']);
    const [, fill, here] = /shard 2 of 3: `systole (.*?)`; or all of them here: `systole (.*?)`/.exec(stderr)!;
    expect(stderr).toContain(`${folder}: expected all 10 evaluations; 3 are missing, of shard 2 of 3`);
    expect(readdirSync(folder).sort()).toEqual(['journal.1-of-3.jsonl', 'journal.3-of-3.jsonl']);
    expect(systole(...fill!.split(' ')).status).toBe(0);
    // What the last shard leaves to be done is done by the other command.
    expect(systole(...here!.split(' ')).status).toBe(0);
    expect(filesOf(folder)).toEqual(alone);
  });

  it('says what is changed in the file, too', () => {
    const folder = newFolder();
    const changed = ['--set', 'sramKiB.wbuf=32,64', '--set', 'workload=alexnet'];
    systole('sweep', spec, '-o', folder, '--shard', '1/2', ...changed);
    const { stderr } = systole('sweep', 'merge', spec, '-o', folder, ...changed);
    const [, ...commands] = /shard 2 of 2: `systole (.*?)`; or all of them here: `systole (.*?)`/.exec(stderr)!;
    for (const command of commands) expect(command).toContain(`sweep ${spec} ${changed.join(' ')} `);
  });

  it('merges journals from other folders, and leaves them there', () => {
    const folders = [newFolder(), newFolder()];
    const [first, second] = folders as [string, string];
    shard(1, 2, first);
    shard(2, 2, second);
    const journal = join(second, 'journal.2-of-2.jsonl');
    // The second round, with what the other has made.
    copyFileSync(journal, join(first, 'journal.2-of-2.jsonl'));
    shard(1, 2, first);
    copyFileSync(join(first, 'journal.1-of-2.jsonl'), join(second, 'journal.1-of-2.jsonl'));
    shard(2, 2, second);
    const results = newFolder();
    mkdirSync(results);
    expect(merge(results, journal, join(first, 'journal.1-of-2.jsonl')).status).toBe(0);
    expect(filesOf(results)).toEqual(alone);
    expect(readdirSync(second)).toContain('journal.2-of-2.jsonl');
  });

  it('goes on where a shard was killed', async () => {
    const folder = newFolder();
    const killed = { at: { file: 'journal.2-of-2.jsonl', bytes: 300 }, happens: { signal: 'SIGKILL' } } as const;
    const ended = await startSystole(killed, 'sweep', spec, '--shard', '2/2', '-o', folder).ended;
    expect(ended.signal).toBe('SIGKILL');
    expect(merge(folder).stderr).toMatch(/10 evaluations; \d+ are missing, of shards 1-2 of 2/);
    shard(1, 2, folder);
    shard(2, 2, folder);
    shard(1, 2, folder);
    expect(merge(folder).status).toBe(0);
    expect(filesOf(folder)).toEqual(alone);
  });

  it('refuses the journals of another sweep, of none, and what is no shard', () => {
    const folder = newFolder();
    shard(1, 2, folder);
    const other = temporaryFile('other.json', SWEPT);
    expect(systole('sweep', 'merge', other, '-o', folder).stderr).toContain('expected the journal of this sweep');
    writeFileSync(join(folder, 'journal.2-of-2.jsonl'), 'no journal');
    expect(merge(folder).stderr).toContain('expected the journal of a sweep or nothing');
    rmSync(join(folder, 'journal.2-of-2.jsonl'));
    expect(merge(folder, 'nowhere.jsonl').stderr).toContain('nowhere.jsonl: expected a journal that can be read');
    for (const wrong of ['0/2', '3/2', '2', 'a/b', '1/0', '1/1000000']) {
      expect([wrong, systole('sweep', spec, '--shard', wrong).status]).toEqual([wrong, 2]);
    }
    expect(systole('sweep', spec, '--shard', '1/2', '--format', 'json').stderr).toContain('changes nothing');
    expect(systole('sweep', 'merge', spec, '-o', newFolder()).stderr).toContain('the folder in which the shards are');
    expect(readFileSync(join(folder, 'journal.1-of-2.jsonl'), 'utf8')).toContain('"sweep"');
  });
});
