/**
 * A channel that keeps no queues while all that it holds is one run: requests of one source, one row and one direction,
 * as a stream of tiles makes them, and no refresh is due. Behind a run another one may wait, as where a stream has come
 * to its next row. A request that does not fit ends them: what is left is then in the queues as if it had been there all
 * the time. For channels with a bus for row commands.
 */
import type { DramSpec } from '../schemas/dram.ts';
import { READS, WRITES } from './burstCounts.ts';
import { type ChannelClient, type ChannelPlace, DramChannel, type RequestFeed } from './channel.ts';
import { ACT, PRE, RD, WR } from './commandTable.ts';
import { CLOSED } from './commandTiming.ts';
import type { RequestQueue } from './requestQueue.ts';
import { NONE } from './requestTable.ts';
import { CLOSES, COLUMNS, OPENS, RowRun } from './rowRun.ts';
import type { ScheduledData } from './scheduledData.ts';

const NEVER = Number.POSITIVE_INFINITY;
/** Cycles until what waits is looked through again, each time twice as many, until a run that was found has been a long one. */
const LEAST_PATIENCE = 32;
const MOST_PATIENCE = 1024;

export abstract class RunChannel extends DramChannel {
  readonly mayRun: boolean;
  /** Whether a clock has two ticks, of which columns and ACT issue on the first only. */
  protected readonly hasHalfTicks: boolean;
  /** What the channel holds, while it is one run, and a run that waits behind it, of which none comes before any of its own. */
  run: RowRun;
  private behind: RowRun;
  /** The last command since the channel holds its requests so, and its cycle. */
  private lastCommand = NONE;
  private lastLook = NONE;
  /** From when on it is worth while to see whether what waits in the queues is a run, and after how many cycles again. */
  private tryFrom: number;
  private patience = LEAST_PATIENCE;
  /** When one has been found last. */
  private foundIn = 0;

  constructor(spec: DramSpec, client: ChannelClient, place: ChannelPlace) {
    super(spec, client, place);
    this.mayRun = this.isPlain();
    this.hasHalfTicks = spec.ticksPerClock === 2;
    const capacity = Math.max(spec.queues.read, spec.queues.write) + 1;
    this.run = new RowRun(capacity);
    this.behind = new RowRun(capacity);
    this.tryFrom = this.mayRun ? 0 : NEVER;
  }

  /** A row command of a run has issued. */
  protected abstract rowIssued(command: number, bank: number, c: number): void;

  override isIdle(): boolean {
    return this.isRunning ? this.run.pending === 0 : super.isIdle();
  }

  override hasRoom(isWrite: boolean): boolean {
    if (!this.isRunning) return !this.queueOf(isWrite).isFull();
    return isWrite !== this.run.isWrite || this.roomOfRun() > 0;
  }

  /** Requests that a run may still take. */
  roomOfRun(): number {
    const { run, behind } = this;
    return this.queueOf(run.isWrite).capacity - run.queued - behind.queued;
  }

  override hasWaitingWrite(access: number, bank: number): boolean {
    const { run, behind } = this;
    if (!this.isRunning) return super.hasWaitingWrite(access, bank);
    return run.isWrite && ((run.bank === bank && run.holds(access)) || (behind.pending > 0 && behind.holds(access)));
  }

  /** The cycle before which nothing but a run has a command; 0 if anything else has. */
  runsUntil(): number {
    const { refresh } = this;
    if (this.behind.pending > 0) return 0;
    if (!this.isRunning && (!super.isIdle() || refresh.length > 0 || this.wake < refresh.nextDue)) return 0;
    return refresh.nextDue;
  }

  /** Whether a request is accepted and goes on with a run, whichever of the run's commands have issued meanwhile. */
  takes(isWrite: boolean, access: number, bank: number, row: number, source: number): boolean {
    const { run } = this;
    if (!this.isRunning || run.pending === 0) return true;
    if (isWrite && access <= run.lastAccess) return false;
    return run.isOf(isWrite, bank, row, source) && this.hasRoom(isWrite);
  }

  override accept(
    isWrite: boolean,
    access: number,
    bank: number,
    row: number,
    source: number,
    tag: number,
    cycle: number,
  ): void {
    let run: RowRun | undefined;
    if (this.isRunning) run = this.runFor(isWrite, bank, row, source, cycle);
    else if (super.isIdle()) run = this.beginRun(isWrite, bank, row, source, cycle);
    if (run === undefined) super.accept(isWrite, access, bank, row, source, tag, cycle);
    else run.add(access, tag, cycle);
  }

