/** Random choices of the verification's cases. All come from the generator that is passed in. */
import type seedrandom from 'seedrandom';

/** A whole number between `from` and `to`, both included. */
export function integer(random: seedrandom.PRNG, from: number, to: number): number {
  return from + Math.floor(random() * (to - from + 1));
}

/** One of the items. */
export function choose<Item>(random: seedrandom.PRNG, items: readonly Item[]): Item {
  return items[integer(random, 0, items.length - 1)]!;
}

/** The items in random order (Fisher and Yates). */
export function shuffled<Item>(random: seedrandom.PRNG, items: readonly Item[]): Item[] {
  const order = [...items];
  for (let last = order.length - 1; last > 0; last--) {
    const other = integer(random, 0, last);
    [order[last], order[other]] = [order[other]!, order[last]!];
  }
  return order;
}
