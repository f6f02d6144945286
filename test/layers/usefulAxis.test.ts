import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { usefulInWindows } from '../../src/model/layers/usefulAxis.ts';
import { sample } from '../support/arbitraries.ts';

describe('elements of an axis in windows', () => {
  it('are those of an image behind its padding', () => {
    // Seven rows behind one of zeros, windows of three rows from rows 0, 2, 4, 6: two, three, three, two rows.
    const axis = { from: 1, step: 1, count: 7 };
    expect([0, 2, 4, 6].map((first) => usefulInWindows(axis, first, 1, 3))).toEqual([2, 3, 3, 2]);
    expect(usefulInWindows(axis, 0, 2, 3, 4)).toBe(10);
  });

  it('are not the zeros of a dilation', () => {
    // Elements at 2, 4, 6; windows 0–3, 1–4, …, 4–7 hold one, two, two, two, one.
    expect(usefulInWindows({ from: 2, step: 2, count: 3 }, 0, 1, 4, 5)).toBe(1 + 2 + 2 + 2 + 2);
  });

  it('are counted as if one by one', () => {
    const axis = fc.record({
      from: fc.integer({ min: -6, max: 12 }),
      step: fc.integer({ min: 1, max: 5 }),
      count: fc.integer({ min: 0, max: 12 }),
    });
    const windows = fc.record({
      first: fc.integer({ min: 0, max: 10 }),
      pitch: fc.integer({ min: 1, max: 7 }),
      length: fc.integer({ min: 1, max: 9 }),
      count: fc.integer({ min: 1, max: 12 }),
    });
    fc.assert(
      fc.property(axis, windows, (where, { first, pitch, length, count }) => {
        let expected = 0;
        for (let window = 0; window < count; window++) {
          for (let place = 0; place < where.count; place++) {
            const offset = where.from + place * where.step - (first + window * pitch);
            if (offset >= 0 && offset < length) expected++;
          }
        }
        expect(usefulInWindows(where, first, pitch, length, count)).toBe(expected);
      }),
      sample(1000),
    );
  });

  it('are exact for millions of windows', () => {
    // Every second of 2·10^7 positions in windows of two: one element in each.
    const axis = { from: 0, step: 2, count: 1e7 };
    expect(usefulInWindows(axis, 0, 2, 2, 1e7)).toBe(1e7);
  });
});