  /** The run that a request belongs to which comes in `cycle`. If it fits nowhere there is none any more. */
  private runFor(isWrite: boolean, bank: number, row: number, source: number, cycle: number): RowRun | undefined {
    const { run, behind } = this;
    if (behind.pending > 0) {
      if (behind.isOf(isWrite, bank, row, source)) return behind;
    } else if (run.isOf(isWrite, bank, row, source)) {
      if (run.pending === 0) this.setNext(this.columnTick(Math.max(run.columnFrom, cycle + 1)));
      return run;
    } else if (isWrite === run.isWrite) {
      if (run.pending === 0) return this.turnTo(bank, row, source, cycle);
      if (run.step === COLUMNS && !run.isActive) {
        this.settleTiming();
        behind.turn(bank, row, source, isWrite);
        this.openBehind(cycle);
        return behind;
      }
    }
    this.endRun();
    return this.beginRun(isWrite, bank, row, source, cycle);
  }

  /** A run that begins with the request that comes in `cycle`, if the channel holds nothing else. */
  private beginRun(isWrite: boolean, bank: number, row: number, source: number, cycle: number): RowRun | undefined {
    const { refresh } = this;
    if (!super.isIdle() || !this.mayRun || refresh.length > 0 || cycle + 1 >= refresh.nextDue) return undefined;
    this.timing.settle();
    this.isRunning = true;
    this.lastLook = NONE;
    this.lastCommand = NONE;
    this.run.isWrite = isWrite;
    return this.turnTo(bank, row, source, cycle);
  }

  /** Turns the run, of which nothing is left, to the row of a request that comes in `cycle`. */
  private turnTo(bank: number, row: number, source: number, cycle: number): RowRun {
    const { run } = this;
    this.settleTiming();
    run.turn(bank, row, source, run.isWrite);
    this.open(run, cycle);
    this.setNext(run.next);
    return run;
  }

  override look(c: number): boolean {
    if (this.isRunning) {
      if (c < this.refresh.nextDue) return this.behind.pending > 0 ? this.issueOfBoth(c) : this.issueOfRun(c);
      this.endRun();
    }
    const hasRoom = super.look(c);
    if (this.activeCount === 0 && c >= this.tryFrom) this.takeOver(c);
    return hasRoom;
  }

  override rest(until: number): void {
    if (this.isRunning) this.endRun();
    super.rest(until);
  }

  /** What waits behind the look in `c` becomes a run, and one behind it, if it is no more than that. */
  private takeOver(c: number): void {
    const { waitingReads, waitingWrites, run, behind, timing } = this;
    const isWrite = waitingReads.length === 0;
    const queue = isWrite ? waitingWrites : waitingReads;
    const { hits, misses } = queue;
    if (hits.length === 0 || hits.length + misses.length > 2) return;
    if (this.refresh.length > 0 || (!isWrite && waitingWrites.length > 0)) return;
    this.tryFrom = c + this.patience;
    this.patience = Math.min(2 * this.patience, MOST_PATIENCE);
    let bank = hits.members[0]!;
    let other = hits.length > 1 ? hits.members[1]! : misses.anyBank();
    if (hits.length > 1 && this.isOlder(queue.oldestOf(other), queue.oldestOf(bank))) [bank, other] = [other, bank];
    if (!this.isOneRow(queue.oldestOf(bank))) return;
    if (other !== NONE) {
      if (other === bank || !this.isOneRow(queue.oldestOf(other))) return;
      if (this.isOlder(queue.oldestOf(other), queue.youngestOf(bank))) return;
    }
    timing.settle();
    this.isRunning = true;
    this.lastLook = c;
    this.lastCommand = NONE;
    this.takeInto(run, queue, bank);
    run.lastColumn = NONE;
    this.toColumns(run, c);
    if (queue.length > 0) {
      this.takeInto(behind, queue, other);
      this.openBehind(c);
    } else this.setNext(run.next);
    this.foundIn = c;
  }

  private isOlder(place: number, than: number): boolean {
    const { sequence } = this.table;
    return sequence[place]! < sequence[than]!;
  }

  /** Whether the requests of a bank, from its oldest on, are alike. */
  private isOneRow(oldest: number): boolean {
    const { row, source, next } = this.table;
    for (let at = next[oldest]!; at !== NONE; at = next[at]!) {
      if (row[at] !== row[oldest] || source[at] !== source[oldest]) return false;
    }
    return true;
  }

