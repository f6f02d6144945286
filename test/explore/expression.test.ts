import { describe, expect, it } from 'vitest';
import { compileExpression } from '../../src/explore/expression.ts';

const point = { 'a.x': 6, b: 4, phase: 'training' } as Record<string, number | string>;
const compile = (text: string) =>
  compileExpression<typeof point>(text, (name) => (name in point ? (at) => at[name]! : undefined));

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
  ])('%s is refused', (text, message) => {
    expect(() =>
      compileExpression(text, (name) => (Object.hasOwn(point, name) ? () => point[name]! : undefined)),
    ).toThrow(message);
  });
});
