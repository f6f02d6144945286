import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MOST_LEVELS, parseJsonText } from '../../src/model/schemas/jsonText.ts';

const faultOf = (text: string): string => {
  const parsed = parseJsonText(text);
  if ('value' in parsed) throw new Error(`no fault in ${text}`);
  const { line, column, what } = parsed.fault;
  return `${line}:${column} ${what}`;
};

describe('JSON text', () => {
  it('is read as the engine reads it', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        // fast-check's objects may have the one key that is refused.
        fc.pre(!text.includes('__proto__'));
        expect(parseJsonText(text)).toEqual({ value: JSON.parse(text) });
      }),
    );
  });

  it('may begin with a byte order mark', () => {
    expect(parseJsonText('\ufeff{"a": 1}')).toEqual({ value: { a: 1 } });
  });

  it('may hold brackets, quotes, colons and backslashes in strings', () => {
    const value = { 'a:"[{\\': ['\\', '"', ':::', '\\"', { b: '}]' }] };
    expect(parseJsonText(JSON.stringify(value))).toEqual({ value });
  });

  it.each([
    ['{"a": 1, "b": {"a": 2, "a": 3}}', '1:24 the key "a" a second time'],
    ['[{"a": 1},\n {"a": 1, "\\u0061": 2}]', '2:11 the key "a" a second time'],
    ['{"__proto__": {}}', '1:2 the key "__proto__", which no object has'],
    ['{"a": {"\\u005f_proto__": 1}}', '1:8 the key "__proto__", which no object has'],
    ['', '1:1 it ends where a value is missing'],
    ['{"a": 1', '1:8 it ends where a comma or } is missing'],
    ['[1 2]', '1:4 2 where a comma or ] is expected'],
    ['[1,]', '1:4 ] where a value is expected'],
    ['{"a": 1,}', '1:9 } where a key in double quotes is expected'],
    ['{a: 1}', '1:2 a where a key in double quotes is expected'],
    ['{"a" 1}', '1:6 1 where a colon is expected'],
    ['{"a": NaN}', '1:7 NaN is no value'],
    ['[01]', '1:3 1 where a comma or ] is expected'],
    ['{} {}', '1:4 { where the end is expected'],
    ['{"a":\u001b}', '1:6 \\u001b where a value is expected'],
    ['["a\u0007"]', '1:4 the character \\u0007 in a string, where it is to be escaped'],
    ['["\\x"]', '1:3 a backslash that escapes nothing'],
    ['["a', '1:2 a string that does not end'],
    ['[\n\n  1,\n  x]', '4:3 x is no value'],
    [
      `{"${'k'.repeat(100)}": 1, "${'k'.repeat(100)}": 2}`,
      `1:109 the key "${'k'.repeat(20)}…${'k'.repeat(19)}" a second time`,
    ],
  ])('%s is refused, with the place', (text, message) => {
    expect(faultOf(text)).toBe(message);
  });

  it('may nest only so deep, whatever follows', () => {
    const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);
    expect(parseJsonText(nested(MOST_LEVELS))).toHaveProperty('value');
    const message = '1:201 more than 200 brackets inside one another';
    expect(faultOf(nested(MOST_LEVELS + 1))).toBe(message);
    expect(faultOf('['.repeat(1_000_000))).toBe(message);
    // Alternating kinds of brackets count together.
    expect(faultOf('{"a":['.repeat(101))).toContain('more than 200 brackets');
  });

  it('has a fault that is found wherever the engine finds one', () => {
    const json = fc.json().filter((text) => !text.includes('__proto__'));
    const damaged = fc.tuple(json, fc.nat(), fc.constantFrom('"', '\\', '{', ']', ',', ':', 'e', '-', '\u0000'));
    fc.assert(
      fc.property(damaged, ([text, at, character]) => {
        const place = at % (text.length + 1);
        const changed = text.slice(0, place) + character + text.slice(place);
        let isJson = true;
        try {
          JSON.parse(changed);
        } catch {
          isJson = false;
        }
        if (!isJson) expect(faultOf(changed)).not.toContain('cannot be read');
      }),
    );
  });
});
