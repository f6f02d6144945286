import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ceilQuotient } from '../../src/model/layers/rounding.ts';

const exactly = (above: number, below: number): number => Number((BigInt(above) + BigInt(below) - 1n) / BigInt(below));

it('rounds the exact quotient up, however near it is to a whole number', () => {
  // A little under, at and over a multiple, of which doubles cannot tell the quotients apart.
  const nearMultiples = fc
    .tuple(fc.integer({ min: 1, max: 2 ** 27 }), fc.integer({ min: 1, max: 2 ** 25 }), fc.integer({ min: -2, max: 2 }))
    .map(([below, times, off]) => [Math.max(1, below * times + off), below] as const);
  const any = fc.tuple(fc.maxSafeNat(), fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }));
  fc.assert(
    fc.property(fc.oneof(nearMultiples, any), ([above, below]) => {
      expect(ceilQuotient([above], [below])).toBe(exactly(above, below));
    }),
    { numRuns: 2000 },
  );
});

it('multiplies beyond 2⁵³ before it divides', () => {
  expect(ceilQuotient([2 ** 40 + 1, 2 ** 40], [2 ** 40])).toBe(2 ** 40 + 1);
  expect(ceilQuotient([2 ** 40, 2 ** 40, 3], [2 ** 41, 2 ** 38])).toBe(6);
});
