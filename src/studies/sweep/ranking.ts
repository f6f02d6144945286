/** The best of many points, the points that nothing beats, and how well two rankings agree. */

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

/** Ranks from 1; equal values share the mean of their ranks. */
export function ranks(values: readonly number[]): number[] {
  const order = values.map((_, place) => place).sort((a, b) => values[a]! - values[b]!);
  const ranked = new Array<number>(values.length);
  for (let from = 0; from < order.length; ) {
    let to = from;
    while (to < order.length && values[order[to]!] === values[order[from]!]) to++;
    for (let place = from; place < to; place++) ranked[order[place]!] = (from + 1 + to) / 2;
    from = to;
  }
  return ranked;
}

/** Spearman's ρ: the correlation of the ranks. NaN where one side does not vary. */
export function spearman(a: readonly number[], b: readonly number[]): number {
  const [x, y] = [ranks(a), ranks(b)];
  const mean = (a.length + 1) / 2;
  const product = (u: readonly number[], v: readonly number[]): number =>
    u.reduce((sum, value, place) => sum + (value - mean) * (v[place]! - mean), 0);
  return product(x, y) / Math.sqrt(product(x, x) * product(y, y));
}

/** Kendall's τ-b: pairs in the same order less pairs in opposite order, ties accounted for. NaN where one side does not vary. */
export function kendall(a: readonly number[], b: readonly number[]): number {
  let agreement = 0;
  let untiedInA = 0;
  let untiedInB = 0;
  for (let i = 0; i < a.length; i++) {
    for (let j = 0; j < i; j++) {
      const [x, y] = [Math.sign(a[i]! - a[j]!), Math.sign(b[i]! - b[j]!)];
      agreement += x * y;
      untiedInA += Math.abs(x);
      untiedInB += Math.abs(y);
    }
  }
  return agreement / Math.sqrt(untiedInA * untiedInB);
}
