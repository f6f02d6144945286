/**
 * A channel that keeps no queues while all that it holds is one run: requests of one source, one row and one direction,
 * as a stream of tiles makes them, and no refresh is due. A request that does not fit ends the run: what is left of it is
 * then in the queues as if it had been there all the time. For channels with a bus for row commands.
 */
import type { DramSpec } from '../schemas/dram.ts';
import { READS, WRITES } from './burstCounts.ts';
import { type ChannelClient, type ChannelPlace, DramChannel } from './channel.ts';
import { ACT, PRE, RD, WR } from './commandTable.ts';
import { CLOSED, NONE } from './requests.ts';
import { CLOSES, COLUMNS, OPENS, RowRun } from './rowRun.ts';
import type { ScheduledData } from './scheduledData.ts';

const NEVER = Number.POSITIVE_INFINITY;

export abstract class RunChannel extends DramChannel {
  readonly mayRun: boolean;
  /** What the channel holds, while it is a run. */
  readonly run: RowRun;
  private isRunning = false;

  /** `isBusPlain`: no rule of the bus holds up a command of a run but that the bus is free. */
  constructor(spec: DramSpec, client: ChannelClient, place: ChannelPlace, isBusPlain: boolean) {
    super(spec, client, place);
    this.mayRun = isBusPlain && this.isPlain();
    this.run = new RowRun(Math.max(spec.queues.read, spec.queues.write) + 1);
  }

  /** The buses of column and of row commands are free again from these cycles on. */
  protected abstract columnsFreeFrom(): number;
  protected abstract rowsFreeFrom(): number;
  /** A row command of a run has issued. */
  protected abstract rowIssued(command: number, c: number): void;

  override isIdle(): boolean {
    return this.isRunning ? this.run.pending === 0 : super.isIdle();
  }

  override hasRoom(isWrite: boolean): boolean {
    const { run } = this;
    if (!this.isRunning) return super.hasRoom(isWrite);
    return isWrite !== run.isWrite || this.roomOfRun() > 0;
  }

  /** Requests that a run may still take. */
  roomOfRun(): number {
    return this.queueOf(this.run.isWrite).capacity - this.run.queued;
  }

  override hasWaitingWrite(access: number, bank: number): boolean {
    const { run } = this;
    if (!this.isRunning) return super.hasWaitingWrite(access, bank);
    return run.isWrite && run.bank === bank && run.holds(access);
  }

  /** The cycle before which nothing but a run has a command; 0 if anything else has. */
  runsUntil(): number {
    const { refresh } = this;
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
    const { run } = this;
    if (this.isRunning) {
      if (run.isOf(isWrite, bank, row, source)) {
        if (run.pending === 0) this.setNext(Math.max(run.columnFrom, cycle + 1));
        run.add(access, tag, cycle);
        return;
      }
      if (run.pending > 0 || isWrite !== run.isWrite) this.endRun();
      else this.settleTiming();
    }
    if (!this.isRunning && !this.beginRun(isWrite, cycle)) {
      super.accept(isWrite, access, bank, row, source, tag, cycle);
      return;
    }
    this.openRun(bank, row, source, cycle);
    run.add(access, tag, cycle);
  }

  override look(c: number): boolean {
    if (this.isRunning) {
      if (c < this.refresh.nextDue) return this.issueOfRun(c);
      this.endRun();
    }
    return super.look(c);
  }

  override rest(until: number): void {
    if (this.isRunning) this.endRun();
    super.rest(until);
  }

  /** Whether a run may begin with the request that comes in `cycle`: there is nothing else. */
  private beginRun(isWrite: boolean, cycle: number): boolean {
    const { run, refresh } = this;
    if (!this.mayRun || !super.isIdle() || refresh.length > 0 || cycle + 1 >= refresh.nextDue) return false;
    this.timing.settle();
    this.isRunning = true;
    run.isWrite = isWrite;
    run.isActive = false;
    run.lastLook = NONE;
    run.lastColumn = NONE;
    return true;
  }

