/**
 * Latencies of bursts as histograms, by kind: from the cycle in which a burst is accepted to the end of its data on the bus.
 * Each cycle has a bin of its own up to 32; above, an octave has sixteen, so that a bin is at most a sixteenth wide.
 */

const EXACT_BINS = 32;
const BINS_PER_OCTAVE = 16;
/** The octave that begins with 16. */
const FIRST_OCTAVE = 4;
/** What takes longer is counted as this: the widest bin ends with it. */
const MOST_CYCLES = 2 ** 31 - 1;
const BINS = binOf(MOST_CYCLES) + 1;

function binOf(cycles: number): number {
  if (cycles < EXACT_BINS) return cycles;
  const shift = 31 - Math.clz32(cycles) - FIRST_OCTAVE;
  return BINS_PER_OCTAVE * shift + (cycles >>> shift);
}

/** The largest latency that a bin holds. */
function lastOf(bin: number): number {
  if (bin < EXACT_BINS) return bin;
  const shift = Math.floor(bin / BINS_PER_OCTAVE) - 1;
  return (BINS_PER_OCTAVE + (bin % BINS_PER_OCTAVE) + 1) * 2 ** shift - 1;
}

/** The bursts of latencies that begin with `from` and end with `to` cycles. */
export interface LatencyBin {
  readonly from: number;
  readonly to: number;
  readonly bursts: number;
}

/** The latencies of some bursts, in memory clock cycles. */
export interface LatencySummary {
  readonly meanCycles: number;
  /** So many cycles or fewer for this share of the bursts: exact up to 32 cycles, above at most a sixteenth too large. */
  readonly p50Cycles: number;
  readonly p95Cycles: number;
  readonly p99Cycles: number;
  readonly maxCycles: number;
  /** By powers of two, from the first to the last that any burst took. */
  readonly histogram: readonly LatencyBin[];
}

/** The latencies of bursts, which can be added up. */
export class Latencies {
  bursts = 0;
  private cycles = 0;
  private longest = 0;
  private readonly bins = new Float64Array(BINS);

  /** Adds bursts of which so many are in each bin, with the sum and the longest of their latencies. */
  addBins(bins: Float64Array, cycles: number, longest: number): void {
    for (let bin = 0; bin < BINS; bin++) {
      this.bins[bin]! += bins[bin]!;
      this.bursts += bins[bin]!;
    }
    this.cycles += cycles;
    if (longest > this.longest) this.longest = longest;
  }

  /** Adds the bursts of others. */
  add({ bins, cycles, longest }: Latencies): void {
    this.addBins(bins, cycles, longest);
  }

  /** Undefined without bursts. */
  summary(): LatencySummary | undefined {
    if (this.bursts === 0) return undefined;
    return {
      meanCycles: this.cycles / this.bursts,
      p50Cycles: this.within(0.5),
      p95Cycles: this.within(0.95),
      p99Cycles: this.within(0.99),
      maxCycles: this.longest,
      histogram: this.histogram(),
    };
  }

  /** The least latency that this share of the bursts does not exceed, as far as bins tell. */
  private within(share: number): number {
    let left = share * this.bursts;
    let bin = 0;
    for (; bin < BINS - 1; bin++) {
      left -= this.bins[bin]!;
      if (left <= 0) break;
    }
    return Math.min(lastOf(bin), this.longest);
  }

  private histogram(): LatencyBin[] {
    const octaves: { from: number; to: number; bursts: number }[] = [];
    for (let bin = 0; bin < BINS; bin++) {
      const bursts = this.bins[bin]!;
      if (bursts === 0) continue;
      const to = octaveEnd(lastOf(bin));
      const last = octaves.at(-1);
      if (last?.to === to) {
        last.bursts += bursts;
        continue;
      }
      // Those in between, without any.
      for (let end = last === undefined ? to : 2 * last.to + 1; end <= to; end = 2 * end + 1) {
        octaves.push({ from: (end + 1) / 2, to: end, bursts: end === to ? bursts : 0 });
      }
    }
    return octaves;
  }
}

/** The last number before the next power of two. */
function octaveEnd(cycles: number): number {
  return cycles === 0 ? 0 : 2 ** (32 - Math.clz32(cycles)) - 1;
}

export class LatencyCounts {
  private bins: Float64Array;
  private cycles: Float64Array;
  private longest: Float64Array;

  constructor(kinds: number) {
    this.bins = new Float64Array(kinds * BINS);
    this.cycles = new Float64Array(kinds);
    this.longest = new Float64Array(kinds);
  }

  /** Makes room for more kinds, of which nothing has been counted. */
  grow(kinds: number): void {
    const { bins, cycles, longest } = this;
    this.bins = new Float64Array(kinds * BINS);
    this.cycles = new Float64Array(kinds);
    this.longest = new Float64Array(kinds);
    this.bins.set(bins);
    this.cycles.set(cycles);
    this.longest.set(longest);
  }

  /** Counts so many bursts of a kind that are alike. */
  note(kind: number, latency: number, bursts: number): void {
    const cycles = (latency < MOST_CYCLES ? latency : MOST_CYCLES) | 0;
    this.bins[kind * BINS + binOf(cycles)]! += bursts;
    this.cycles[kind]! += latency * bursts;
    if (latency > this.longest[kind]!) this.longest[kind] = latency;
  }

  /** The latencies of a kind. */
  of(kind: number): Latencies {
    const latencies = new Latencies();
    latencies.addBins(this.bins.subarray(kind * BINS, (kind + 1) * BINS), this.cycles[kind]!, this.longest[kind]!);
    return latencies;
  }
}
