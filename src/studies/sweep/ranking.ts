/** The best of many points, and the points that nothing beats. */

/** Something with a place in the lattice, which decides between equals. */
export interface Indexed {
  readonly index: number;
}

/** Keeps the `most` best items offered, by rising value and, among equals, by index. */
export function bestOf<Item extends Indexed>(
  most: number,
  measure: (item: Item) => number,
): { readonly items: readonly Item[]; readonly offer: (item: Item) => void } {
  const items: Item[] = [];
  const values: number[] = [];
  return {
    items,
    offer: (item) => {
      const value = measure(item);
      if (items.length === most && value >= values[most - 1]!) return;
      let place = items.length;
      while (place > 0 && values[place - 1]! > value) place--;
      items.splice(place, 0, item);
      values.splice(place, 0, value);
      if (items.length > most) {
        items.pop();
        values.pop();
      }
    },
  };
}

/** Whether `a` is nowhere worse than `b`. */
function isNoWorse(a: readonly number[], b: readonly number[]): boolean {
  for (let place = 0; place < a.length; place++) {
    if (a[place]! > b[place]!) return false;
  }
  return true;
}

/** Keeps the Pareto front of the items offered, in rising order of index; of items equal in all values, the first. */
export function paretoFront<Item extends Indexed>(
  valuesOf: (item: Item) => readonly number[],
): { readonly front: () => Item[]; readonly offer: (item: Item) => void } {
  let kept: { readonly item: Item; readonly values: readonly number[] }[] = [];
  return {
    front: () => kept.map(({ item }) => item).sort((a, b) => a.index - b.index),
    offer: (item) => {
      const values = valuesOf(item);
      const beating = kept.findIndex((other) => isNoWorse(other.values, values));
      if (beating >= 0) {
        // Whoever beats one point tends to beat its neighbours: it is asked first next time.
        const [winner] = kept.splice(beating, 1);
        kept.unshift(winner!);
        return;
      }
      kept = kept.filter((other) => !isNoWorse(values, other.values));
      kept.push({ item, values });
    },
  };
}
