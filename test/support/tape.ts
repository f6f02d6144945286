/** Numbers that remember what they were computed from: gradients without a formula for any of them. */

/** A number and the slopes of it along those that it was computed from. */
export class Traced {
  private static made = 0;
  readonly value: number;
  readonly from: readonly (readonly [Traced, number])[];
  readonly order = Traced.made++;
  /** The gradient, once it has been traced back. */
  gradient = 0;

  constructor(value: number, from: readonly (readonly [Traced, number])[] = []) {
    this.value = value;
    this.from = from;
  }
}

export const constant = (value: number): Traced => new Traced(value);
export const add = (a: Traced, b: Traced): Traced =>
  new Traced(a.value + b.value, [
    [a, 1],
    [b, 1],
  ]);
export const sub = (a: Traced, b: Traced): Traced =>
  new Traced(a.value - b.value, [
    [a, 1],
    [b, -1],
  ]);
export const mul = (a: Traced, b: Traced): Traced =>
  new Traced(a.value * b.value, [
    [a, b.value],
    [b, a.value],
  ]);
export const div = (a: Traced, b: Traced): Traced =>
  new Traced(a.value / b.value, [
    [a, 1 / b.value],
    [b, -a.value / b.value ** 2],
  ]);
export const exp = (a: Traced): Traced => new Traced(Math.exp(a.value), [[a, Math.exp(a.value)]]);
export const tanh = (a: Traced): Traced => new Traced(Math.tanh(a.value), [[a, 1 - Math.tanh(a.value) ** 2]]);
export const sqrt = (a: Traced): Traced => new Traced(Math.sqrt(a.value), [[a, 0.5 / Math.sqrt(a.value)]]);
export const larger = (a: Traced, b: Traced): Traced => (a.value > b.value ? a : b);
export const smaller = (a: Traced, b: Traced): Traced => (a.value < b.value ? a : b);
export const sum = (terms: readonly Traced[]): Traced => terms.reduce(add, constant(0));
export const scaled = (a: Traced, factor: number): Traced => mul(a, constant(factor));

/** Adds the gradients of Σ output · slope to all that the outputs were computed from. */
export function traceBack(outputs: readonly Traced[], slopes: ArrayLike<number>): void {
  const reached = new Set<Traced>();
  const waiting = [...outputs];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (reached.has(next)) continue;
    reached.add(next);
    for (const [source] of next.from) waiting.push(source);
  }
  outputs.forEach((output, place) => {
    output.gradient += slopes[place]!;
  });
  for (const each of [...reached].sort((a, b) => b.order - a.order)) {
    for (const [source, slope] of each.from) source.gradient += slope * each.gradient;
  }
}
