/** What a channel has done: its commands, its bursts by direction and, among those of all channels, by source, and their latencies. */
import type { DramSpec } from '../schemas/dram.ts';
import { BankTree } from './bankTree.ts';
import { BurstCounts, READS, WRITES } from './burstCounts.ts';
import { ACT, ISSUED, RD, REF, REFPB, WR } from './commandTable.ts';

/** A data bus that has carried nothing yet. */
const UNUSED = 2;

export abstract class ChannelCounts {
  /** Commands issued, by number. */
  readonly issued = new Float64Array(ISSUED.length);
  /** Its bursts, reads and writes apart; those on the bus are the column commands that have issued. */
  readonly bursts: BurstCounts;
  /** Sum over reads of the cycles from acceptance to the end of data. */
  readLatencyCycles = 0;
  /** End of the last data on the bus. */
  lastDataEnd = 0;
  /** Per bank: its row has been opened and no column command has gone to it. */
  protected readonly isRowFresh: Uint8Array;
  /** Per bank: its last row was closed for a request that waited for another one. */
  protected readonly isClosedForRequest: Uint8Array;
  /** Whether latencies are counted. */
  protected readonly hasLatencies: boolean;
  private readonly bySource: BurstCounts;
  private lastLatency = 0;
  private lastKind = 0;
  private alike = 0;
  /** Per bank the data bus that it is on, and per bus which way its last burst went. */
  private readonly busOf: Uint8Array;
  private readonly direction: Uint8Array;
  /** Reads that a waiting write has answered. */
  private forwardedReads = 0;

  /** `bySource`: where all channels count the bursts of each source, reads and writes apart. */
  constructor(spec: DramSpec, bySource: BurstCounts) {
    const tree = new BankTree(spec);
    const { banks } = tree;
    this.isRowFresh = new Uint8Array(banks);
    this.isClosedForRequest = new Uint8Array(banks);
    this.bySource = bySource;
    this.hasLatencies = bySource.latencies !== undefined;
    this.bursts = new BurstCounts(2, this.hasLatencies, this.issued.subarray(RD, WR + 1));
    const banksPerBus = tree.banksPer('pseudo channel');
    this.busOf = Uint8Array.from({ length: banks }, (_, bank) => Math.floor(bank / banksPerBus));
    this.direction = new Uint8Array(banks / banksPerBus).fill(UNUSED);
  }

  /** Column commands that are the first since their row was opened. */
  get rowMisses(): number {
    return this.bursts.all().rowMisses;
  }

  /** Column commands whose row another had been to since it was opened. */
  get rowHits(): number {
    return this.issued[RD]! + this.issued[WR]! - this.rowMisses;
  }

  /** Reads whose data has been scheduled. */
  get reads(): number {
    return this.issued[RD]! + this.forwardedReads;
  }

  get activates(): number {
    return this.issued[ACT]!;
  }

  get refreshes(): number {
    return this.issued[REF]! + this.issued[REFPB]!;
  }

  /** Counts a burst of a kind that a waiting write answers or absorbs. */
  protected noteForwarded(kind: number, latencyCycles: number): void {
    this.bursts.noteForwarded(kind & 1);
    this.bySource.noteForwarded(kind);
    if (this.hasLatencies) this.noteLatency(kind, latencyCycles);
    if ((kind & 1) === WRITES) return;
    this.forwardedReads++;
    this.readLatencyCycles += latencyCycles;
  }

  /** Counts the latency of a burst of a kind; most are as that of the one before. */
  protected noteLatency(kind: number, latency: number): void {
    if (latency === this.lastLatency && kind === this.lastKind) {
      this.alike++;
      return;
    }
    this.settleLatencies();
    this.lastLatency = latency;
    this.lastKind = kind;
    this.alike = 1;
  }

  /** Puts latencies that were alike into the histograms. */
  settleLatencies(): void {
    const { alike, lastKind: kind, lastLatency: latency } = this;
    if (alike === 0) return;
    this.bursts.latencies!.note(kind & 1, latency, alike);
    this.bySource.latencies!.note(kind, latency, alike);
    this.alike = 0;
  }

  /** Counts column commands of a kind to a bank, one behind the other, the sum of their latencies, and the end of their data. */
  protected noteColumns(count: number, kind: number, bank: number, latencyCycles: number, end: number): void {
    const { direction, busOf } = this;
    const way = kind & 1;
    if (way === READS) this.readLatencyCycles += latencyCycles;
    if (end > this.lastDataEnd) this.lastDataEnd = end;
    this.issued[way === WRITES ? WR : RD]! += count;
    this.bySource.busBursts[kind]! += count;
    const bus = busOf[bank]!;
    if (direction[bus] === way) return;
    if (direction[bus] !== UNUSED) {
      this.bursts.noteTurnaround(way);
      this.bySource.noteTurnaround(kind);
    }
    direction[bus] = way;
  }

  protected noteMiss(kind: number, bank: number): void {
    const isConflict = this.isClosedForRequest[bank] === 1;
    this.bursts.noteMiss(kind & 1, isConflict);
    this.bySource.noteMiss(kind, isConflict);
  }
}
