/** Integer rounding that the hardware model needs everywhere. */

/** ⌈a / b⌉. */
export function ceilDiv(a: number, b: number): number {
  return Math.ceil(a / b);
}

/** The smallest multiple of `unit` that is ≥ `value`. */
export function roundUpTo(value: number, unit: number): number {
  return Math.ceil(value / unit) * unit;
}
