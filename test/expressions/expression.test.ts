import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileExpression, ExpressionError } from '../../src/model/expressions/expression.ts';
import { DEEPEST } from '../../src/model/expressions/syntax.ts';

const point: Record<string, number | string> = { 'a.x': 6, b: 4, phase: 'training' };
const compile = (text: string) =>
  compileExpression<typeof point>(text, {
    read: (name) =>
      Object.hasOwn(point, name)
        ? { type: typeof point[name] === 'string' ? 'string' : 'number', read: (at) => at[name]! }
        : undefined,
    known: Object.keys(point),
  });

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
    ['--b - -b', 8],
    ['!!(b == 4)', true],
    ['2e0 * .5 + 1.', 2],
    ['20 - 3 - 2 * 3 / 2 % 2', 16], // (20 - 3) - (((2 * 3) / 2) % 2)
    ['b == 1 ? 10 : b == 4 ? 20 : 30', 20],
    ['b == 1 ? 10 : b == 3 ? 20 : 30', 30],
    ['if(b > 3, max(b), 0)', 4],
    [String.raw`phase == "train\ing" || phase == 'tr\aining'`, true],
    ['min(1, 2)+(((b)))', 5],
    ['ceil(1.1 * 1.1 * 100)', 121], // in floating point that is 121.00000000000001
    ['floor(0.29 * 100) - 29', 0], // and this 28.999999999999996
    ['ceil(7254.0001) - floor(7254.9999)', 1], // no more than rounding is seen through
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

describe('what is wrong with an expression', () => {
  const faultOf = (text: string): string => {
    try {
      compile(text);
    } catch (error) {
      if (error instanceof ExpressionError) return `${error.character}: ${error.message}`;
      throw error;
    }
    throw new Error(`nothing is wrong with ${text}`);
  };

  it.each([
    ['b + c', '5: there is no c'],
    ['b + phaze', '5: there is no phaze; did you mean phase?'],
    ['b * PHASE', '5: there is no PHASE; did you mean phase?'],
    ['b +', '4: Expected expression after +'],
    ['b + * 2', '5: Expected expression after +'],
    ['(b', '3: ) is missing'],
    ['b)', '2: one expression is expected'],
    ['mni(b, 1)', '1: mni() is not known; did you mean min?'],
    ['min(b 1)', '7: one expression is expected'],
    ['if(b > 1, 2)', '1: if() takes 3 values, not 2'],
    ['b > 1 ? 2', '10: : is missing'],
    ['b + 1e999', '5: 1e999 is too large for a number'],
    ['b + 2x', '5: a name begins with a letter'],
    ["phase == 'x", '10: a text does not end'],
    ['b + \u0007', '5: \u0007 is not known'],
    ['b = 4', '3: = is not known'],
    ['b === 4', '3: === is not known'],
    ['b << 4', '3: << is not known'],
    ['+b', '1: + is not known before an operand'],
    ['b - -!b', '6: ! takes a relation, not a number'],
    ['1 <= b <= phase', '8: <= takes a number, not a string'],
  ])('%j is said with its place: %s', (text, fault) => {
    expect(faultOf(text)).toBe(fault);
  });

  it('is that parentheses go too deep, however many there are', () => {
    const nested = (levels: number): string => `${'('.repeat(levels)}b${')'.repeat(levels)}`;
    expect(compile(nested(DEEPEST)).evaluate(point)).toBe(4);
    expect(faultOf(nested(DEEPEST + 1))).toBe('202: more than 200 parentheses inside one another');
    for (const text of [nested(100_000), 'max('.repeat(100_000), '-!'.repeat(100_000), 'b == 4 ? '.repeat(100_000)]) {
      expect(faultOf(text)).toContain('more than 200 parentheses inside one another');
    }
  });
});

describe('an expression of 20,000 parts', () => {
  const parts = 20_000;
  const row = (operator: string, part = 'b'): string => Array.from({ length: parts }, () => part).join(operator);

  it.each([
    ['a sum', row('+'), 4 * parts],
    ['a difference', row('-'), 4 - 4 * (parts - 1)],
    ['a product', row('*', '1'), 1],
    ['a chain of comparisons', row('<='), true],
    ['conditions that all hold', row('&&', 'b < 5'), true],
    ['conditions of which one holds', `${row('||', 'b > 5')} || b > 3`, true],
    ['signs', `${'-'.repeat(parts)}b`, 4],
    ['negations', `${'!'.repeat(parts + 1)}(b > 5)`, true],
    ['cases', `${'b == 5 ? 1 : '.repeat(parts)}2`, 2],
    ['values of a function', `max(${row(',')})`, 4],
    ['sums in parentheses', row('+', '(b - 1)'), 3 * parts],
  ])('%s has its value', (_, text, value) => {
    expect(compile(text).evaluate(point)).toBe(value);
  });
});

describe('any arithmetic', () => {
  const { expression } = fc.letrec<{ expression: string }>((tie) => ({
    expression: fc.oneof(
      { depthSize: 'medium', withCrossShrink: true },
      fc.nat(9).map(String),
      fc.constantFrom('b', '2.5', '1e1'),
      fc
        .tuple(tie('expression'), fc.constantFrom('+', '-', '*', '/', '%', ' - '), tie('expression'))
        .map(([a, operator, b]) => `${a}${operator === '-' ? ' - ' : operator}${b}`),
      tie('expression').map((inner) => `(${inner})`),
      tie('expression').map((inner) => `(-${inner})`),
      fc.tuple(tie('expression'), tie('expression')).map(([a, b]) => `(${a} < ${b} ? ${b} : ${a})`),
    ),
  }));

  it("is what the language's own says", () => {
    fc.assert(
      fc.property(expression, (text) => {
        const own = new Function('b', `return ${text};`) as (b: number) => number;
        expect(compile(text).evaluate(point)).toBe(own(4));
      }),
    );
  });
});