  /** Moves the requests of a bank from their queue to a run. */
  private takeInto(run: RowRun, queue: RequestQueue, bank: number): void {
    const { table } = this;
    let place = queue.oldestOf(bank);
    run.turn(bank, table.row[place]!, table.source[place]!, queue === this.waitingWrites);
    for (; place !== NONE; place = queue.oldestOf(bank)) {
      run.add(table.access[place]!, table.tag[place]!, table.arrival[place]!);
      queue.remove(place);
      table.release(place);
    }
  }

  /** A run of which nothing has issued is about to have its first command, after cycle `c`. */
  private open(run: RowRun, c: number): void {
    const open = this.timing.openRow[run.bank]!;
    run.lastColumn = NONE;
    if (open === run.row) this.toColumns(run, c);
    else {
      run.step = open === CLOSED ? OPENS : CLOSES;
      this.toRow(run, c);
    }
  }

  /** The run behind waits for its first command from cycle `c` on; it leaves the row of the one before it alone. */
  private openBehind(c: number): void {
    const { run, behind } = this;
    if (behind.bank === run.bank) {
      behind.step = CLOSES;
      behind.next = NEVER;
    } else this.open(behind, c);
    this.wakeForBoth(c);
  }

  /** Columns come next, after cycle `c`. */
  private toColumns(run: RowRun, c: number): void {
    const { timing } = this;
    const command = run.isWrite ? WR : RD;
    run.step = COLUMNS;
    run.columnFrom = this.columnTick(Math.max(c + 1, timing.from(command, run.bank), this.columnsFreeFrom()));
    run.columnCycles = Math.max(timing.cyclesToNext(command, run.bank), timing.table.busCycles[command]!);
    if (this.hasHalfTicks) run.columnCycles += run.columnCycles & 1; // whole clocks
    run.next = run.columnFrom;
  }

  /** A row command comes next, after cycle `c`. */
  private toRow(run: RowRun, c: number): void {
    const isOpening = run.step === OPENS;
    const next = Math.max(c + 1, this.timing.from(isOpening ? ACT : PRE, run.bank), this.rowsFreeFrom());
    if (isOpening) run.next = this.columnTick(next);
    else run.next = this.isBarred(run.bank, next) ? next + 1 : next;
  }

  private setNext(next: number): void {
    this.run.next = next;
    this.wake = Math.min(next, this.refresh.nextDue);
  }

  /**
   * Issues what the run has up to cycle `last`, and returns the column commands. Read bursts go to `data`, and nobody is
   * told of any.
   */
  issueAhead(last: number, data: ScheduledData): number {
    const { run } = this;
    let columns = 0;
    while (run.next <= last) {
      if (run.step === COLUMNS) columns += this.issueColumns(last, data);
      else this.issueOfRun(run.next);
    }
    return columns;
  }

  /** The run's next command, if that is in `c`; returns whether a place in its queue has become free. */
  private issueOfRun(c: number): boolean {
    const { run } = this;
    if (run.next > c) return false;
    if (run.step !== COLUMNS) {
      const isOpen = this.issueRow(run, c);
      this.setNext(run.next);
      return isOpen;
    }
    const { isActive, source, isWrite } = run;
    const tag = run.tag[run.first]!;
    this.issueColumns(c, undefined);
    this.tellOfData(source, tag, isWrite, c + (isWrite ? this.writeCycles : this.readCycles));
    return !isActive;
  }

  /** Column commands up to cycle `last`, of which there is one at least. Returns how many. */
  private issueColumns(last: number, data: ScheduledData | undefined): number {
    const { run, hasLatencies, hasHalfTicks } = this;
    const { bank, isWrite, columnCycles, arrival, tag, mask } = run;
    const kind = 2 * run.source + (isWrite ? WRITES : READS);
    const dataCycles = isWrite ? this.writeCycles : this.readCycles;
    if (run.isActive) this.noteMiss(kind, bank);
    let { first, pending, next } = run;
    let c = next;
    let latencyCycles = 0;
    do {
      c = next;
      const latency = c + dataCycles - arrival[first]!;
      latencyCycles += latency;
      if (hasLatencies) this.noteLatency(kind, latency);
      if (data !== undefined && !isWrite) data.add(c, tag[first]!);
      first = (first + 1) & mask;
      pending--;
      // It may have been accepted ahead.
      next = pending === 0 ? NEVER : Math.max(c + columnCycles, arrival[first]! + 1);
      if (hasHalfTicks && (next & 1) === 0) next++;
    } while (next <= last);
    const columns = run.pending - pending;
    run.first = first;
    run.pending = pending;
    run.isActive = false;
    run.lastColumn = c;
    run.columnFrom = c + columnCycles;
    this.lastCommand = isWrite ? WR : RD;
    this.lastLook = c;
    this.setNext(next);
    this.noteColumns(columns, kind, bank, latencyCycles, c + dataCycles);
    return columns;
  }

