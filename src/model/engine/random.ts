/** Draws from a seedrandom generator, for random cases that the same seed gives again. */
import type seedrandom from 'seedrandom';

/** A whole number from `from` to `to`, both included. */
export function integer(random: seedrandom.PRNG, from: number, to: number): number {
  return from + Math.floor(random() * (to - from + 1));
}

/** One of the items, which must not be empty. */
export function choose<T>(random: seedrandom.PRNG, items: readonly T[]): T {
  return items[integer(random, 0, items.length - 1)]!;
}

/** The items in random order (Fisher–Yates); the given array stays as it is. */
export function shuffled<T>(random: seedrandom.PRNG, items: readonly T[]): T[] {
  const result = [...items];
  for (let last = result.length - 1; last > 0; last--) {
    const other = integer(random, 0, last);
    [result[last], result[other]] = [result[other]!, result[last]!];
  }
  return result;
}
