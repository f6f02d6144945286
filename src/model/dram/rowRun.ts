/**
 * The bursts that one channel has of a stream that has the memory to itself: all of one row, in the order in which they
 * have come. Nothing competes with them, so each command's cycle follows from the one before it.
 */
import { NONE } from './requests.ts';

/** What comes next: the open row is closed, the run's own is opened, columns. */
export const CLOSES = 0;
export const OPENS = 1;
export const COLUMNS = 2;

export class RowRun {
  bank = NONE;
  row = NONE;
  /** Whose bursts they are. */
  source = NONE;
  step = COLUMNS;
  /** Bursts accepted that have had no column command. */
  pending = 0;
  /** Whether the first of them is the one that the row has been opened for. */
  isActive = false;
  /** The access that came last. */
  lastAccess = NONE;
  /** The cycle before which it was taken over. */
  since = 0;
  /** When the channel has been looked at last, and its last column command, since the run was taken over. */
  lastLook = NONE;
  lastColumn = NONE;
  /** The first cycle for the next column command, and cycles between two. */
  columnFrom = 0;
  columnCycles = 1;
  /** Column commands that the channel's counts do not hold yet, and the sum of the reads' latencies. */
  served = 0;
  latencyCycles = 0;
  /** Of the pending bursts, in a ring from `first` on. */
  readonly arrival: Float64Array;
  readonly tag: Int32Array;
  readonly access: Int32Array;
  first = 0;
  readonly mask: number;

  /** A run of at most `capacity` pending bursts. */
  constructor(capacity: number) {
    const size = 2 ** Math.ceil(Math.log2(capacity));
    this.mask = size - 1;
    this.arrival = new Float64Array(size);
    this.tag = new Int32Array(size);
    this.access = new Int32Array(size);
  }

  /** The first pending burst is no longer. */
  take(): void {
    this.first = (this.first + 1) & this.mask;
    this.pending--;
  }

  add(access: number, tag: number, cycle: number): void {
    const place = (this.first + this.pending) & this.mask;
    this.arrival[place] = cycle;
    this.tag[place] = tag;
    this.access[place] = access;
    this.lastAccess = access;
    this.pending++;
  }
}
