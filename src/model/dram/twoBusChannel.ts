/**
 * HBM: a column and a row command in one cycle. Where a clock has two ticks, all but precharges issue on its first tick
 * only, and a precharge in the tick behind a row command has to keep out of its way.
 */
import type { DramSpec } from '../schemas/dram.ts';
import { READS, WRITES } from './burstCounts.ts';
import { type ChannelClient, type ChannelPlace, DramChannel } from './channel.ts';
import { ACT, PRE, PREA, RD, REF, WR } from './commandTable.ts';
import { CLOSED, NONE } from './requests.ts';
import { CLOSES, COLUMNS, OPENS, type RowRun } from './rowRun.ts';

const NEVER = Number.POSITIVE_INFINITY;
/** The row command on the clock's first tick was on all banks. */
const ALL_BANKS = -1;

export class TwoBusChannel extends DramChannel {
  private readonly hasHalfTicks: boolean;
  private readonly banksPerPseudoChannel: number;
  /** The buses are free again from these cycles on. */
  private columnFree = 0;
  private rowFree = 0;
  /** The tick that the row command issued last is paired with, and its bank and pseudo channel. */
  private pairedTick = NONE;
  private pairedBank = ALL_BANKS;
  private pairedPseudoChannel = NONE;

  constructor(spec: DramSpec, client: ChannelClient, place: ChannelPlace) {
    super(spec, client, place);
    this.hasHalfTicks = spec.ticksPerClock === 2;
    this.mayRun = !this.hasHalfTicks && this.isPlain();
    this.banksPerPseudoChannel = this.timing.table.tree.banksPer('pseudo channel');
  }

  protected override issueIn(c: number): number {
    const isFirstTick = this.columnTick(c) === c;
    const column = isFirstTick ? this.issueColumnCommand(c) : this.noColumn(c);
    const row = this.issueRowCommand(c, isFirstTick);
    if (!column && !row) return NEVER;
    return this.earliest(c, this.columnFree, this.rowFree);
  }

  protected override isColumnFree(c: number): boolean {
    return c >= this.columnFree && this.columnTick(c) === c;
  }

  protected override columnIssued(command: number, c: number): number {
    this.columnFree = c + this.timing.table.busCycles[command]!;
    return this.columnFree;
  }

  protected override columnTick(c: number): number {
    return this.hasHalfTicks ? c + 1 - (c & 1) : c;
  }

  override runsUntil(isWrite: boolean, source: number): number {
    if (this.refresh.length > 0 || this.activeCount > 0 || this.queueOf(!isWrite).length > 0) return 0;
    const queue = this.queueOf(isWrite);
    if (queue.length > 0) {
      if (queue.misses.length > 0 || queue.hits.length > 1) return 0;
      const { table } = this;
      for (let at = queue.oldestOf(queue.hits.members[0]!); at !== NONE; at = table.next[at]!) {
        if (table.source[at] !== source) return 0;
      }
    }
    return this.refresh.nextDue;
  }

  override beginRun(run: RowRun, isWrite: boolean, cycle: number): number {
    const { table, timing } = this;
    const queue = this.queueOf(isWrite);
    run.bank = NONE;
    run.isActive = false;
    run.lastLook = NONE;
    run.lastColumn = NONE;
    run.since = cycle;
    timing.settle();
    if (queue.length === 0) return NEVER;
    const bank = queue.hits.members[0]!;
    run.bank = bank;
    run.row = timing.openRow[bank]!;
    run.source = table.source[queue.oldestOf(bank)]!;
    while (queue.length > 0) {
      const place = queue.oldestOf(bank);
      run.add(table.access[place]!, table.tag[place]!, table.arrival[place]!);
      queue.remove(place);
      table.release(place);
    }
    this.toColumns(run, isWrite, cycle);
    return run.columnFrom;
  }

  override openRun(run: RowRun, bank: number, row: number, isWrite: boolean, cycle: number): number {
    const { timing } = this;
    this.settleRun(run, isWrite);
    run.bank = bank;
    run.row = row;
    const open = timing.openRow[bank]!;
    if (open === row) {
      this.toColumns(run, isWrite, cycle);
      return run.columnFrom;
    }
    run.step = open === CLOSED ? OPENS : CLOSES;
    return this.rowFrom(run, cycle + 1);
  }

  override rowCommand(run: RowRun, isWrite: boolean, c: number): number {
    const { timing } = this;
    const { bank } = run;
    const command = run.step === OPENS ? ACT : PRE;
    this.issued[command]!++;
    timing.issue(command, bank, c);
    this.rowFree = c + timing.table.busCycles[command]!;
    run.lastLook = c;
    if (command === PRE) {
      this.close(bank, true);
      run.step = OPENS;
      return this.rowFrom(run, c + 1);
    }
    timing.open(bank, run.row);
    run.isActive = true;
    this.toColumns(run, isWrite, c);
    return run.columnFrom;
  }

