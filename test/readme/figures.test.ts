/** Every figure that the README states is what the command prints, and no number stands there that nothing checks. */
import { describe, expect, it } from 'vitest';
import { CONSTANTS } from './constants.ts';
import { FIGURES } from './figures.ts';
import { numbersInProse, placesOf, README, type Stretch, writtenLike } from './prose.ts';

const runsLong = process.env['SYSTOLE_VERIFY'] === '1';

describe('what the README says', () => {
  it.each(FIGURES.map((figures) => [figures.text, figures] as const))('stands there: %s', (text) => {
    expect(placesOf(text).length).toBe(1);
  });

  it.each(
    FIGURES.filter(({ isLong }) => isLong !== true || runsLong).map((figures) => [figures.text, figures] as const),
  )('is so: %s', (text, { are }) => {
    const [place] = placesOf(text);
    const figures = are();
    const written = Object.fromEntries([...place!.numbers].map(([name, number]) => [name, number.text]));
    expect(Object.keys(figures).sort()).toEqual(Object.keys(written).sort());
    const expected = Object.entries(figures).map(([name, value]) => [name, writtenLike(value, written[name]!)]);
    expect(written).toEqual(Object.fromEntries(expected));
  });
});

describe('the numbers in the README', () => {
  const stretches = (texts: readonly string[]): Stretch[] =>
    texts.flatMap((text) => placesOf(text).map(({ at }) => at));

  it('are figures, or constants with a reason', () => {
    const known = stretches([...FIGURES, ...CONSTANTS].map(({ text }) => text));
    const unknown = numbersInProse().filter(({ from, to }) => !known.some((at) => at.from <= from && to <= at.to));
    expect(unknown.map(({ from, to }) => README.slice(from - 30, to + 20))).toEqual([]);
  });

  it('are not all constants: each of those stands there', () => {
    expect(CONSTANTS.filter(({ text }) => placesOf(text).length === 0)).toEqual([]);
  });
});

describe('a figure', () => {
  it.each([
    [4677068, '4,677,068', '4,677,068'],
    [4677068.4, '4,677,000', '4,677,068'],
    [5.6049, '+5.6', '+5.6'],
    [-1.66, '−1.7', '−1.7'],
    [-1.66, '+1.7', '−1.7'],
    [1.142857, '1.14', '1.14'],
    [1024, '1024', '1024'],
    [59.96, '60.0', '60.0'],
  ])('%d is written like %s: %s', (value, like, written) => {
    expect(writtenLike(value, like)).toBe(written);
  });
});
