/**
 * LPDDR5: an ACT is two commands. ACT-2 issues when nothing else can, at the latest AAD cycles after ACT-1; until then
 * no other row may be opened, nor this bank precharged or refreshed. And the data clock has to run: a column command
 * that finds it stopped sends a CAS ahead, in the cycle before its own.
 */
import type { DramSpec } from '../schemas/dram.ts';
import { type ChannelClient, type ChannelPlace, DramChannel } from './channel.ts';
import { ACT2, CAS_RD, CAS_WR, WR } from './commandTable.ts';
import type { RequestQueue } from './requestQueue.ts';
import { NONE } from './requestTable.ts';

const NEVER = Number.POSITIVE_INFINITY;
/** The row of a bank that has had its ACT-1 only: no request's. */
const OPENING = -2;

export class SplitActivateChannel extends DramChannel {
  private readonly isSplit: boolean;
  private readonly hasStoppingClock: boolean;
  private readonly longestWait: number;
  /** Cycles from a column command until the data clock stops. */
  private readonly readClockCycles: number;
  private readonly writeClockCycles: number;
  /** The request whose ACT-1 has issued and whose ACT-2 has not, and when that has to. */
  private opening = NONE;
  private deadline = NEVER;
  private clockStops = 0;
  /** The request whose CAS has issued, and the queue that it is in: undefined for the active list. */
  private announced = NONE;
  private announcedIn: RequestQueue | undefined = undefined;
  private busFree = 0;

  constructor(spec: DramSpec, client: ChannelClient, place: ChannelPlace) {
    super(spec, client, place);
    const { CL, CWL, burst, AAD, WCKPST } = spec.timing;
    this.isSplit = spec.activate === 'split';
    this.hasStoppingClock = spec.dataClock === 'on demand';
    this.longestWait = AAD ?? 0;
    this.readClockCycles = CL + burst + (WCKPST ?? 0);
    this.writeClockCycles = CWL + burst + (WCKPST ?? 0);
  }

  override isIdle(): boolean {
    return super.isIdle() && this.opening === NONE;
  }

  protected override issueIn(c: number): boolean {
    if (c < this.busFree) {
      if (this.refresh.length > 0) this.noteWake(this.busFree);
      else this.chosenQueue();
      return false;
    }
    const command = this.issueOne(c);
    if (command === NONE) return false;
    this.busFree = c + this.timing.table.busCycles[command]!;
    return true;
  }

  protected override earliest(queue: RequestQueue, c: number): number {
    return this.opening !== NONE || this.announced !== NONE ? this.busFree : super.earliest(queue, c);
  }

  protected override columnsFreeFrom(): number {
    return this.busFree;
  }

  protected override rowsFreeFrom(): number {
    return this.busFree;
  }

  protected override isColumnFree(c: number): boolean {
    if (c < this.busFree || this.opening !== NONE || this.announced !== NONE) return false;
    return this.isClockOn(c);
  }

  protected override columnIssued(command: number, c: number): number {
    this.keepClock(command === WR, c);
    this.busFree = c + this.timing.table.busCycles[command]!;
    return this.busFree;
  }

  private issueOne(c: number): number {
    if (this.announced !== NONE) return this.issueAnnounced(c);
    if (this.opening !== NONE && c >= this.deadline) return this.finishOpening();
    const active = this.oldestActive(c);
    if (active !== NONE) return this.issueOrAnnounce(active, undefined, c);
    const command = this.refresh.length > 0 ? this.issueRefresh(c, true) : this.issueQueued(this.chosenQueue(), c);
    return command === NONE && this.opening !== NONE ? this.finishOpening() : command;
  }

  private issueQueued(queue: RequestQueue, c: number): number {
    const { sequence } = this.table;
    const hit = this.oldestHit(queue, c);
    const miss = this.oldestMiss(queue, c, this.opening === NONE);
    if (miss !== NONE && (hit === NONE || sequence[miss]! < sequence[hit]!)) return this.openOrClose(queue, miss, c);
    return hit === NONE ? NONE : this.issueOrAnnounce(hit, queue, c);
  }

  /** The column command, or a CAS ahead of it; or the ACT-2 whose last chance they would take. */
  private issueOrAnnounce(place: number, queue: RequestQueue | undefined, c: number): number {
    if (this.isClockOn(c)) return this.issueFrom(place, queue, c);
    if (this.opening !== NONE && this.deadline <= c + 1) return this.finishOpening();
    const command = this.table.isWrite[place] === 1 ? CAS_WR : CAS_RD;
    this.issued[command]!++;
    this.announced = place;
    this.announcedIn = queue;
    return command;
  }

  private issueAnnounced(c: number): number {
    const place = this.announced;
    this.announced = NONE;
    return this.issueFrom(place, this.announcedIn, c);
  }

  private issueFrom(place: number, queue: RequestQueue | undefined, c: number): number {
    this.keepClock(this.table.isWrite[place] === 1, c);
    if (queue === undefined) this.leaveActive(place);
    else this.leaveQueue(queue, place, c);
    return this.issueColumn(place, c);
  }

  private isClockOn(c: number): boolean {
    return !this.hasStoppingClock || c < this.clockStops;
  }

  /** The data clock goes on for a column command. */
  private keepClock(isWrite: boolean, c: number): void {
    this.clockStops = Math.max(this.clockStops, c + (isWrite ? this.writeClockCycles : this.readClockCycles));
  }

  protected override activate(place: number, c: number): void {
    if (!this.isSplit) {
      super.activate(place, c);
      return;
    }
    this.opening = place;
    this.deadline = c + this.longestWait;
    const bank = this.table.bank[place]!;
    this.timing.open(bank, OPENING);
    this.hold(bank);
  }

  private finishOpening(): number {
    const place = this.opening;
    this.opening = NONE;
    this.issued[ACT2]!++;
    const bank = this.table.bank[place]!;
    this.release(bank);
    super.activate(place, this.deadline);
    this.rowChanged(bank);
    return ACT2;
  }
}
