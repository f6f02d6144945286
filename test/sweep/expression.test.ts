import { describe, expect, it } from 'vitest';
import { compileExpression } from '../../src/studies/sweep/expression.ts';

const point: Record<string, number | string> = { 'a.x': 6, b: 4, phase: 'training' };
const compile = (text: string) =>
  compileExpression<typeof point>(text, (name) =>
    Object.hasOwn(point, name)
      ? { type: typeof point[name] === 'string' ? 'string' : 'number', read: (at) => at[name]! }
      : undefined,
  );

describe('an expression', () => {
  it.each([
    ['a.x + b * 2', 14],
    ['(a.x + b) * 2', 20],
    ['a.x / b - 1', 0.5],
    ['a.x % b', 2],
    ['-b + 1', -3],
    ['min(a.x, b) + max(1, 2, 3)', 7],
    ['log2(b) + floor(2.5) + ceil(2.5) + abs(-1)', 8],
    ['a.x > b ? 1 : 2', 1],
    ['a.x == 6 && b != 6', true],
    ['a.x < b || b >= 5', false],
    ["!(phase == 'training')", false],
    ['a.x <= 6', true],
  ])('%s is %s', (text, value) => {
    expect(compile(text).evaluate(point)).toBe(value);
    expect(compile(text).type).toBe(typeof value);
  });

  it.each([
    ['1 <= b <= 5', true], // 4 lies between them
    ['1 <= b <= 3', false], // `true <= 3` would hold
    ['5 <= b <= 9', false], // `false <= 9` would hold
    ['9 > a.x > b >= 4', true],
    ['9 > a.x > b > 4', false],
    ['b < a.x == 6', true],
    ['6 == a.x < b', false],
    ['b + 1 < a.x <= 2 * b - 2', true],
    ['1 <= b <= 5 && 7 <= a.x <= 9', false],
    ['!(1 <= b <= 3)', true],
  ])('chains comparisons: %s is %s', (text, value) => {
    expect(compile(text).evaluate(point)).toBe(value);
  });

  it('takes what stands in parentheses as one truth', () => {
    // As a chain, b < a.x and a.x == 7 would have to hold.
    expect(compile('(b < a.x) == (7 < 8)').evaluate(point)).toBe(true);
    expect(() => compile('(1 <= b) <= 5')).toThrow('<= takes a number, not a relation');
  });

  it('names what it reads', () => {
    expect(compile('a.x * a.x <= b').names).toEqual(['a.x', 'a.x', 'b']);
  });

  it.each([
    ['c + 1', 'there is no c'],
    ['a.x +', 'Expected expression'],
    ['a.x b', 'one expression is expected'],
    ['a["x"] > 1', 'names look like sramKiB.wbuf'],
    ['constructor(1)', 'constructor() is not known'],
    ['process.exit(1)', 'process.exit() is not known'],
    ['toString', 'there is no toString'],
    ['b ^ 2', '^ is not known'],
    ['true', 'true is neither a number nor a string'],
    ['', 'one expression is expected'],
    ['()', 'one expression is expected'],
    ['log2()', 'log2() takes 1 value, not 0'],
    ['log2(b, 2)', 'log2() takes 1 value, not 2'],
    ['max() > 1', 'max() takes at least 1 value, not 0'],
  ])('%s is refused', (text, message) => {
    expect(() => compile(text)).toThrow(message);
  });

  it.each([
    ['phase * 2 > 1', '* takes a number, not a string'],
    ['phase <= 3', '<= takes a number, not a string'],
    ["phase < 'x'", '< takes a number, not a string'],
    ['phase == 3', '== compares a string with a number'],
    ["b != 'training'", '!= compares a number with a string'],
    ['b && a.x > 1', '&& takes a relation, not a number'],
    ['!b', '! takes a relation, not a number'],
    ['-phase', '- takes a number, not a string'],
    ['(b > 1) + 1', '+ takes a number, not a relation'],
    ["min(b, 'x')", 'min() takes a number, not a string'],
    ['b ? 1 : 2', '? takes a relation, not a number'],
    ['b > 1 ? 1 : phase', '? : chooses between a number and a string'],
  ])('%s is refused for its types', (text, message) => {
    expect(() => compile(text)).toThrow(message);
  });
});
