/** The requests that a channel holds, in typed arrays: no object per access. */

/** There is no such request. */
export const NONE = -1;

/** What is known of each request, by its place in the table. */
export class RequestTable {
  readonly access: Int32Array;
  readonly bank: Int32Array;
  readonly row: Int32Array;
  /** The caller's, given back when the data is scheduled. */
  readonly source: Uint16Array;
  readonly tag: Int32Array;
  /** Cycle of acceptance. */
  readonly arrival: Float64Array;
  /** Order of acceptance: the older a request, the smaller. */
  readonly sequence: Float64Array;
  readonly isWrite: Uint8Array;
  /** The next younger request of the same bank and queue. */
  readonly next: Int32Array;
  private readonly free: Int32Array;
  private freeCount: number;
  private accepted = 0;

  constructor(capacity: number) {
    this.access = new Int32Array(capacity);
    this.bank = new Int32Array(capacity);
    this.row = new Int32Array(capacity);
    this.source = new Uint16Array(capacity);
    this.tag = new Int32Array(capacity);
    this.arrival = new Float64Array(capacity);
    this.sequence = new Float64Array(capacity);
    this.isWrite = new Uint8Array(capacity);
    this.next = new Int32Array(capacity);
    this.free = Int32Array.from({ length: capacity }, (_, place) => place);
    this.freeCount = capacity;
  }

  /** The place of the request accepted next. */
  accept(
    isWrite: boolean,
    access: number,
    bank: number,
    row: number,
    source: number,
    tag: number,
    cycle: number,
  ): number {
    const place = this.free[--this.freeCount]!;
    this.access[place] = access;
    this.bank[place] = bank;
    this.row[place] = row;
    this.source[place] = source;
    this.tag[place] = tag;
    this.arrival[place] = cycle;
    this.sequence[place] = this.accepted++;
    this.isWrite[place] = isWrite ? 1 : 0;
    return place;
  }

  release(place: number): void {
    this.free[this.freeCount++] = place;
  }
}
