/**
 * One off-chip interface at a banked memory: a queue of transfers whose bursts are offered in order, and a link that
 * carries whole bursts at the interface's own rate. Times are memory cycles, fractional on the link.
 */
import { BurstWalk, type Runs } from './burstWalk.ts';

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
/** Write bursts that the link may run ahead of the controller. */
const WRITE_BUFFER = 8;
const NEVER = Number.POSITIVE_INFINITY;
const UNKNOWN = -1;

/** A transfer from its begin until its end is known. */
interface Transfer {
  readonly begin: number;
  readonly isWrite: boolean;
  readonly parts: readonly Runs[];
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
  /** Byte address of the burst that is offered next. */
  readonly walk: BurstWalk;

  private readonly listener: TransferListener;
  /** Memory cycles that a burst takes on the link, and on the memory's data bus. */
  private readonly linkCycles: number;
  private readonly busCycles: number;
  private readonly transfers: Transfer[] = [];
  /** Number of the first of `transfers`. */
  private first = 0;
  /** The transfer that is offered, and its part. */
  private offered: Transfer | undefined;
  private offeredNumber = 0;
  private part = 0;
  /** The link is free from anchor + count · linkCycles on: one multiplication, so that no error adds up. */
  private anchor = 0;
  private count = 0;
  /** When the last READ_CREDITS read bursts were through the link, a ring. */
  private readonly through = new Float64Array(READ_CREDITS);
  private readsAccepted = 0;
  private readsThrough = 0;
  /** When the store's current burst has come over the link. */
  private sentAt = UNKNOWN;

  constructor(burstBytes: number, linkCycles: number, busCycles: number, listener: TransferListener) {
    this.walk = new BurstWalk(burstBytes);
    this.linkCycles = linkCycles;
    this.busCycles = busCycles;
    this.listener = listener;
  }

  /** Whether a transfer's end is not known yet. */
  isBusy(): boolean {
    return this.transfers.length > 0;
  }

  /** Queues a transfer of one or two parts in memory cycle `begin`. */
  begin(begin: number, isWrite: boolean, parts: readonly Runs[]): void {
    this.transfers.push({ begin, isWrite, parts, underWay: 0, isOffered: false, firstPartEnd: begin, end: begin });
    if (this.offered === undefined) this.offerNext(begin);
  }

  /** Whether the current burst is written. */
  isWrite(): boolean {
    return this.offered!.isWrite;
  }

  /** What the controller gives back with the current burst's data: 2 · number of the transfer + its part. */
  tag(): number {
    return 2 * this.offeredNumber + this.part;
  }

  /** The first memory cycle in which the current burst may be offered; infinite if that is not known or there is none. */
  dueCycle(): number {
    const { offered } = this;
    if (offered === undefined) return NEVER;
    if (offered.isWrite) return Math.ceil(this.sentAt);
    const credit = this.readsAccepted - READ_CREDITS;
    if (credit < 0) return offered.begin;
    if (credit >= this.readsThrough) return NEVER;
    return Math.max(offered.begin, Math.ceil(this.through[credit % READ_CREDITS]!));
  }

  /** The controller takes the current burst in `cycle`. Called before its data can be scheduled. */
  accept(cycle: number): void {
    const transfer = this.offered!;
    this.bursts++;
    if (transfer.isWrite) {
      transfer.end = cycle + 1;
    } else {
      this.readsAccepted++;
      transfer.underWay++;
    }
    this.walk.advance();
    if (!this.walk.isDone) {
      if (transfer.isWrite) this.send(cycle);
      return;
    }
    this.part++;
    if (this.part < transfer.parts.length) {
      this.walk.start(transfer.parts[this.part]!);
      if (transfer.isWrite) this.send(cycle);
      this.tellBegun(cycle);
      return;
    }
    transfer.isOffered = true;
    this.offeredNumber++;
    this.offerNext(cycle);
    this.settle();
  }

  /** The data of a read burst is on the memory's bus until `end`: it goes over the link as soon as that is free. */
  dataScheduled(tag: number, end: number): void {
    const transfer = this.transfers[(tag >>> 1) - this.first]!;
    // What a waiting write answers was never on the bus.
    const start = Math.max(end - this.busCycles, transfer.begin);
    if (start > this.linkFree()) this.occupy(start);
    this.count++;
    if (end > this.linkFree()) this.occupy(end);
    const through = this.linkFree();
    this.through[this.readsThrough++ % READ_CREDITS] = through;
    transfer.underWay--;
    transfer.end = through;
    if ((tag & 1) === 0) transfer.firstPartEnd = through;
    if (transfer.underWay === 0 && transfer.isOffered) this.settle();
  }

  private offerNext(cycle: number): void {
    this.offered = this.transfers[this.offeredNumber - this.first];
    this.part = 0;
    if (this.offered === undefined) return;
    this.walk.start(this.offered.parts[0]!);
    if (this.offered.isWrite) this.send(Math.max(cycle, this.offered.begin));
    this.tellBegun(cycle);
  }

  private tellBegun(cycle: number): void {
    this.listener.partBegun(this.part, this.offered!.isWrite ? this.sentAt - this.linkCycles : cycle);
  }

  /** Puts the current burst of a store on the link, which is only so far ahead of the controller. */
  private send(cycle: number): void {
    const earliest = cycle - WRITE_BUFFER * this.linkCycles;
    if (earliest > this.linkFree()) this.occupy(earliest);
    if (this.offered!.begin > this.linkFree()) this.occupy(this.offered!.begin);
    this.count++;
    this.sentAt = this.linkFree();
  }

  private linkFree(): number {
    return this.anchor + this.count * this.linkCycles;
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
      this.first++;
      this.listener.endKnown(head.end, head.firstPartEnd);
    }
  }
}
