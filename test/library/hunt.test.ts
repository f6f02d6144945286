import { expect, it } from 'vitest';
import { formulaOf, hunt } from '../../src/doors/library/index.ts';

/** One multiply-accumulate per PE and cycle. */
const peak = formulaOf({
  name: 'peak',
  evaluate: ({ unit, sizes }, { array }) =>
    unit === 'SA' ? Object.values(sizes).reduce((all, size) => all * size) / (array.rows * array.columns) : undefined,
});
const options = { operations: ['gemm', 'relu'], cases: 40, assume: 'paper' } as const;

it('hunts a formula that is code, and tells how far it is', async () => {
  const texts: string[] = [];
  const { found, operations, version } = await hunt(peak, { ...options, onProgress: ({ text }) => texts.push(text) });
  // A single multiply-accumulate: weight and bias 2, compute 1, store 1.
  expect([found?.formula, found?.machine, found?.error]).toEqual([1, 4, -0.75]);
  // It says nothing of the SIMD array.
  expect(operations.map(({ operation, cases, worst }) => [operation, cases > 0, worst !== undefined])).toEqual([
    ['gemm', true, true],
    ['relu', false, false],
  ]);
  expect(version).toMatch(/^\d/);
  expect(texts.at(-1)).toBe('done');
});

it.each([
  [{ cases: 0 }, 'options: cases: got 0'],
  [{ tolerancePercent: -1 }, 'options: tolerancePercent: got -1'],
  [{ operations: ['relo'] }, 'options: operations: got "relo"'],
  [{ column: 'stallCycles' }, 'column: got "stallCycles", expected a column that peak gives: cycles'],
  [{ assume: 'prefetch' as const }, 'options: assume: got "prefetch"'],
  [{ bounds: { name: 'x', numbers: { OC: 0 } } }, 'bounds: numbers.OC: got 0'],
])('refuses %j', async (given, message) => {
  await expect(hunt(peak, { ...options, ...given })).rejects.toThrow(message);
});
