/** Values kept under lists of numbers: what is known of a layer, under all that tells it from others but its name. */

interface Entry<Value> {
  readonly key: readonly number[];
  value: Value;
}

/** A map whose keys are lists of numbers, compared number by number. */
export class ByNumbers<Value> {
  /** By a number that few different keys share. */
  private readonly byFingerprint = new Map<number, Entry<Value>[]>();

  /** The value of a key; undefined where there is none. */
  get(key: readonly number[]): Value | undefined {
    return this.entry(key)?.value;
  }

  /** Keeps a value under a key, in place of any before. The key must not change any more. */
  set(key: readonly number[], value: Value): void {
    const entry = this.entry(key);
    if (entry !== undefined) {
      entry.value = value;
      return;
    }
    const print = fingerprint(key);
    const others = this.byFingerprint.get(print);
    if (others === undefined) this.byFingerprint.set(print, [{ key, value }]);
    else others.push({ key, value });
  }

  private entry(key: readonly number[]): Entry<Value> | undefined {
    return this.byFingerprint.get(fingerprint(key))?.find((entry) => areEqual(entry.key, key));
  }
}

function fingerprint(numbers: readonly number[]): number {
  let print = 0;
  for (let place = 0; place < numbers.length; place++) print = (Math.imul(print, 31) + numbers[place]!) | 0;
  return print;
}

function areEqual(a: readonly number[], b: readonly number[]): boolean {
  if (a.length !== b.length) return false;
  for (let place = 0; place < a.length; place++) if (a[place] !== b[place]) return false;
  return true;
}

/** All numbers and truth values of a record, at any depth, in the order of its fields; none of nothing. */
export function numbersIn(record: object | undefined): number[] {
  const numbers: number[] = [];
  for (const value of Object.values(record ?? {}) as unknown[]) {
    if (typeof value === 'object' && value !== null) numbers.push(...numbersIn(value));
    else numbers.push(Number(value));
  }
  return numbers;
}