  override endRun(run: RowRun, isWrite: boolean, next: number): void {
    const { bank, row, source, lastLook, isActive } = run;
    const { table } = this;
    const queue = this.queueOf(isWrite);
    this.settleRun(run, isWrite);
    // What was there when the channel was looked at last; and behind it, one by one, what has come since.
    const before = lastLook === NONE ? run.since : lastLook;
    for (; run.pending > 0 && run.arrival[run.first]! < before; run.take()) {
      const { first } = run;
      const [access, tag, arrival] = [run.access[first]!, run.tag[first]!, run.arrival[first]!];
      const place = table.accept(isWrite, access, bank, row, source, tag, arrival);
      if (run.isActive) this.activate(place, lastLook);
      else queue.add(place);
      run.isActive = false;
    }
    if (lastLook !== NONE) {
      // The mode was decided after a column command, but before an ACT, whose request has left the queue.
      this.isWriteMode = isWrite || (!isActive && queue.length === 0);
      this.isModeStale = isActive;
      this.changedIn = lastLook;
    }
    for (; run.pending > 0; run.take()) {
      const { first } = run;
      this.accept(isWrite, run.access[first]!, bank, row, source, run.tag[first]!, run.arrival[first]!);
    }
    if (lastLook === NONE && next === NEVER) return;
    this.wakeQueue = this.queueOf(this.nextMode());
    this.wake = Math.min(next, this.refresh.nextDue);
  }

  /** Columns come next, after cycle `c`. */
  private toColumns(run: RowRun, isWrite: boolean, c: number): void {
    const command = isWrite ? WR : RD;
    const { timing } = this;
    run.step = COLUMNS;
    run.columnFrom = Math.max(c + 1, timing.from(command, run.bank), this.columnFree);
    run.columnCycles = Math.max(timing.cyclesToNext(command, run.bank), timing.table.busCycles[command]!);
  }

  private rowFrom({ step, bank }: RowRun, c: number): number {
    return Math.max(c, this.timing.from(step === OPENS ? ACT : PRE, bank), this.rowFree);
  }

  /** Notes what a run's column commands have done. */
  private settleRun(run: RowRun, isWrite: boolean): void {
    const { served, lastColumn } = run;
    if (served === 0) return;
    const command = isWrite ? WR : RD;
    this.noteBursts(served, 2 * run.source + (isWrite ? WRITES : READS), run.bank);
    this.timing.issue(command, run.bank, lastColumn);
    this.columnIssued(command, lastColumn);
    this.lastDataEnd = Math.max(this.lastDataEnd, lastColumn + (isWrite ? this.writeCycles : this.readCycles));
    this.readLatencyCycles += run.latencyCycles;
    run.served = 0;
    run.latencyCycles = 0;
  }

  protected override isBarred(bank: number, c: number): boolean {
    if (c !== this.pairedTick || this.pseudoChannelOf(bank) !== this.pairedPseudoChannel) return false;
    return this.pairedBank === ALL_BANKS || this.pairedBank === bank;
  }

  protected override isNodeBarred(firstBank: number, c: number): boolean {
    return c === this.pairedTick && this.pseudoChannelOf(firstBank) === this.pairedPseudoChannel;
  }

  private pseudoChannelOf(bank: number): number {
    return Math.floor(bank / this.banksPerPseudoChannel);
  }

  /** Columns wait for the next tick if any could go now. */
  private noColumn(c: number): boolean {
    if (this.activeCount > 0 || this.waitingReads.hits.length + this.waitingWrites.hits.length > 0)
      this.noteWake(c + 1);
    return false;
  }

  /** An active request, before any queued hit however old. */
  private issueColumnCommand(c: number): boolean {
    if (c < this.columnFree) {
      if (this.refresh.length === 0) this.chosenQueue();
      this.noteWake(this.columnFree);
      return false;
    }
    let place = this.oldestActive(c);
    if (place !== NONE) this.leaveActive(place);
    else {
      if (this.refresh.length > 0) return false;
      const queue = this.chosenQueue();
      place = this.oldestHit(queue, c);
      if (place === NONE) return false;
      this.leaveQueue(queue, place, c);
    }
    this.columnIssued(this.issueColumn(place, c), c);
    return true;
  }

  /** ACT or PRE of the oldest queued request that is ready, or a refresh that is due. */
  private issueRowCommand(c: number, isFirstTick: boolean): boolean {
    const queue = this.refresh.length > 0 ? undefined : this.chosenQueue();
    if (c < this.rowFree) {
      if (queue === undefined || queue.misses.length > 0) this.noteWake(this.rowFree);
      return false;
    }
    let command: number;
    let bank = ALL_BANKS;
    let firstBank: number;
    if (queue === undefined) {
      const { head, isOfBanks } = this.refresh;
      firstBank = isOfBanks ? head : head * this.timing.table.banksPerNode;
      command = this.issueRefresh(c, isFirstTick);
      if (command !== PREA && command !== REF) bank = firstBank;
    } else {
      const place = this.oldestMiss(queue, c, isFirstTick);
      if (place === NONE) return false;
      bank = this.table.bank[place]!;
      firstBank = bank;
      command = this.openOrClose(queue, place, c);
    }
    if (command === NONE) return false;
    const cycles = this.timing.table.busCycles[command]!;
    this.rowFree = c + cycles;
    if (this.hasHalfTicks && isFirstTick) {
      this.pairedTick = c + (command === ACT ? cycles : 1);
      this.pairedBank = bank;
      this.pairedPseudoChannel = this.pseudoChannelOf(firstBank);
    }
    return true;
  }
}
