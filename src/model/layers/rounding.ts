/** Integer rounding that the hardware model needs everywhere. */

/** ⌈a / b⌉. */
export function ceilDiv(a: number, b: number): number {
  return Math.ceil(a / b);
}

/** The smallest multiple of `unit` that is ≥ `value`. */
export function roundUpTo(value: number, unit: number): number {
  return Math.ceil(value / unit) * unit;
}

/** ⌈above / below⌉ of whole numbers up to 2⁵³ − 1, of the exact quotient. */
function ceilExactly(above: number, below: number): number {
  // That of doubles may have been rounded to the whole number below it, or above: products tell.
  const near = Math.round(above / below);
  return near * below < above ? near + 1 : near;
}

/**
 * ⌈Π numerators / Π denominators⌉ of whole numbers, of the exact quotient: 155 · 46.8 is 7254, though floating point
 * says a little more (MODEL.md §3).
 */
export function ceilQuotient(numerators: readonly number[], denominators: readonly number[]): number {
  let above = 1;
  let below = 1;
  for (const numerator of numerators) above *= numerator;
  for (const denominator of denominators) below *= denominator;
  if (above <= Number.MAX_SAFE_INTEGER && below <= Number.MAX_SAFE_INTEGER) return ceilExactly(above, below);
  const product = (factors: readonly number[]): bigint =>
    factors.reduce((result, factor) => result * BigInt(factor), 1n);
  const [exactAbove, exactBelow] = [product(numerators), product(denominators)];
  return Number((exactAbove + exactBelow - 1n) / exactBelow);
}
