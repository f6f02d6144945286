/**
 * One off-chip interface at a banked memory: a queue of transfers whose bursts are offered in order, and a link that
 * carries whole bursts at the interface's own rate. Times are memory cycles, fractional on the link.
 */
import type { Acceptance } from './acceptance.ts';
import { BurstWalk, type Runs } from './burstWalk.ts';
import type { RowRun } from './rowRun.ts';
import { ZERO } from './zero.ts';

/** Told when the end of a transfer is known. Transfers end in the order in which they began. */
export interface TransferListener {
  /**
   * The port turns to a part (0 or 1) of the oldest transfer that it has not been through: every burst before it has
   * been accepted. Data of earlier transfers may still be under way. `since`: from when on the link has been carrying a
   * store's first burst, which may be a little before; for a load now.
   */
  partBegun(part: number, since: number): void;
  /** The oldest transfer whose end was not known ends then; its first part was complete at `firstPartEnd`. */
  endKnown(end: number, firstPartEnd: number): void;
}

/** Read bursts accepted but not yet through the link, at most: what the interface can buffer. */
export const READ_CREDITS = 64;
const CREDIT_MASK = READ_CREDITS - 1;
/** Write bursts that the link may run ahead of the controller. */
const WRITE_BUFFER = 8;
const NEVER = Number.POSITIVE_INFINITY;
/** Transfers are counted up to here, and then from 0 again. */
const NUMBER_MASK = 2 ** 30 - 1;

/** A transfer from its begin until its end is known. */
interface Transfer {
  readonly begin: number;
  readonly isWrite: boolean;
  readonly parts: readonly Runs[];
  /** Whose bursts each part has. */
  readonly sources: readonly number[] | undefined;
  /** Bursts accepted whose data is not scheduled yet. */
  underWay: number;
  isOffered: boolean;
  /** Latest link time of the parts' data so far. */
  firstPartEnd: number;
  end: number;
}

export class MemoryPort {
  /** Bursts accepted by the controller. */
  bursts = 0;
  writtenBursts = 0;
  /** Transfers whose end is known. */
  ended = 0;
  /** The current burst: the one that is offered next. */
  readonly walk: BurstWalk;
  /** Whether the current burst is written. */
  isWrite = false;
  /** What the controller gives back with the current burst's data: 2 · number of the transfer + its part. */
  tag = 0;
  /** Whose the current burst is, as the memory counts bursts: one of the numbers that it gives out. */
  source = 0;
  /** The source of transfers that name none. */
  ownSource = 0;

  /** Where all ports of its memory keep when their current bursts are due, and its place there. */
  private dues: Float64Array = Float64Array.of(NEVER);
  private place = 0;
  private readonly listener: TransferListener;
  /** Memory cycles that a burst takes on the link, and on the memory's data bus. */
  private readonly linkCycles: number;
  private readonly busCycles: number;
  private readonly transfers: Transfer[] = [];
  /** Number of the first of `transfers`. */
  private first = 0;
  /** The transfer that is offered, its place in `transfers`, and its part. */
  private offered: Transfer | undefined = undefined;
  private offeredPlace = 0;
  private part = 0;
  /** The link is free from anchor + count · linkCycles on: one multiplication, so that no error adds up. */
  private anchor = ZERO;
  private count = 0;
  /** The first cycle after the last READ_CREDITS read bursts were through the link, a ring. */
  private readonly through = new Float64Array(READ_CREDITS);
  /** Places in the ring of the next burst that is accepted and of the next that goes through, and bursts in between. */
  private accepted = 0;
  private gone = 0;
  private readsUnderWay = 0;
  /** When the store's current burst has come over the link. */
  private sentAt = ZERO;

  constructor(burstBytes: number, linkCycles: number, busCycles: number, listener: TransferListener) {
    this.walk = new BurstWalk(burstBytes);
    this.linkCycles = linkCycles;
    this.busCycles = busCycles;
    this.listener = listener;
  }

  /** The first memory cycle in which the current burst may be offered; infinite if that is not known or there is none. */
  get due(): number {
    return this.dues[this.place]!;
  }

  private set due(cycle: number) {
    this.dues[this.place] = cycle;
  }

  /** Keeps `due` at a place among those of other ports from now on. */
  keepDue(dues: Float64Array, place: number): void {
    dues[place] = this.due;
    this.dues = dues;
    this.place = place;
  }

  /** Whether a transfer's end is not known yet. */
  isBusy(): boolean {
    return this.transfers.length > 0;
  }

  /** Whether some transfer has bursts left to offer. */
  hasBursts(): boolean {
    return this.offered !== undefined;
  }

  /** Whether a store's bursts come to the link among data of loads: when they do depends on what that has carried by then. */
  isLinkShared(): boolean {
    if (this.readsUnderWay === 0) return false;
    return this.isWrite || this.transfers[this.offeredPlace + 1]?.isWrite === true;
  }

  /** Queues a transfer of one or two parts in memory cycle `begin`; `sources`: whose bursts each has, if not the port's own. */
  begin(begin: number, isWrite: boolean, parts: readonly Runs[], sources?: readonly number[]): void {
    const isNew = { underWay: 0, isOffered: false, firstPartEnd: begin, end: begin };
    this.transfers.push({ begin, isWrite, parts, sources, ...isNew });
    if (this.offered === undefined) this.offerNext(begin);
  }

