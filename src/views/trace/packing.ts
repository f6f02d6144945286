/** Numbers as bytes, small ones short: seven bits a byte, the highest bit says that more follow. */

const INITIAL_BYTES = 1 << 12;
/** Bytes of the largest safe integer, of either sign. */
export const MOST_NUMBER_BYTES = 8;

/** Collects whole numbers. */
export class PackedNumbers {
  length = 0;
  private bytes = new Uint8Array(INITIAL_BYTES);

  /** Adds a whole number ≥ 0. */
  add(value: number): void {
    if (this.length + MOST_NUMBER_BYTES > this.bytes.length) {
      const longer = new Uint8Array(2 * this.bytes.length);
      longer.set(this.bytes);
      this.bytes = longer;
    }
    let rest = value;
    for (; rest >= 128; rest = Math.floor(rest / 128)) this.bytes[this.length++] = (rest % 128) + 128;
    this.bytes[this.length++] = rest;
  }

  /** Adds a whole number of either sign. */
  addSigned(value: number): void {
    this.add(value < 0 ? -2 * value - 1 : 2 * value);
  }

  /** The bytes so far; starts anew. */
  take(): Uint8Array {
    const taken = this.bytes.slice(0, this.length);
    this.length = 0;
    return taken;
  }

  /** The bytes so far behind some numbers of their own, a piece that says what it holds; starts anew. */
  takeBehind(...numbers: number[]): Uint8Array {
    const head = new PackedNumbers();
    for (const number of numbers) head.add(number);
    const [first, rest] = [head.take(), this.take()];
    const piece = new Uint8Array(first.length + rest.length);
    piece.set(first);
    piece.set(rest, first.length);
    return piece;
  }
}

/** Reads what PackedNumbers has written, number by number. */
export class NumberReader {
  private place = 0;
  private readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  isAtEnd(): boolean {
    return this.place === this.bytes.length;
  }

  next(): number {
    // Most numbers take one or two bytes.
    const first = this.bytes[this.place++]!;
    if (first < 128) return first;
    const second = this.bytes[this.place++]!;
    if (second < 128) return first - 128 + (second << 7);
    let value = first - 128 + ((second - 128) << 7);
    let unit = 1 << 14;
    for (;;) {
      const byte = this.bytes[this.place++]!;
      if (byte < 128) return value + byte * unit;
      value += (byte - 128) * unit;
      unit *= 128;
    }
  }

  nextSigned(): number {
    const value = this.next();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }
}
