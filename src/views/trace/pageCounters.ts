/** Samples of counters inside the page, packed: most of them are one more or one less than the one before. */
import { NumberReader, PackedNumbers } from './packing.ts';
import type { Spans } from './pageData.ts';

/** How a sample differs from the one before; the cycles since then are packed into the same number. */
const CHANGES = { oneMore: 0, oneLess: 1, any: 2 } as const;
const CHANGE_COUNT = 3;

/** Packs the samples of one counter, whole numbers. */
export class SamplePacker {
  /** Samples since the last piece. */
  count = 0;
  private readonly counter: number;
  private readonly numbers = new PackedNumbers();
  private cycle = 0;
  private value = 0;

  /** `counter`: its place in the head's list. */
  constructor(counter: number) {
    this.counter = counter;
  }

  /** From `cycle` on, which is no earlier than the last one given, the value is this. */
  add(cycle: number, value: number): void {
    const { numbers } = this;
    const change = value - this.value;
    const kind = change === 1 ? CHANGES.oneMore : change === -1 ? CHANGES.oneLess : CHANGES.any;
    numbers.add((cycle - this.cycle) * CHANGE_COUNT + kind);
    if (kind === CHANGES.any) numbers.addSigned(change);
    this.cycle = cycle;
    this.value = value;
    this.count++;
  }

  /** Bytes since the last piece. */
  get bytes(): number {
    return this.numbers.length;
  }

  /** The samples since the last piece: counter and count, then the samples. */
  take(): Uint8Array {
    const piece = this.numbers.takeBehind(this.counter, this.count);
    this.count = 0;
    return piece;
  }
}

/**
 * The spans in which a counter is not 0, from the pieces of all counters in the order in which they were packed. How
 * long a value lasts is known from the next sample only: where a trace breaks off the last one is left out.
 */
export function unpackCounter(counter: number, all: readonly Uint8Array[]): Spans {
  const pieces = all
    .map((piece) => new NumberReader(piece))
    .map((reader) => ({ counter: reader.next(), count: reader.next(), reader }))
    .filter((piece) => piece.counter === counter);
  const most = pieces.reduce((sum, piece) => sum + piece.count, 0);
  const [starts, ends, bits] = [new Float64Array(most), new Float64Array(most), new Float64Array(most)];
  let [count, cycle, value] = [0, 0, 0];
  for (const { reader } of pieces) {
    while (!reader.isAtEnd()) {
      const number = reader.next();
      const next = cycle + Math.floor(number / CHANGE_COUNT);
      if (value !== 0) {
        starts[count] = cycle;
        ends[count] = next;
        bits[count++] = value;
      }
      cycle = next;
      value += changeOf(number % CHANGE_COUNT, reader);
    }
  }
  return { count, starts: starts.subarray(0, count), ends: ends.subarray(0, count), bits: bits.subarray(0, count) };
}

function changeOf(kind: number, reader: NumberReader): number {
  if (kind === CHANGES.any) return reader.nextSigned();
  return kind === CHANGES.oneMore ? 1 : -1;
}
