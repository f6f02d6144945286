/** Results in pieces say what they would say in one. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csvPieces } from '../../src/views/report/csvPieces.ts';
import { jsonPieces } from '../../src/views/report/jsonPieces.ts';

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
    for (const result of [{ layers }, { a: { layers } }, { a: { b: { c: 1 }, layers } }]) {
      const longest = Math.max(...[...jsonPieces(result)].map(({ length }) => length));
      expect(longest).toBeLessThan(2 * JSON.stringify(layers[999], null, 2).length);
    }
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
