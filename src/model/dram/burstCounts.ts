/**
 * What has become of bursts, by kind: in typed arrays, so that nothing is allocated per burst. A channel counts its own by
 * direction; those of a memory count them by source too, all in the same arrays.
 */

import { type Latencies, LatencyCounts } from './latencyCounts.ts';

/** What is added to twice a source's number to say which of its bursts; of a channel as a whole the kind itself. */
export const READS = 0;
export const WRITES = 1;

/** Bursts of one kind, or sums over some. */
export interface BurstSums {
  /** Bursts on the data bus: column commands. */
  busBursts: number;
  /** Bursts that a waiting write has answered (reads) or absorbed (writes): they are never on the bus. */
  forwarded: number;
  /** Of the bursts on the bus, those whose row another had been to since it was opened. */
  rowHits: number;
  /** And those that were the first since then. */
  rowMisses: number;
  /** Of the misses, those for which another row was closed; the others found their bank closed by a refresh, or as it began. */
  rowConflicts: number;
  /** Of the bursts on the bus, those that turned it: the one before them went the other way. */
  turnarounds: number;
}

/** Bursts that are read and bursts that are written. */
export interface Traffic {
  readonly read: BurstSums;
  readonly write: BurstSums;
}

/** The latencies of both, where they are counted. */
export interface TrafficLatencies {
  readonly read: Latencies;
  readonly write: Latencies;
}

/** Bursts that someone has asked for. */
export interface AskedTraffic extends Traffic {
  /** Bits asked for, of which the bursts that touch them are made: each is moved whole. */
  readonly askedBits: { readonly read: number; readonly write: number };
  /** Where they are counted. */
  readonly latencies?: TrafficLatencies | undefined;
}

/** Nothing yet. */
export function noBurstSums(): BurstSums {
  return { busBursts: 0, forwarded: 0, rowHits: 0, rowMisses: 0, rowConflicts: 0, turnarounds: 0 };
}

export class BurstCounts {
  /** Where they are asked for: a histogram costs a few percent of a run. */
  readonly latencies: LatencyCounts | undefined;
  /** Per kind, as `BurstSums` names them. */
  busBursts: Float64Array;
  private forwarded: Float64Array;
  private rowMisses: Float64Array;
  private rowConflicts: Float64Array;
  private turnarounds: Float64Array;

  /** `busBursts`: where whoever issues column commands counts them, if he does. */
  constructor(kinds: number, hasLatencies: boolean, busBursts = new Float64Array(kinds)) {
    this.latencies = hasLatencies ? new LatencyCounts(kinds) : undefined;
    this.busBursts = busBursts;
    this.forwarded = new Float64Array(kinds);
    this.rowMisses = new Float64Array(kinds);
    this.rowConflicts = new Float64Array(kinds);
    this.turnarounds = new Float64Array(kinds);
  }

  get kinds(): number {
    return this.busBursts.length;
  }

  /** Makes room for more kinds, of which nothing has been counted. */
  grow(kinds: number): void {
    const grown = (counts: Float64Array): Float64Array => {
      const more = new Float64Array(kinds);
      more.set(counts);
      return more;
    };
    this.latencies?.grow(kinds);
    this.busBursts = grown(this.busBursts);
    this.forwarded = grown(this.forwarded);
    this.rowMisses = grown(this.rowMisses);
    this.rowConflicts = grown(this.rowConflicts);
    this.turnarounds = grown(this.turnarounds);
  }

  noteForwarded(kind: number): void {
    this.forwarded[kind]!++;
  }

  noteMiss(kind: number, isConflict: boolean): void {
    this.rowMisses[kind]!++;
    if (isConflict) this.rowConflicts[kind]!++;
  }

  noteTurnaround(kind: number): void {
    this.turnarounds[kind]!++;
  }

  /** Adds the bursts of a kind to sums. */
  addTo(sums: BurstSums, kind: number): void {
    sums.busBursts += this.busBursts[kind]!;
    sums.forwarded += this.forwarded[kind]!;
    sums.rowHits += this.busBursts[kind]! - this.rowMisses[kind]!;
    sums.rowMisses += this.rowMisses[kind]!;
    sums.rowConflicts += this.rowConflicts[kind]!;
    sums.turnarounds += this.turnarounds[kind]!;
  }

  /** The bursts of a source, by its number, or of a channel that counts its own: 0. */
  traffic(source: number): Traffic {
    const [read, write] = [noBurstSums(), noBurstSums()];
    this.addTo(read, 2 * source + READS);
    this.addTo(write, 2 * source + WRITES);
    return { read, write };
  }

  /** The latencies of the same; undefined where they are not counted. */
  latenciesOf(source: number): TrafficLatencies | undefined {
    const { latencies } = this;
    return latencies && { read: latencies.of(2 * source + READS), write: latencies.of(2 * source + WRITES) };
  }

  /** The sums over all kinds. */
  all(): BurstSums {
    const sums = noBurstSums();
    for (let kind = 0; kind < this.kinds; kind++) this.addTo(sums, kind);
    return sums;
  }
}
