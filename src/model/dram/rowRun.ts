/**
 * The requests that a channel holds where they are all of one source, one row and one direction, in the order in which
 * they have come. Nothing competes with them, so each command's cycle follows from the one before it.
 */
import { NONE } from './requestTable.ts';

/** What comes next: the open row is closed, the run's own is opened, columns. */
export const CLOSES = 0;
export const OPENS = 1;
export const COLUMNS = 2;

export class RowRun {
  bank = NONE;
  row = NONE;
  /** Whose requests they are, and whether they are written. */
  source = NONE;
  isWrite = false;
  step = COLUMNS;
  /** The cycle of the next command, infinite if nothing waits. */
  next = Number.POSITIVE_INFINITY;
  /** Requests that have had no column command. */
  pending = 0;
  /** Whether the first of them is the one that the row has been opened for. */
  isActive = false;
  /** No access that has come since nothing waited is beyond this one. */
  lastAccess = NONE;
  /** The last column command on this row that the channel's timing does not know of. */
  lastColumn = NONE;
  /** The first cycle for the next column command, and cycles between two. */
  columnFrom = 0;
  columnCycles = 1;
  /** Of the requests, in a ring from `first` on. */
  readonly arrival: Float64Array;
  readonly tag: Int32Array;
  readonly access: Int32Array;
  first = 0;
  readonly mask: number;

  /** A run of at most `capacity` requests. */
  constructor(capacity: number) {
    const size = 2 ** Math.ceil(Math.log2(capacity));
    this.mask = size - 1;
    this.arrival = new Float64Array(size);
    this.tag = new Int32Array(size);
    this.access = new Int32Array(size);
  }

  /** Requests that wait in a queue: the one that the row has been opened for has left it. */
  get queued(): number {
    return this.isActive ? this.pending - 1 : this.pending;
  }

  /** Turns to another row: nothing is left of the one before. */
  turn(bank: number, row: number, source: number, isWrite: boolean): void {
    this.bank = bank;
    this.row = row;
    this.source = source;
    this.isWrite = isWrite;
    this.isActive = false;
  }

  /** Whether it is of these requests. */
  isOf(isWrite: boolean, bank: number, row: number, source: number): boolean {
    return bank === this.bank && row === this.row && source === this.source && isWrite === this.isWrite;
  }

  /** Whether one of them is for this access of the run's row. */
  holds(access: number): boolean {
    if (access > this.lastAccess) return false;
    for (let at = this.pending - this.queued; at < this.pending; at++) {
      if (this.access[(this.first + at) & this.mask] === access) return true;
    }
    return false;
  }

  /** The first request is no longer. */
  take(): void {
    this.first = (this.first + 1) & this.mask;
    this.pending--;
  }

  add(access: number, tag: number, cycle: number): void {
    const place = (this.first + this.pending) & this.mask;
    this.arrival[place] = cycle;
    this.tag[place] = tag;
    this.access[place] = access;
    if (this.pending === 0 || access > this.lastAccess) this.lastAccess = access;
    this.pending++;
  }
}
