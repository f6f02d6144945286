/**
 * HBM: a column and a row command in one cycle. Where a clock has two ticks, all but precharges issue on its first tick
 * only, and a precharge in the tick behind a row command has to keep out of its way.
 */
import { ACT, PREA, REF } from './commandTable.ts';
import { NONE } from './requestTable.ts';
import { RunChannel } from './runChannel.ts';

/** The row command on the clock's first tick was on all banks. */
const ALL_BANKS = -1;

export class TwoBusChannel extends RunChannel {
  private readonly banksPerPseudoChannel = this.timing.table.tree.banksPer('pseudo channel');
  /** The buses are free again from these cycles on. */
  private columnFree = 0;
  private rowFree = 0;
  /** The tick that the row command issued last is paired with, and its bank and pseudo channel. */
  private pairedTick = NONE;
  private pairedBank = ALL_BANKS;
  private pairedPseudoChannel = NONE;

  protected override issueIn(c: number): boolean {
    const isFirstTick = this.columnTick(c) === c;
    const column = isFirstTick ? this.issueColumnCommand(c) : this.noColumn(c);
    const row = this.issueRowCommand(c, isFirstTick);
    return column || row;
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

  protected override columnsFreeFrom(): number {
    return this.columnFree;
  }

  protected override rowsFreeFrom(): number {
    return this.rowFree;
  }

  protected override rowIssued(command: number, bank: number, c: number, firstBank = bank): void {
    const cycles = this.timing.table.busCycles[command]!;
    this.rowFree = c + cycles;
    if (!this.hasHalfTicks || this.columnTick(c) !== c) return;
    this.pairedTick = c + (command === ACT ? cycles : 1);
    this.pairedBank = bank;
    this.pairedPseudoChannel = this.pseudoChannelOf(firstBank);
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

  /** Columns wait for the next tick. */
  private noColumn(c: number): boolean {
    if (this.refresh.length > 0 && this.activeCount > 0) this.noteWake(c + 1);
    return false;
  }

  /** An active request, before any queued hit however old. */
  private issueColumnCommand(c: number): boolean {
    if (c < this.columnFree) {
      if (this.refresh.length > 0) this.noteWake(this.columnFree);
      else this.chosenQueue();
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
      if (queue === undefined) this.noteWake(this.rowFree);
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
    this.rowIssued(command, bank, c, firstBank);
    return true;
  }
}
