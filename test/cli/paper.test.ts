import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import type { PaperTarget } from '../../src/studies/paper/target.ts';
import { systole, temporaryFile, temporaryFolder } from '../support/cli.ts';
import { ROUND_ENERGY } from '../support/energy.ts';

describe('systole paper', () => {
  it('prints one target as an object and several as a list', () => {
    const one = JSON.parse(systole('paper', '5', '--format', 'json').stdout) as PaperTarget;
    expect(one.target).toBe('5');
    for (const { name, printed, computed, difference } of one.rows) {
      expect([typeof name, typeof computed]).toEqual(['string', 'number']);
      expect(difference).toBe(printed === null ? null : computed - printed);
    }
    const several = JSON.parse(systole('paper', '5', '5', 'VII', '--format', 'json').stdout) as PaperTarget[];
    expect(several.map(({ target }) => target)).toEqual(['5', 'VII']);
  });

  it.each(['fig5', 'figure-5', 'Figure 5'])('takes %s for figure 5', (name) => {
    expect(systole('paper', name).stdout).toMatch(/^Figure 5: /);
  });

  it('takes vii for table VII', () => {
    expect(systole('paper', 'vii').stdout).toMatch(/^Table VII: ResNet-18/);
  });

  it('says that the fit is a fit, and takes energy data of your own', () => {
    const [fit, mine] = ['fit', temporaryFile('mine.json', ROUND_ENERGY)].map(
      (energy) => JSON.parse(systole('paper', 'VII', '--energy', energy!, '--format', 'json').stdout) as PaperTarget,
    ) as [PaperTarget, PaperTarget];
    expect(fit.notes.join()).toContain('A fit, not measured data');
    expect(mine.notes.join()).toContain('round figures');
    const computed = ({ rows }: PaperTarget, name: string): number => rows.find((row) => row.name === name)!.computed;
    expect(computed(mine, 'HI1 total power, W')).not.toBe(computed(fit, 'HI1 total power, W'));
    expect(computed(mine, 'HI1 non-conv runtime, %')).toBe(computed(fit, 'HI1 non-conv runtime, %'));
  });

  // Groups are stepped tile by tile: that takes its time in training.
  it.runIf(process.env['SYSTOLE_VERIFY'] === '1')(
    'fuses layers where asked: the same accesses on the SA side, and less for the others to do',
    () => {
      const table = (...args: string[]): PaperTarget =>
        JSON.parse(systole('paper', 'VII', '--format', 'json', ...args).stdout) as PaperTarget;
      const [apart, pairs, chains] = [table(), table('--fuse', 'pairs'), table('--fuse', 'chains')];
      expect([apart.fuse, pairs.fuse, chains.fuse]).toEqual([undefined, 'pairs', 'chains']);
      const row = ({ rows }: PaperTarget, name: string) => rows.find((each) => each.name === name)!;
      for (const name of ['HI1 non-conv runtime, %', 'HI3 non-conv off-chip access, %', 'HT3 total runtime, s']) {
        const [first, second, third] = [apart, pairs, chains].map((each) => row(each, name).simulated!);
        expect([name, first! > second!, second! >= third!]).toEqual([name, true, true]);
      }
      // Of chains there is no estimate, of pairs the published tool's.
      const computed = [apart, pairs, chains].map((each) => row(each, 'HI3 total runtime, s').computed);
      expect([computed[2] === computed[0], computed[1]! < computed[0]!]).toEqual([true, true]);
      const file = join(temporaryFolder(), 'all');
      systole('paper', 'VII', '--fuse', 'chains', '-o', file);
      expect(readdirSync(file)).toEqual(['table-VII-chains.csv']);
    },
  );

  it('says in CSV too, of every figure that rests on it', () => {
    const folder = temporaryFolder();
    const { stdout } = systole('paper', 'VII', '--format', 'csv', '-o', folder);
    expect(readFileSync(join(folder, 'table-VII.csv'), 'utf8')).toBe(stdout);
    const rows = parse(stdout, { columns: true }) as { name: string; note: string }[];
    const resting = rows.filter(({ note }) => note.includes('energy data fit: A fit, not measured data'));
    // Power and the share of energy on six hardware points.
    expect(resting).toHaveLength(12);
    for (const { name } of resting) expect(name).toMatch(/ (total power, W|non-conv energy, %)$/);
  });

  it('writes rows as CSV, and what a figure plots when asked for it alone', () => {
    const rows = systole('paper', 'VII', '5', '--format', 'csv').stdout.trim().split('\n');
    expect(rows[0]).toBe('target,name,printed,computed,difference,simulated,note');
    // Six figures on six points, and two estimates in all and in two phases.
    expect(rows).toHaveLength(1 + 36 + 6);
    const data = systole('paper', '5', '--format', 'csv').stdout.trim().split('\n');
    expect(data[0]).toBe(
      'phase,hardware,layer,totalCycles,noStallCycles,simplifiedCycles,noStallUnderestimatePct,simplifiedUnderestimatePct',
    );
    expect(data).toHaveLength(1 + 53 + 159);
  });

  it('writes plots and data into a folder, the same bytes each time', () => {
    const folders = [temporaryFolder(), join(temporaryFolder(), 'new')];
    const texts = folders.map((folder) => {
      expect(systole('paper', '5', 'VII', '12', '-o', folder).status).toBe(0);
      return new Map(readdirSync(folder).map((file) => [file, readFileSync(join(folder, file), 'utf8')]));
    }) as [Map<string, string>, Map<string, string>];
    expect([...texts[0].keys()].sort()).toEqual([
      'figure-12.csv',
      'figure-12a.svg',
      'figure-12b.svg',
      'figure-5.csv',
      'figure-5.svg',
      'table-VII.csv',
    ]);
    expect(texts[0]).toEqual(texts[1]);
    for (const [file, text] of texts[0]) {
      if (file.endsWith('.svg')) expect(text, file).toMatch(/^<svg [^>]*xmlns="http:\/\/www.w3.org\/2000\/svg"/);
    }
    expect(texts[0].get('figure-5.svg')).toContain('layer3.0.conv3 (HI3)');
  });

  it('writes the rows into a file that is named like one, in the format that its name implies', () => {
    const file = join(temporaryFolder(), 'figure-5.json');
    const { status, stdout } = systole('paper', '5', '-o', file);
    expect([status, stdout]).toEqual([0, '']);
    expect((JSON.parse(readFileSync(file, 'utf8')) as PaperTarget).target).toBe('5');
  });

  it.runIf(process.env['SYSTOLE_VERIFY'] === '1')('plots a dot for every point of figure 11', () => {
    const folder = temporaryFolder();
    const { status, stdout } = systole('paper', '11', '--format', 'csv', '-o', folder);
    expect(status).toBe(0);
    expect(readFileSync(join(folder, 'figure-11.csv'), 'utf8')).toBe(stdout);
    const dots = readFileSync(join(folder, 'figure-11.svg'), 'utf8').match(/<circle/g);
    expect(dots).toHaveLength(stdout.trim().split('\n').length - 1);
  });

  it.each([
    [
      'a table that we do not have',
      ['XI'],
      'expected tables VI, VII, VIII, IX, X, figures 5, 11, 12 or networks; got "XI"',
    ],
    [
      'an energy file without a point',
      ['VII', '--energy', temporaryFile('x.json', { ...ROUND_ENERGY, points: [] })],
      'at least 1 entries',
    ],
    ['a figure of fused layers', ['VI', '5', '--fuse', 'pairs'], 'expected tables VI and VII or networks, not 5'],
  ])('%s ends with exit 2 and one message', (_, args, message) => {
    const { status, stdout, stderr } = systole('paper', ...args);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
    expect(stderr).not.toContain('    at ');
  });

  it('refuses a folder that is a file before it computes anything', () => {
    const file = join(temporaryFolder(), 'taken');
    writeFileSync(file, '');
    const { status, stdout, stderr } = systole('paper', 'VII', '-o', file);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain(`--output: got ${JSON.stringify(file)}, expected a folder that can be made`);
    expect(systole('paper', 'VII', '-o', '/proc/systole').stderr).toContain(
      'expected a folder that can be made (ENOENT',
    );
  });
});
