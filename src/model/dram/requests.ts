/** The requests that a channel holds, in typed arrays: no object per access. */

/** There is no such request. */
export const NONE = -1;

/** What is known of each request, by its place in the table. */
export class RequestTable {
  readonly access: Float64Array;
  readonly bank: Int32Array;
  readonly row: Int32Array;
  /** The caller's, given back when the data is scheduled. */
  readonly tag: Float64Array;
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
    this.access = new Float64Array(capacity);
    this.bank = new Int32Array(capacity);
    this.row = new Int32Array(capacity);
    this.tag = new Float64Array(capacity);
    this.arrival = new Float64Array(capacity);
    this.sequence = new Float64Array(capacity);
    this.isWrite = new Uint8Array(capacity);
    this.next = new Int32Array(capacity);
    this.free = Int32Array.from({ length: capacity }, (_, place) => place);
    this.freeCount = capacity;
  }

  /** A free place for the request accepted next. */
  accept(): number {
    const place = this.free[--this.freeCount]!;
    this.sequence[place] = this.accepted++;
    return place;
  }

  release(place: number): void {
    this.free[this.freeCount++] = place;
  }
}

/**
 * The read or the write queue of a channel. Requests of one bank that hit its open row are alike but for their age,
 * and so are those that miss it: only the oldest of each can be the next to be served, so only these are looked at.
 */
export class RequestQueue {
  length = 0;
  /** Per bank: the oldest request for its open row, and the oldest for another (any, while it is closed). */
  readonly oldestHit: Int32Array;
  readonly oldestMiss: Int32Array;
  /** The banks that have such requests, a bit each. */
  hitBanks = 0;
  missBanks = 0;
  private readonly oldest: Int32Array;
  private readonly youngest: Int32Array;
  private readonly capacity: number;
  private readonly table: RequestTable;
  private readonly openRow: Int32Array;

  /** `openRow`: the row that each bank holds open. */
  constructor(capacity: number, table: RequestTable, openRow: Int32Array) {
    this.capacity = capacity;
    this.table = table;
    this.openRow = openRow;
    const perBank = (): Int32Array => new Int32Array(openRow.length).fill(NONE);
    this.oldestHit = perBank();
    this.oldestMiss = perBank();
    this.oldest = perBank();
    this.youngest = perBank();
  }

  isFull(): boolean {
    return this.length === this.capacity;
  }

  /** Adds a request accepted after all others. */
  add(place: number): void {
    const { table } = this;
    const bank = table.bank[place]!;
    table.next[place] = NONE;
    if (this.oldest[bank] === NONE) this.oldest[bank] = place;
    else table.next[this.youngest[bank]!] = place;
    this.youngest[bank] = place;
    this.length++;
    if (this.openRow[bank] === table.row[place]) {
      if (this.oldestHit[bank] === NONE) this.setOldestHit(bank, place);
    } else if (this.oldestMiss[bank] === NONE) this.setOldestMiss(bank, place);
  }

  /** Takes out a request. */
  remove(place: number): void {
    const { table } = this;
    const bank = table.bank[place]!;
    const next = table.next[place]!;
    let before = NONE;
    for (let at = this.oldest[bank]!; at !== place; at = table.next[at]!) before = at;
    if (before === NONE) this.oldest[bank] = next;
    else table.next[before] = next;
    if (next === NONE) this.youngest[bank] = before;
    this.length--;
    // What is younger and alike comes next in its stead.
    const row = this.openRow[bank]!;
    const isHit = row === table.row[place];
    let successor = next;
    while (successor !== NONE && (table.row[successor] === row) !== isHit) successor = table.next[successor]!;
    if (isHit) {
      if (this.oldestHit[bank] === place) this.setOldestHit(bank, successor);
    } else if (this.oldestMiss[bank] === place) this.setOldestMiss(bank, successor);
  }

  /** The bank's row has been opened or closed. */
  rowChanged(bank: number): void {
    const { table } = this;
    const row = this.openRow[bank]!;
    let hit = NONE;
    let miss = NONE;
    for (let at = this.oldest[bank]!; at !== NONE && (hit === NONE || miss === NONE); at = table.next[at]!) {
      if (table.row[at] === row) {
        if (hit === NONE) hit = at;
      } else if (miss === NONE) miss = at;
    }
    this.setOldestHit(bank, hit);
    this.setOldestMiss(bank, miss);
  }

  /** Whether a request for this access waits. */
  holds(access: number, bank: number): boolean {
    for (let at = this.oldest[bank]!; at !== NONE; at = this.table.next[at]!) {
      if (this.table.access[at] === access) return true;
    }
    return false;
  }

  private setOldestHit(bank: number, place: number): void {
    this.oldestHit[bank] = place;
    this.hitBanks = place === NONE ? this.hitBanks & ~(1 << bank) : this.hitBanks | (1 << bank);
  }

  private setOldestMiss(bank: number, place: number): void {
    this.oldestMiss[bank] = place;
    this.missBanks = place === NONE ? this.missBanks & ~(1 << bank) : this.missBanks | (1 << bank);
  }
}