  /** Turns the run, of which nothing waits, to a row for which a request comes in `cycle`. */
  private openRun(bank: number, row: number, source: number, cycle: number): void {
    const { run, timing } = this;
    run.bank = bank;
    run.row = row;
    run.source = source;
    const open = timing.openRow[bank]!;
    if (open === row) this.toColumns(cycle);
    else {
      run.step = open === CLOSED ? OPENS : CLOSES;
      this.toRow(cycle);
    }
  }

  /** Columns come next, after cycle `c`. */
  private toColumns(c: number): void {
    const { run, timing } = this;
    const command = run.isWrite ? WR : RD;
    run.step = COLUMNS;
    run.columnFrom = Math.max(c + 1, timing.from(command, run.bank), this.columnsFreeFrom());
    run.columnCycles = Math.max(timing.cyclesToNext(command, run.bank), timing.table.busCycles[command]!);
    this.setNext(run.columnFrom);
  }

  /** A row command comes next, after cycle `c`. */
  private toRow(c: number): void {
    const { step, bank } = this.run;
    this.setNext(Math.max(c + 1, this.timing.from(step === OPENS ? ACT : PRE, bank), this.rowsFreeFrom()));
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
      else this.issueRow(run.next);
    }
    return columns;
  }

  /** The run's next command, if that is in `c`; returns whether a place in its queue has become free. */
  private issueOfRun(c: number): boolean {
    const { run } = this;
    if (run.next > c) return false;
    if (run.step !== COLUMNS) return this.issueRow(c);
    const { isActive, source, isWrite } = run;
    const tag = run.tag[run.first]!;
    this.issueColumns(c, undefined);
    this.tellOfData(source, tag, isWrite, c + (isWrite ? this.writeCycles : this.readCycles));
    return !isActive;
  }

  /** Column commands up to cycle `last`, of which there is one at least. Returns how many. */
  private issueColumns(last: number, data: ScheduledData | undefined): number {
    const { run, hasLatencies } = this;
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
    } while (next <= last);
    const columns = run.pending - pending;
    run.first = first;
    run.pending = pending;
    run.isActive = false;
    run.lastCommand = isWrite ? WR : RD;
    run.lastLook = c;
    run.lastColumn = c;
    run.columnFrom = c + columnCycles;
    this.setNext(next);
    this.noteColumns(columns, kind, bank, latencyCycles, c + dataCycles);
    return columns;
  }

  private issueRow(c: number): boolean {
    const { run, timing } = this;
    const { bank } = run;
    const command = run.step === OPENS ? ACT : PRE;
    run.lastLook = c;
    run.lastCommand = command;
    this.issued[command]!++;
    timing.issue(command, bank, c);
    this.rowIssued(command, c);
    if (command === PRE) {
      this.close(bank, true);
      run.step = OPENS;
      this.toRow(c);
      return false;
    }
    timing.open(bank, run.row);
    run.isActive = true;
    this.toColumns(c);
    return true;
  }

  /** Puts what is left of the run into the queues. */
  private endRun(): void {
    const { run, table } = this;
    const { bank, row, source, isWrite, lastLook, next } = run;
    const queue = this.queueOf(isWrite);
    this.settleTiming();
    this.isRunning = false;
    // What was there when the channel was looked at last; and behind it, one by one, what has come since.
    for (; run.pending > 0 && run.arrival[run.first]! < lastLook; run.take()) {
      const { first } = run;
      const [access, tag, arrival] = [run.access[first]!, run.tag[first]!, run.arrival[first]!];
      const place = table.accept(isWrite, access, bank, row, source, tag, arrival);
      if (run.isActive) this.activate(place, lastLook);
      else queue.add(place);
      run.isActive = false;
    }
    if (lastLook !== NONE) {
      // The mode was decided behind a column command, but before an ACT, whose request has left the queue.
      const isColumn = run.lastCommand === RD || run.lastCommand === WR;
      this.isWriteMode = isWrite || (isColumn && queue.length === 0);
      this.isModeStale = run.lastCommand === ACT;
      this.changedIn = lastLook;
    }
    for (; run.pending > 0; run.take()) {
      const { first } = run;
      super.accept(isWrite, run.access[first]!, bank, row, source, run.tag[first]!, run.arrival[first]!);
    }
    this.wakeQueue = this.queueOf(this.nextMode());
    this.wake = Math.min(next, this.refresh.nextDue);
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
