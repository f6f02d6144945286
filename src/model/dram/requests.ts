/** The requests that a channel holds, in typed arrays: no object per access. */

/** There is no such request. */
export const NONE = -1;
/** No row is open. */
export const CLOSED = -1;

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

/** Some of a channel's banks, in no order. */
export class BankSet {
  length = 0;
  /** The first `length` entries. */
  readonly members: Int32Array;
  private readonly placeOf: Int32Array;

  constructor(banks: number) {
    this.members = new Int32Array(banks);
    this.placeOf = new Int32Array(banks).fill(NONE);
  }

  has(bank: number): boolean {
    return this.placeOf[bank] !== NONE;
  }

  add(bank: number): void {
    if (this.placeOf[bank] !== NONE) return;
    this.placeOf[bank] = this.length;
    this.members[this.length++] = bank;
  }

  remove(bank: number): void {
    const place = this.placeOf[bank]!;
    if (place === NONE) return;
    const last = this.members[--this.length]!;
    this.members[place] = last;
    this.placeOf[last] = place;
    this.placeOf[bank] = NONE;
  }
}

/**
 * The banks that have a request for another row than the open one: those that are closed and wait for an ACT, and those
 * that are open and wait for a PRE.
 */
export class Misses {
  readonly closed: BankSet;
  readonly open: BankSet;
  /**
   * Per bank the first cycle in which its own timing and its group's allow the row command, infinite while a row is kept
   * open, 0 if not known: what has happened since can only have made it later.
   */
  readonly from: Float64Array;
  /** The first of all closed banks and of all open ones, likewise. */
  closedFrom = 0;
  openFrom = 0;

  constructor(banks: number) {
    this.closed = new BankSet(banks);
    this.open = new BankSet(banks);
    this.from = new Float64Array(banks);
  }

  get length(): number {
    return this.closed.length + this.open.length;
  }

  /** The bank, where there is one at most. */
  bankOfOne(): number {
    if (this.closed.length > 0) return this.closed.members[0]!;
    return this.open.length > 0 ? this.open.members[0]! : NONE;
  }

  add(bank: number, isClosed: boolean): void {
    (isClosed ? this.open : this.closed).remove(bank);
    (isClosed ? this.closed : this.open).add(bank);
    this.from[bank] = 0;
    if (isClosed) this.closedFrom = 0;
    else this.openFrom = 0;
  }

  remove(bank: number): void {
    this.closed.remove(bank);
    this.open.remove(bank);
  }

  /** Something that has kept a row open is over. */
  released(bank: number): void {
    this.from[bank] = 0;
    this.openFrom = 0;
  }
}

/** Requests of one access share one of so many counters. */
const FILTER_SIZE = 1024;
const FILTER_MASK = FILTER_SIZE - 1;

/**
 * The read or the write queue of a channel. Requests of one bank that hit its open row are alike but for their age,
 * and so are those that miss it: only the oldest of each can be the next to be served, so only these are looked at.
 */
export class RequestQueue {
  length = 0;
  readonly capacity: number;
  /** Per bank: the oldest request for its open row, and the oldest for another (any, while it is closed). */
  readonly oldestHit: Int32Array;
  readonly oldestMiss: Int32Array;
  /** The banks that have such requests. */
  readonly hits: BankSet;
  readonly misses: Misses;
  private readonly oldest: Int32Array;
  private readonly youngest: Int32Array;
  private readonly table: RequestTable;
  private readonly openRow: Int32Array;
  private readonly isSearched: boolean;
  /** How many requests wait for the accesses that share a counter. */
  private readonly waiting = new Uint16Array(FILTER_SIZE);

  /** `openRow`: the row that each bank holds open. `isSearched`: it may be asked which accesses it holds. */
  constructor(capacity: number, table: RequestTable, openRow: Int32Array, isSearched: boolean) {
    this.isSearched = isSearched;
    this.capacity = capacity;
    this.table = table;
    this.openRow = openRow;
    const perBank = (): Int32Array => new Int32Array(openRow.length).fill(NONE);
    this.oldestHit = perBank();
    this.oldestMiss = perBank();
    this.oldest = perBank();
    this.youngest = perBank();
    this.hits = new BankSet(openRow.length);
    this.misses = new Misses(openRow.length);
  }

  isFull(): boolean {
    return this.length === this.capacity;
  }

  /** Adds a request accepted after all others; whether it may be the next of its bank to be served. */
  add(place: number): boolean {
    const { table } = this;
    const bank = table.bank[place]!;
    table.next[place] = NONE;
    if (this.oldest[bank] === NONE) this.oldest[bank] = place;
    else table.next[this.youngest[bank]!] = place;
    this.youngest[bank] = place;
    this.length++;
    if (this.isSearched) this.waiting[table.access[place]! & FILTER_MASK]!++;
    if (this.openRow[bank] === table.row[place]) {
      if (this.oldestHit[bank] !== NONE) return false;
      this.oldestHit[bank] = place;
      this.hits.add(bank);
    } else {
      if (this.oldestMiss[bank] !== NONE) return false;
      this.setOldestMiss(bank, place);
    }
    return true;
  }

  /** Takes out a request. */
  remove(place: number): void {
    const { table } = this;
    const bank = table.bank[place]!;
    const next = table.next[place]!;
    if (this.oldest[bank] === place) {
      this.oldest[bank] = next;
      if (next === NONE) this.youngest[bank] = NONE;
    } else this.unlink(place, bank);
    this.length--;
    if (this.isSearched) this.waiting[table.access[place]! & FILTER_MASK]!--;
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
    if (this.oldest[bank] === NONE) return;
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

  /** The oldest request of a bank, NONE if there is none. */
  oldestOf(bank: number): number {
    return this.oldest[bank]!;
  }

  /** The youngest request of a bank, NONE if there is none. */
  youngestOf(bank: number): number {
    return this.youngest[bank]!;
  }

  /** Whether a request for this access waits, in a queue that is searched. */
  holds(access: number, bank: number): boolean {
    if (this.waiting[access & FILTER_MASK] === 0) return false;
    for (let at = this.oldest[bank]!; at !== NONE; at = this.table.next[at]!) {
      if (this.table.access[at] === access) return true;
    }
    return false;
  }

  /** Takes a request that is not the oldest out of its bank's chain. */
  private unlink(place: number, bank: number): void {
    const { table } = this;
    let before = this.oldest[bank]!;
    while (table.next[before] !== place) before = table.next[before]!;
    table.next[before] = table.next[place]!;
    if (this.youngest[bank] === place) this.youngest[bank] = before;
  }

  private setOldestHit(bank: number, place: number): void {
    this.oldestHit[bank] = place;
    if (this.oldestMiss[bank] !== NONE) this.misses.released(bank);
    if (place === NONE) this.hits.remove(bank);
    else this.hits.add(bank);
  }

  private setOldestMiss(bank: number, place: number): void {
    this.oldestMiss[bank] = place;
    if (place === NONE) this.misses.remove(bank);
    else this.misses.add(bank, this.openRow[bank] === CLOSED);
  }
}