  /** The controller takes the current burst in `cycle`. Called before its data can be scheduled. */
  accept(cycle: number): void {
    const { walk } = this;
    this.bursts++;
    if (this.isWrite) {
      this.writtenBursts++;
      this.offered!.end = cycle + 1;
    } else {
      this.offered!.underWay++;
      this.readsUnderWay++;
      this.accepted = (this.accepted + 1) & CREDIT_MASK;
    }
    walk.advance();
    if (walk.isDone) this.partOffered(cycle);
    else if (this.isWrite) this.send(cycle);
    else this.due = this.creditDue();
  }

  /**
   * The controller takes what it can of the next `most` bursts, which have their places in the same row and none of which
   * is the last of its run of bits, in cycles from `from` up to `last`: they go to `run`.
   */
  acceptRow(run: RowRun, most: number, from: number, last: number, accepted: Acceptance): void {
    const { walk, tag, isWrite } = this;
    const { burst } = walk;
    let count = 0;
    for (; count < most; count++) {
      const cycle = accepted.from(this.due > from ? this.due : from);
      if (cycle > last) break;
      accepted.add(cycle);
      run.add((burst + count) | 0, tag, cycle);
      if (isWrite) this.send(cycle);
      else {
        this.readsUnderWay++;
        this.accepted = (this.accepted + 1) & CREDIT_MASK;
        this.due = this.creditDue();
      }
    }
    if (count === 0) return;
    walk.skip(count);
    this.bursts += count;
    if (isWrite) {
      this.writtenBursts += count;
      this.offered!.end = accepted.cycle + 1;
    } else this.offered!.underWay += count;
  }

  /** The data of a read burst is on the memory's bus until `end`: it goes over the link as soon as that is free. */
  dataScheduled(tag: number, end: number): void {
    const { linkCycles } = this;
    const transfer = this.transfers[((tag >>> 1) - this.first) & NUMBER_MASK]!;
    // What a waiting write answers was never on the bus.
    const start = Math.max(end - this.busCycles, transfer.begin);
    if (start > this.anchor + this.count * linkCycles) this.occupy(start);
    this.count++;
    let through = this.anchor + this.count * linkCycles;
    if (end > through) {
      this.occupy(end);
      through = end;
    }
    this.through[this.gone] = Math.ceil(through);
    this.gone = (this.gone + 1) & CREDIT_MASK;
    this.readsUnderWay--;
    transfer.underWay--;
    transfer.end = through;
    if ((tag & 1) === 0) transfer.firstPartEnd = through;
    if (this.due === NEVER && this.offered !== undefined) this.due = this.creditDue();
    if (transfer.underWay === 0 && transfer.isOffered) this.settle();
  }

  /** When a read may be offered: where the link has room for its data. */
  private creditDue(): number {
    if (this.readsUnderWay === READ_CREDITS) return NEVER;
    return Math.max(this.offered!.begin, this.through[this.accepted]!);
  }

  /** The last burst of a part has been accepted. */
  private partOffered(cycle: number): void {
    const transfer = this.offered!;
    if (this.part + 1 < transfer.parts.length) {
      this.offerPart(this.part + 1, cycle);
      return;
    }
    transfer.isOffered = true;
    this.offeredPlace++;
    this.offerNext(cycle);
    this.settle();
  }

  private offerNext(cycle: number): void {
    this.offered = this.transfers[this.offeredPlace];
    if (this.offered !== undefined) this.offerPart(0, cycle);
    else this.due = NEVER;
  }

  private offerPart(part: number, cycle: number): void {
    const { isWrite, parts, sources, begin } = this.offered!;
    this.part = part;
    this.source = sources === undefined ? this.ownSource : sources[part]!;
    this.isWrite = isWrite;
    this.tag = 2 * ((this.first + this.offeredPlace) & NUMBER_MASK) + part;
    this.walk.start(parts[part]!);
    if (isWrite) this.send(Math.max(cycle, begin));
    else this.due = this.creditDue();
    this.listener.partBegun(part, isWrite ? this.sentAt - this.linkCycles : cycle);
  }

  /** Puts the current burst of a store on the link, which is only so far ahead of the controller. */
  private send(cycle: number): void {
    const { linkCycles } = this;
    const { begin } = this.offered!;
    const earliest = cycle - WRITE_BUFFER * linkCycles;
    if (earliest > this.anchor + this.count * linkCycles) this.occupy(earliest);
    if (begin > this.anchor + this.count * linkCycles) this.occupy(begin);
    this.count++;
    this.sentAt = this.anchor + this.count * linkCycles;
    this.due = Math.ceil(this.sentAt);
  }

  private occupy(until: number): void {
    this.anchor = until;
    this.count = 0;
  }

  /** Reports the ends that have become known, in order. */
  private settle(): void {
    for (;;) {
      const head = this.transfers[0];
      if (head === undefined || !head.isOffered || head.underWay > 0) return;
      this.transfers.shift();
      this.first = (this.first + 1) & NUMBER_MASK;
      this.offeredPlace--;
      this.ended++;
      this.listener.endKnown(head.end, head.firstPartEnd);
    }
  }
}
