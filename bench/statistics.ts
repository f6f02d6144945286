/** What benchmarks say of their measurements. */

/** The values in order. */
export function sorted(values: readonly number[]): number[] {
  return [...values].sort((a, b) => a - b);
}

/** The middle value. */
export function median(values: readonly number[]): number {
  return sorted(values)[values.length >> 1]!;
}

/** Milliseconds that a call takes. */
export function timed(call: () => void): number {
  const start = performance.now();
  call();
  return performance.now() - start;
}
