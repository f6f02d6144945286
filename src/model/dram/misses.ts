/** The banks that wait for a row command because a request is for another row than the open one. */
import { ACT, PRE } from './commandTable.ts';
import { NONE } from './requestTable.ts';

const NEVER = Number.POSITIVE_INFINITY;

/** Banks whose oldest misses wait for the same row command, and for nothing but time: the oldest first. */
export class RowWaiters {
  /** The bank of the oldest, and per bank the one behind it: NONE behind the youngest. */
  first = NONE;
  readonly next: Int32Array;
  /** No bank's own timing allows the command before this cycle: what happens later can only make it later. */
  from = NEVER;
  /** The same without the bank whose request was found to be the next, which has its command before another comes. */
  fromOfOthers = NEVER;
  private last = NONE;
  private readonly before: Int32Array;
  private readonly sequence: Float64Array;

  constructor(banks: number) {
    this.next = new Int32Array(banks);
    this.before = new Int32Array(banks);
    this.sequence = new Float64Array(banks);
  }

  /** Adds a bank whose oldest miss was accepted as the one of this number. */
  add(bank: number, sequence: number, from: number): void {
    const { next } = this;
    let before = this.last;
    while (before !== NONE && this.sequence[before]! > sequence) before = this.before[before]!;
    const behind = before === NONE ? this.first : next[before]!;
    next[bank] = behind;
    this.before[bank] = before;
    if (before === NONE) this.first = bank;
    else next[before] = bank;
    if (behind === NONE) this.last = bank;
    else this.before[behind] = bank;
    this.sequence[bank] = sequence;
    if (from < this.from) this.from = from;
  }

  remove(bank: number): void {
    const before = this.before[bank]!;
    const behind = this.next[bank]!;
    if (before === NONE) this.first = behind;
    else this.next[before] = behind;
    if (behind === NONE) this.last = before;
    else this.before[behind] = before;
  }

  /** The command goes to the bank that was found to be the next. */
  leaveToOthers(): void {
    this.from = this.fromOfOthers;
  }
}

/** What the oldest miss of a bank waits for: there is none, for an ACT, for a PRE, or for what keeps another row open. */
const NOTHING = 0;
export const ACTIVATE = 1;
export const PRECHARGE = 2;
export const KEPT = 3;

/** The banks that have a request for another row than the open one, by what they wait for. */
export class Misses {
  length = 0;
  /** For an ACT. */
  readonly closed: RowWaiters;
  /** For a PRE. */
  readonly open: RowWaiters;
  private readonly waitsFor: Uint8Array;

  constructor(banks: number) {
    this.closed = new RowWaiters(banks);
    this.open = new RowWaiters(banks);
    this.waitsFor = new Uint8Array(banks);
  }

  /** A bank, NONE if there is none. */
  anyBank(): number {
    return this.waitsFor.findIndex((waitsFor) => waitsFor !== NOTHING);
  }

  /** The row command that a bank waits for; NONE if what it waits for is not time. */
  commandOf(bank: number): number {
    const waitsFor = this.waitsFor[bank]!;
    return waitsFor === ACTIVATE ? ACT : waitsFor === PRECHARGE ? PRE : NONE;
  }

  /** What the oldest miss of a bank waits for, which was accepted as the one of this number, and from when on its timing allows it. */
  sort(bank: number, waitsFor: number, sequence: number, from: number): void {
    this.remove(bank);
    this.length++;
    this.waitsFor[bank] = waitsFor;
    if (waitsFor === ACTIVATE) this.closed.add(bank, sequence, from);
    else if (waitsFor === PRECHARGE) this.open.add(bank, sequence, from);
  }

  remove(bank: number): void {
    const waitsFor = this.waitsFor[bank]!;
    if (waitsFor === NOTHING) return;
    this.length--;
    this.waitsFor[bank] = NOTHING;
    if (waitsFor === ACTIVATE) this.closed.remove(bank);
    else if (waitsFor === PRECHARGE) this.open.remove(bank);
  }
}
