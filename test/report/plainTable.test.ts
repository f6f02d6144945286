/** Tables in the room that there is. */
import fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { type Column, lists, names, numbers, sentences } from '../../src/views/report/columnFit.ts';
import { plainTable, type Row, tableLines } from '../../src/views/report/plainTable.ts';

const COLUMNS = [names('layer'), numbers('simulated\ncycles'), lists('why')];

describe('a table with room for all', () => {
  it('pads cells to the widest of their column, numbers on the left, and ends each line with text', () => {
    const rows = [
      ['conv1', '1,234', ''],
      ['a longer name', '5', 'weights'],
    ];
    expect(plainTable(COLUMNS, rows, 80)).toBe(
      [
        'layer          simulated  why',
        '                  cycles',
        'conv1              1,234',
        'a longer name          5  weights',
      ].join('\n'),
    );
  });

  it('counts the columns that a terminal gives to wide characters', () => {
    const rows = [
      ['畳み', '1'],
      ['conv', '2'],
    ];
    expect(plainTable([names('n'), numbers('x')], rows, 80)).toBe(['n     x', '畳み  1', 'conv  2'].join('\n'));
  });

  it('walks its rows twice and keeps none', () => {
    let walks = 0;
    const rows = {
      *[Symbol.iterator]() {
        walks++;
        for (let row = 0; row < 3; row++) yield [`layer${row}`, String(row), ''];
      },
    };
    const lines = [...tableLines(COLUMNS, rows, 80)].filter((line) => line !== '');
    expect([walks, lines.length]).toEqual([2, 5]);
  });
});

describe('a table without room for all', () => {
  it('shows as many items of a list as fit, then leaves out the middle of names', () => {
    // Whole it takes 5 + 2 + 1 + 2 + 12 columns.
    const columns = [names('layer'), numbers('n'), lists('causes')];
    const rows = [['conv1', '1', 'aa, bb, cccc']];
    const cells = (room: number): string => plainTable(columns, rows, room).split('\n')[1]!;
    expect(cells(22)).toBe('conv1  1  aa, bb, cccc');
    expect(cells(21)).toBe('conv1  1  aa, bb …');
    expect(cells(17)).toBe('conv1  1  aa …');
    const name = [['the-first-layer-of-all-layers', '1', 'aa']];
    // The name may take 24 of 29 columns: 12 of its beginning, 11 of its end.
    expect(plainTable(columns, name, 35).split('\n')[1]).toBe('the-first-la…-all-layers  1  aa');
  });

  it('lets sentences go on in further lines of their row', () => {
    const columns = [numbers('n'), sentences('note')];
    const rows = [
      ['1', 'one two three four five six seven'],
      ['2', 'eight'],
    ];
    expect(plainTable(columns, rows, 27)).toBe(
      ['n  note', '1  one two three four five', '   six seven', '2  eight'].join('\n'),
    );
  });

  it('leaves out the columns that go first, and says which and what room all of them need', () => {
    const columns = [names('layer'), numbers('a', 2), numbers('b'), numbers('c', 1), numbers('d', 3)];
    const rows = [['conv1', '1111', '2222', '3333', '4444']];
    // 5 + 4 · (2 + 4) = 29; without d 23, without a 17, without c 11.
    const shown = (room: number): string[] => plainTable(columns, rows, room).split('\n');
    expect(shown(29)).toEqual(['layer     a     b     c     d', 'conv1  1111  2222  3333  4444']);
    expect(shown(28).slice(0, 2)).toEqual(['layer     a     b     c', 'conv1  1111  2222  3333']);
    expect(shown(28).slice(2).join(' ')).toBe('(no room for: d; with   COLUMNS=29 there is)');
    expect(shown(17).slice(0, 2)).toEqual(['layer     b     c', 'conv1  2222  3333']);
    expect(shown(12).slice(0, 2)).toEqual(['layer     b', 'conv1  2222']);
  });

  it('goes on below with the columns that must stay, the first of all repeated', () => {
    const columns = [names('layer'), numbers('a'), numbers('b'), numbers('c')];
    expect(plainTable(columns, [['conv1', '1111', '2222', '3333']], 17)).toBe(
      ['layer     a     b', 'conv1  1111  2222', '', 'layer     c', 'conv1  3333'].join('\n'),
    );
  });

  it('is never wider than the room, whatever it holds, and cuts no number', () => {
    const cell: Readonly<Record<Column['holds'], fc.Arbitrary<string>>> = {
      numbers: fc.nat({ max: 1e12 }).map(String),
      names: fc.string({ unit: 'grapheme', maxLength: 60 }),
      lists: fc.array(fc.stringMatching(/^[a-z]{1,9}$/), { maxLength: 6 }).map((items) => items.join(', ')),
      sentences: fc.array(fc.stringMatching(/^[a-z]{1,9}$/), { maxLength: 12 }).map((words) => words.join(' ')),
    };
    const holds = fc.constantFrom('numbers', 'names', 'lists', 'sentences') as fc.Arbitrary<Column['holds']>;
    const column = fc.record(
      { title: fc.stringMatching(/^[a-z]{1,9}$/), holds, goes: fc.nat({ max: 9 }) },
      { requiredKeys: ['title', 'holds'] },
    );
    const tables = fc
      .array(column, { minLength: 1, maxLength: 9 })
      .chain((columns) =>
        fc.tuple(fc.constant(columns), fc.array(fc.tuple(...columns.map((each) => cell[each.holds])))),
      );
    fc.assert(
      fc.property(tables, fc.integer({ min: 50, max: 120 }), ([columns, rows], room) => {
        const text = plainTable(columns, rows as Row[], room);
        for (const line of text.split('\n')) expect(stringWidth(line)).toBeLessThanOrEqual(room);
        for (const [place, { holds: held, goes }] of columns.entries()) {
          if (held !== 'numbers' || goes !== undefined) continue;
          for (const row of rows as Row[]) expect(text).toContain(row[place]);
        }
      }),
    );
  });
});