  /** A run's row command issues in `c`; returns whether it is the one that opens the row. */
  private issueRow(run: RowRun, c: number): boolean {
    const { timing } = this;
    const { bank } = run;
    const command = run.step === OPENS ? ACT : PRE;
    this.lastLook = c;
    this.lastCommand = command;
    this.issued[command]!++;
    timing.issue(command, bank, c);
    this.rowIssued(command, bank, c);
    if (command === PRE) {
      this.close(bank, true);
      run.step = OPENS;
      this.toRow(run, c);
      return false;
    }
    timing.open(bank, run.row);
    run.isActive = true;
    this.toColumns(run, c);
    return true;
  }

  /** What two runs have in `c`: a column command, then a row command of the one behind. As `look` returns it. */
  private issueOfBoth(c: number): boolean {
    const { behind, timing } = this;
    let hasRoom = false;
    const column = this.isColumnFree(c) ? this.columnOfBoth(c) : undefined;
    if (column !== undefined) {
      hasRoom = !column.isActive;
      this.issueColumnOf(column, c);
    }
    if (behind.step !== COLUMNS && behind.next <= c) {
      timing.settle();
      this.toRow(behind, c - 1);
      if (behind.next === c && this.issueRow(behind, c)) hasRoom = true;
    }
    if (this.run.pending === 0) this.passOn(c);
    else if (behind.pending === 0) this.toRunAgain(c);
    else this.wakeForBoth(c);
    return hasRoom;
  }

  /** Which of two runs has the column command of cycle `c`: one whose row has just been opened, or the older. */
  private columnOfBoth(c: number): RowRun | undefined {
    const { run, behind, timing } = this;
    const command = run.isWrite ? WR : RD;
    const mayBehind = behind.step === COLUMNS && behind.next <= c;
    if (mayBehind && behind.isActive && timing.fromAgain(command, behind.bank) <= c) return behind;
    if (timing.fromAgain(command, run.bank) <= c) return run;
    return mayBehind && timing.fromAgain(command, behind.bank) <= c ? behind : undefined;
  }

  override goOnWith(feed: RequestFeed, until: number): number {
    const { run, behind, timing } = this;
    if (!this.isRunning || behind.pending === 0 || run.isActive || behind.isActive || this.roomOfRun() > 0) return NONE;
    const command = run.isWrite ? WR : RD;
    const busCycles = timing.table.busCycles[command]!;
    let cycles = Math.max(timing.cyclesToNext(command, run.bank), busCycles);
    if (this.hasHalfTicks) cycles += cycles & 1;
    const isOpen = behind.step === COLUMNS;
    // Another bank might have its column command earlier.
    if (isOpen && cycles > Math.max(timing.channelCycles[command]!, busCycles)) return NONE;
    const first = this.columnTick(Math.max(timing.fromAgain(command, run.bank), this.columnsFreeFrom()));
    if (first !== this.wake) return NONE;
    const end = Math.min(until, this.refresh.nextDue, isOpen ? NEVER : behind.next);
    const last = this.issueColumnsFor(feed, first, cycles, end);
    if (last === NONE) return NONE;
    this.lastCommand = command;
    this.lastLook = last;
    timing.repeat(command, run.bank, last);
    this.columnIssued(command, last);
    if (isOpen) behind.next = this.columnTick(Math.max(behind.next, last + timing.channelCycles[command]!));
    this.wakeForBoth(last);
    return last;
  }

  /**
   * Column commands of the run from cycle `c` on and before `end`, so many cycles apart, each of which makes room for a
   * request that joins the run behind. Returns the last one's cycle, NONE if there is none.
   */
  private issueColumnsFor(feed: RequestFeed, c: number, cycles: number, end: number): number {
    const { run, behind } = this;
    const { bank, source, isWrite } = run;
    const kind = 2 * source + (isWrite ? WRITES : READS);
    const dataCycles = isWrite ? this.writeCycles : this.readCycles;
    let last = NONE;
    let columns = 0;
    let latencyCycles = 0;
    for (let next = c; next < end && run.pending > 1; next += cycles) {
      if (!feed.isFor(isWrite, this.number, behind.bank, behind.row, behind.source, next)) break;
      if (isWrite && (feed.access <= run.lastAccess || feed.access <= behind.lastAccess)) break;
      const tag = run.tag[run.first]!;
      const latency = next + dataCycles - run.arrival[run.first]!;
      if (this.hasLatencies) this.noteLatency(kind, latency);
      latencyCycles += latency;
      run.take();
      columns++;
      last = next;
      this.tellOfData(source, tag, isWrite, next + dataCycles);
      behind.add(feed.access, 0, next);
      feed.take();
    }
    if (last !== NONE) this.noteColumns(columns, kind, bank, latencyCycles, last + dataCycles);
    return last;
  }

