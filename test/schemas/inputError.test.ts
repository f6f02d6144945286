import { describe, expect, it } from 'vitest';
import { parseHardware } from '../../src/model/schemas/hardware.ts';
import { InputError } from '../../src/model/schemas/inputError.ts';
import { printable, printableJson, printableLines, shortened } from '../../src/model/schemas/printable.ts';
import { hardwarePreset } from '../support/presets.ts';

const wordsOf = (value: unknown): string =>
  new InputError({ file: 'my.json', path: 'a', value, expected: 'b' }).message.slice(
    'my.json: a: got '.length,
    -', expected b'.length,
  );

describe('text of a file', () => {
  it.each([
    ['x\u001b]0;title\u0007\u001b[2J\nforged row', 'x\\u001b]0;title\\u0007\\u001b[2J\\nforged row'],
    ['\u009b31m', '\\u009b31m'], // one character that is ESC [
    ['a\u202eb', 'a\\u202eb'], // the rest of the line from right to left
    ['\u2028\u2029\ufeff\u200b', '\\u2028\\u2029\\ufeff\\u200b'],
    ['\ud800', '\\ud800'],
    ['\u{e0001}', '\\udb40\\udc01'],
    ['J×K, 形, 😀', 'J×K, 形, 😀'],
  ])('%j is shown as %s', (text, shown) => {
    expect(printable(text)).toBe(shown);
  });

  it('of several lines keeps its line ends alone', () => {
    expect(printableLines('a\r\n\u001bb\n')).toBe('a\\r\n\\u001bb\n');
  });

  it('in JSON means the same when it is printable', () => {
    const value = { 'k\u009b': ['\u007f\u202e\u{e0001}\ud800\n', 'é'] };
    const json = printableJson(JSON.stringify(value));
    expect(json).toMatch(/^[\x20-\x7eé]+$/);
    expect(JSON.parse(json)).toEqual(value);
  });

  it('is cut in the middle, between characters', () => {
    expect(shortened('abcdefghij', 10)).toBe('abcdefghij');
    expect(shortened('abcdefghij', 5)).toBe('ab…ij');
    expect(shortened('a😀😀😀z', 4)).toBe('a…z'); // 2 + 1 UTF-16 units would cut two of the faces
  });
});

describe('a message', () => {
  it('shows a value as JSON as far as it fits', () => {
    expect(wordsOf({ from: 1, to: [true, null, 'x'] })).toBe('{"from":1,"to":[true,null,"x"]}');
    expect(wordsOf({ kh: undefined, kw: 3 })).toBe('{"kw":3}');
    expect(wordsOf(Number.POSITIVE_INFINITY)).toBe('Infinity');
    expect(wordsOf([Number.POSITIVE_INFINITY])).toBe('[Infinity]');
    expect(wordsOf('x'.repeat(1000))).toBe(`"${'x'.repeat(30)}…${'x'.repeat(29)}"`);
    expect(wordsOf(Array.from({ length: 1000 }, () => 1))).toMatch(/^\[(1,){29}1,?…$/);
  });

  it('does not look at more of a value than it shows', () => {
    const deep = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`) as unknown;
    expect(wordsOf(deep)).toBe('[[[[[[[[[…]]]]]]]]]');
  });

  it('is one line, whatever the file holds', () => {
    const { message } = new InputError({
      file: 'a\nb.json',
      path: 'layers[0]',
      layer: '\u001b[2J\nx',
      value: 'c\nd',
      expected: 'one of e\nf',
    });
    expect(message).toBe('a\\nb.json: layers[0]: got "c\\nd", expected one of e\\nf (layer \\u001b[2J\\nx)');
  });

  it('tells all that is wrong, a line each, but not a thousand lines', () => {
    const { name: _, ...nameless } = hardwarePreset('HI1');
    const file = { ...nameless, array: { rows: 0, columns: '16' }, 'a\nsystole: all is well': 1 };
    expect(() => parseHardware(file, 'my.json')).toThrow(
      [
        'my.json: name: expected a value of type string (it is missing)',
        'my.json: array.rows: got 0, expected a number > 0',
        'my.json: array.columns: got "16", expected a value of type number',
        'my.json: "a\\nsystole: all is well": got 1, expected no such field',
      ].join('\n'),
    );
    const many = Object.fromEntries(Array.from({ length: 1000 }, (_, place) => [`x${place}`, 1]));
    const { message } = catching(() => parseHardware({ ...hardwarePreset('HI1'), ...many }, 'my.json'));
    expect(message.split('\n')).toHaveLength(21);
    expect(message).toContain('\n… and 980 more');
  });

  it('tells but one thing of a file of another kind', () => {
    const { message } = catching(() => parseHardware({ name: 'net', input: {}, layers: [], edges: [] }, 'my.json'));
    expect(message).toBe('my.json: array: expected a value of type object (it is missing)');
  });

  it('names every SRAM that is too small', () => {
    const { sramKiB, ...rest } = hardwarePreset('HI1');
    // The smallest valid WBuf is 4.5 KiB, the smallest IBuf 2 · 16 · 225 · 8 bits = 7.03125 KiB.
    const small = { ...rest, sramKiB: { ...sramKiB, wbuf: 4, ibuf: 7 } };
    const { message } = catching(() => parseHardware(small, 'my.json'));
    expect(message.split('\n').map((line) => line.slice(0, 56))).toEqual(
      [
        'my.json: sramKiB.wbuf: got 4, expected at least 4.5 KiB (',
        'my.json: sramKiB.ibuf: got 7, expected at least 7.03125 K',
      ].map((line) => line.slice(0, 56)),
    );
  });

  it('says that a name is empty', () => {
    expect(() => parseHardware({ ...hardwarePreset('HI1'), name: '' }, 'my.json')).toThrow(
      'my.json: name: got "", expected a text that is not empty',
    );
  });
});

function catching(action: () => unknown): Error {
  try {
    action();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}
