/** The reads or the writes that wait in a channel. */
import { BankSet } from './bankSet.ts';
import { ACT, PRE, RD, WR } from './commandTable.ts';
import { CLOSED, type CommandTiming } from './commandTiming.ts';
import { ACTIVATE, KEPT, Misses, PRECHARGE } from './misses.ts';
import { NONE, type RequestTable } from './requestTable.ts';

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
  private readonly timing: CommandTiming;
  private readonly openRow: Int32Array;
  private readonly isHeld: Uint8Array;
  private readonly isOfWrites: boolean;
  /** How many requests wait for the accesses that share a counter. */
  private readonly waiting = new Uint16Array(FILTER_SIZE);

  /** `isHeld`: per bank whether an active request holds its row open. A queue of writes may be asked which accesses it holds. */
  constructor(capacity: number, table: RequestTable, timing: CommandTiming, isHeld: Uint8Array, isOfWrites: boolean) {
    const { openRow } = timing;
    this.isOfWrites = isOfWrites;
    this.capacity = capacity;
    this.table = table;
    this.timing = timing;
    this.openRow = openRow;
    this.isHeld = isHeld;
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
    if (this.isOfWrites) this.waiting[table.access[place]! & FILTER_MASK]!++;
    if (this.openRow[bank] === table.row[place]) {
      if (this.oldestHit[bank] !== NONE) return false;
      this.setOldestHit(bank, place);
    } else {
      if (this.oldestMiss[bank] !== NONE) return false;
      this.oldestMiss[bank] = place;
    }
    this.sortMiss(bank);
    return true;
  }

  /** Takes out a request; what is younger and alike comes next in its stead. */
  remove(place: number): void {
    this.unlink(place);
    const { table } = this;
    const bank = table.bank[place]!;
    const row = this.openRow[bank]!;
    const isHit = row === table.row[place];
    if (place !== (isHit ? this.oldestHit : this.oldestMiss)[bank]) return;
    let successor = table.next[place]!;
    while (successor !== NONE && (table.row[successor] === row) !== isHit) successor = table.next[successor]!;
    if (isHit) this.setOldestHit(bank, successor);
    else this.oldestMiss[bank] = successor;
    this.sortMiss(bank);
  }

  /** Takes out the request for which its bank is about to be opened: `rowChanged` has to follow. */
  removeOpened(place: number): void {
    this.unlink(place);
    const bank = this.table.bank[place]!;
    this.oldestMiss[bank] = NONE;
    this.misses.remove(bank);
  }

  /** The bank's row has been opened or closed. */
  rowChanged(bank: number): void {
    const oldest = this.oldest[bank]!;
    if (oldest === NONE) return;
    const { table } = this;
    const row = this.openRow[bank]!;
    let hit = NONE;
    let miss = row === CLOSED ? oldest : NONE;
    for (
      let at = row === CLOSED ? NONE : oldest;
      at !== NONE && (hit === NONE || miss === NONE);
      at = table.next[at]!
    ) {
      if (table.row[at] === row) {
        if (hit === NONE) hit = at;
      } else if (miss === NONE) miss = at;
    }
    this.setOldestHit(bank, hit);
    this.oldestMiss[bank] = miss;
    this.sortMiss(bank);
  }

  /** Whether an active request holds the bank's row open has changed. */
  holdChanged(bank: number): void {
    if (this.oldestMiss[bank] !== NONE) this.sortMiss(bank);
  }

  /** The command that the oldest hit or miss of a bank waits for; NONE while something but time keeps another row open. */
  nextCommand(place: number): number {
    const bank = this.table.bank[place]!;
    if (this.openRow[bank] === this.table.row[place]) return this.isOfWrites ? WR : RD;
    return this.misses.commandOf(bank);
  }

  /** The oldest request of a bank, NONE if there is none. */
  oldestOf(bank: number): number {
    return this.oldest[bank]!;
  }

  /** The youngest request of a bank, NONE if there is none. */
  youngestOf(bank: number): number {
    return this.youngest[bank]!;
  }

  /** Whether a request for this access waits, in a queue of writes. */
  holds(access: number, bank: number): boolean {
    if (this.waiting[access & FILTER_MASK] === 0) return false;
    for (let at = this.oldest[bank]!; at !== NONE; at = this.table.next[at]!) {
      if (this.table.access[at] === access) return true;
    }
    return false;
  }

  /** Takes a request out of its bank's chain. */
  private unlink(place: number): void {
    const { table, oldest, youngest } = this;
    const bank = table.bank[place]!;
    const next = table.next[place]!;
    this.length--;
    if (this.isOfWrites) this.waiting[table.access[place]! & FILTER_MASK]!--;
    if (oldest[bank] === place) {
      oldest[bank] = next;
      if (next === NONE) youngest[bank] = NONE;
      return;
    }
    let before = oldest[bank]!;
    while (table.next[before] !== place) before = table.next[before]!;
    table.next[before] = next;
    if (youngest[bank] === place) youngest[bank] = before;
  }

  private setOldestHit(bank: number, place: number): void {
    this.oldestHit[bank] = place;
    if (place === NONE) this.hits.remove(bank);
    else this.hits.add(bank);
  }

  /** Puts a bank among those that wait as its oldest miss does. */
  private sortMiss(bank: number): void {
    const { misses, timing } = this;
    const miss = this.oldestMiss[bank]!;
    if (miss === NONE) {
      misses.remove(bank);
      return;
    }
    const isKept = this.isHeld[bank] === 1 || this.isHitOlder(bank, miss);
    const waitsFor = this.openRow[bank] === CLOSED ? ACTIVATE : isKept ? KEPT : PRECHARGE;
    misses.sort(bank, waitsFor, this.table.sequence[miss]!, timing.fromOfBank(waitsFor === ACTIVATE ? ACT : PRE, bank));
  }

  /** Whether a bank has a hit that is no younger than a miss. */
  private isHitOlder(bank: number, miss: number): boolean {
    const hit = this.oldestHit[bank]!;
    return hit !== NONE && this.table.arrival[hit]! <= this.table.arrival[miss]!;
  }
}
