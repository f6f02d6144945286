/** Results in pieces say what they would say in one. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csvPieces } from '../../src/views/report/csvPieces.ts';
import { jsonPieces } from '../../src/views/report/jsonPieces.ts';
import { plainTable, tableLines } from '../../src/views/report/plainTable.ts';

describe('JSON in pieces', () => {
  it('is what JSON.stringify lays out', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 6 })), (result) => {
        expect([...jsonPieces(result)].join('')).toBe(`${JSON.stringify(result, null, 2)}\n`);
      }),
    );
  });

  it('leaves out what is undefined', () => {
    const result = { a: undefined, b: [undefined, { c: undefined, d: 1 }], e: {}, f: [] };
    expect([...jsonPieces(result)].join('')).toBe(`${JSON.stringify(result, null, 2)}\n`);
  });

  it('lays out what is there twice each time where it is', () => {
    const same = { x: [1, 2] };
    const result = { same, layers: [{ same, deep: { same } }, { same }] };
    expect([...jsonPieces(result)].join('')).toBe(`${JSON.stringify(result, null, 2)}\n`);
  });

  it('has no piece that holds more than one entry of a list', () => {
    const layers = Array.from({ length: 1000 }, (_, place) => ({ name: `layer${place}`, cycles: place }));
    const longest = Math.max(...[...jsonPieces({ layers })].map(({ length }) => length));
    expect(longest).toBeLessThan(40);
  });
});

describe('a table', () => {
  const HEADER = ['layer', 'simulated\ncycles', 'why'];

  it('pads cells to the widest of their column, numbers on the left, and ends each line with text', () => {
    const rows = [
      ['conv1', '1,234', ''],
      ['a longer name', '5', 'weights'],
    ];
    expect(plainTable(HEADER, rows, ['layer', 'why'])).toBe(
      [
        'layer          simulated  why',
        '                  cycles',
        'conv1              1,234',
        'a longer name          5  weights',
      ].join('\n'),
    );
  });

  it('counts the columns that a terminal gives to wide characters', () => {
    expect(
      plainTable(
        ['n', 'x'],
        [
          ['畳み', '1'],
          ['conv', '2'],
        ],
        ['n'],
      ),
    ).toBe(['n     x', '畳み  1', 'conv  2'].join('\n'));
  });

  it('walks its rows twice and keeps none', () => {
    let walks = 0;
    const rows = {
      *[Symbol.iterator]() {
        walks++;
        for (let row = 0; row < 3; row++) yield [`layer${row}`, String(row), ''];
      },
    };
    const lines = [...tableLines(HEADER, rows, [])].filter((line) => line !== '');
    expect([walks, lines.length]).toEqual([2, 5]);
  });
});

describe('CSV in pieces', () => {
  it('has one header and every row, however many pieces it takes', () => {
    const rows = Array.from({ length: 1000 }, (_, place) => ({ layer: `layer,${place}`, 'waiting.ifmap': place }));
    const lines = rows.map(({ layer }, place) => `"${layer}",,${place}`);
    expect([...csvPieces(['layer', 'op', 'waiting.ifmap'], rows)].join('')).toBe(
      ['layer,op,waiting.ifmap', ...lines, ''].join('\n'),
    );
  });
});
