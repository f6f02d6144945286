/** Ranks of values, and how well two rankings agree. */

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