  private issueColumnOf(run: RowRun, c: number): void {
    const { source, bank, isWrite, first } = run;
    const tag = run.tag[first]!;
    const command = isWrite ? WR : RD;
    const kind = 2 * source + (isWrite ? WRITES : READS);
    const end = c + (isWrite ? this.writeCycles : this.readCycles);
    if (run.isActive) this.noteMiss(kind, bank);
    run.isActive = false;
    const latency = end - run.arrival[first]!;
    if (this.hasLatencies) this.noteLatency(kind, latency);
    run.take();
    this.lastCommand = command;
    this.lastLook = c;
    this.timing.repeat(command, bank, c);
    this.columnIssued(command, c);
    this.noteColumns(1, kind, bank, latency, end);
    const { behind } = this;
    if (behind.step === COLUMNS)
      behind.next = this.columnTick(Math.max(behind.next, c + this.timing.channelCycles[command]!));
    this.tellOfData(source, tag, isWrite, end);
  }

  /** Notes when two runs have their next command after cycle `c`. */
  private wakeForBoth(c: number): void {
    const { run, behind, timing } = this;
    const from = timing.fromAgain(run.isWrite ? WR : RD, run.bank);
    const column = this.columnTick(Math.max(c + 1, from, this.columnsFreeFrom()));
    this.wake = Math.max(c + 1, Math.min(column, behind.next, this.refresh.nextDue));
  }

  /** The run is over: the one behind takes its place. */
  private passOn(c: number): void {
    const { run, behind } = this;
    this.run = behind;
    this.behind = run;
    this.timing.settle();
    this.open(behind, c);
    this.setNext(behind.next);
  }

  /** Nothing is left of the run behind. */
  private toRunAgain(c: number): void {
    this.timing.settle();
    this.toColumns(this.run, c);
    this.setNext(this.run.next);
  }

  /** Puts what is left of the runs into the queues. */
  private endRun(): void {
    const { run, behind, lastLook, lastCommand, wake } = this;
    const { isWrite } = run;
    const queue = this.queueOf(isWrite);
    this.settleTiming();
    this.isRunning = false;
    if (this.wake - this.foundIn > MOST_PATIENCE) this.patience = LEAST_PATIENCE;
    // What was there when the channel was looked at last; and behind it, one by one, what has come since.
    this.putBack(run, lastLook);
    this.putBack(behind, lastLook);
    if (lastCommand !== NONE) {
      // The mode was decided behind a column command, but before an ACT, whose request has left the queue.
      const isColumn = lastCommand === RD || lastCommand === WR;
      this.isWriteMode = isWrite || (isColumn && queue.length === 0);
      this.isModeStale = lastCommand === ACT;
      this.changedIn = lastLook;
    }
    this.acceptAgain(run);
    this.acceptAgain(behind);
    this.wakeQueue = this.queueOf(this.nextMode());
    this.wake = wake;
  }

  /** Requests of a run that came before cycle `before`. */
  private putBack(run: RowRun, before: number): void {
    const { table } = this;
    const { bank, row, source, isWrite } = run;
    for (; run.pending > 0 && run.arrival[run.first]! < before; run.take()) {
      const { first } = run;
      const [access, tag, arrival] = [run.access[first]!, run.tag[first]!, run.arrival[first]!];
      const place = table.accept(isWrite, access, bank, row, source, tag, arrival);
      if (run.isActive) this.activate(place, before);
      else this.queueOf(isWrite).add(place);
      run.isActive = false;
    }
  }

  private acceptAgain(run: RowRun): void {
    const { bank, row, source, isWrite } = run;
    for (; run.pending > 0; run.take()) {
      const { first } = run;
      super.accept(isWrite, run.access[first]!, bank, row, source, run.tag[first]!, run.arrival[first]!);
    }
  }

  /** The timing learns of the run's column commands: of the last one, which raises all that the others have. */
  private settleTiming(): void {
    const { run } = this;
    if (run.lastColumn === NONE) return;
    const command = run.isWrite ? WR : RD;
    this.timing.issue(command, run.bank, run.lastColumn);
    this.columnIssued(command, run.lastColumn);
    run.lastColumn = NONE;
  }
}
