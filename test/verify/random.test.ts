import seedrandom from 'seedrandom';
import { expect, it } from 'vitest';
import { choose, integer, shuffled } from '../../src/model/engine/random.ts';

const random = seedrandom.alea('draws');
const draws = <T>(draw: () => T): T[] => Array.from({ length: 400 }, draw);

it('draws every whole number of a range, both ends included, and nothing else', () => {
  expect(new Set(draws(() => integer(random, -1, 2)))).toEqual(new Set([-1, 0, 1, 2]));
  expect(new Set(draws(() => integer(random, 3, 3)))).toEqual(new Set([3]));
});

it('chooses every item', () => {
  expect(new Set(draws(() => choose(random, ['a', 'b', 'c'])))).toEqual(new Set(['a', 'b', 'c']));
});

it('shuffles into every order and leaves the given array alone', () => {
  const items = [1, 2, 3];
  expect(new Set(draws(() => shuffled(random, items).join(''))).size).toBe(6);
  expect(items).toEqual([1, 2, 3]);
});

it('gives the same draws for the same seed', () => {
  const firstDraws = (seed: string): number[] => {
    const seeded = seedrandom.alea(seed);
    return draws(() => integer(seeded, 0, 1_000_000));
  };
  expect(firstDraws('a')).toEqual(firstDraws('a'));
  expect(firstDraws('a')).not.toEqual(firstDraws('b'));
});
