/** How a memory answers under load: bandwidth and read latency from the lightest load to one that it cannot keep up with. */
import { memoryBytes } from '../../model/dram/addressMap.ts';
import { Replay, type ReplayObserver } from '../../model/dram/replay.ts';
import type { DramSpec } from '../../model/schemas/dram.ts';
import { OpenLoop, type StreamKind } from './openLoop.ts';

/** What is asked of each memory. */
export interface Characterisation {
  readonly kinds: readonly StreamKind[];
  /** Shares of reads, 0 to 1. */
  readonly readShares: readonly number[];
  /** Offered loads, as shares of the peak bandwidth, the least first. */
  readonly loads: readonly number[];
  /** From one burst to the next of a strided stream; the length of a row unless given. */
  readonly strideBytes?: number | undefined;
  /** Memory cycles that are measured at each load; whole refresh intervals unless given. */
  readonly cycles?: number | undefined;
  readonly seed: string;
}

/** A memory at one load. Cycles are those of the memory's clock. */
export interface LoadPoint {
  /** The load asked for, as a share of the peak bandwidth. */
  readonly load: number;
  /** What arrived in the measured cycles, by chance a little more or less, and what was served in them. */
  readonly offered: number;
  readonly achieved: number;
  readonly achievedGigabytesPerSecond: number;
  /** Whether more arrives than can be served: the queue before the memory then grows as long as the run goes on. */
  readonly isSaturated: boolean;
  /**
   * From arrival to the end of data, over reads that arrived in the measured cycles. There is none without reads, and none
   * where the queue grows and the latency with it.
   */
  readonly meanReadLatencyCycles?: number;
  /** What 95 in 100 reads do not exceed. */
  readonly p95ReadLatencyCycles?: number;
  /** Of the column commands of the whole run, those whose row was open already. */
  readonly rowHitShare: number;
}

/** One kind of stream, and what the memory makes of it at each load, up to the first that is too much. */
export interface LoadCurve {
  readonly stream: StreamKind;
  /** Of the requests, 0 to 1. */
  readonly readShare: number;
  readonly points: readonly LoadPoint[];
  /** Loads that were asked for and not measured: a lesser one saturates the memory, and so would they. */
  readonly unmeasuredLoads: readonly number[];
}

/** A memory, and what was found. */
export interface MemoryCurves {
  readonly dram: string;
  readonly isValidated: boolean;
  readonly channels: number;
  readonly mapping: string;
  readonly clockPicoseconds: number;
  /** Every data bus busy in every cycle. */
  readonly peakGigabytesPerSecond: number;
  readonly strideBytes: number;
  readonly measuredCycles: number;
  readonly curves: readonly LoadCurve[];
}

/** Bursts that the peak bandwidth moves while it is measured, at least; and a refresh interval where there is none. */
const MEASURED_BURSTS = 1 << 15;
const WITHOUT_REFRESH = 4096;
/** All requests of a load are kept, at some 30 bytes each. */
const MOST_REQUESTS = 10_000_000;
/** The memory has not kept up if more of what has arrived than this share still waits to be taken in the end. */
const LEFT_BEHIND = 0.01;
/** The latency that so many reads do not exceed. */
const PERCENTILE = 0.95;
/** Looks at cycles between two pauses. */
const LOOKS_PER_PAUSE = 1 << 14;

/** Bursts per cycle with every data bus busy. */
function peakRate({ organization, timing }: DramSpec): number {
  return (organization.channels * organization.pseudoChannels) / timing.burst;
}

/** Gigabytes (10⁹ bytes) per second with every data bus busy. */
export function peakGigabytesPerSecond(spec: DramSpec): number {
  return (peakRate(spec) * spec.organization.bytesPerAccess * 1000) / spec.clockPicoseconds;
}

/** From one refresh to the next. */
function intervalCycles({ refresh, timing }: DramSpec): number {
  return refresh === 'off' || timing.REFI === undefined || timing.REFI === 0 ? WITHOUT_REFRESH : timing.REFI;
}

/** Whole refresh intervals, so that each load meets as many refreshes. */
function measuredCycles(spec: DramSpec): number {
  const interval = intervalCycles(spec);
  return interval * Math.ceil(MEASURED_BURSTS / (interval * peakRate(spec)));
}

/** The stride of a strided stream: a row of one bank. */
export function rowBytes({ organization }: DramSpec): number {
  return organization.accessesPerRow * organization.bytesPerAccess;
}

/**
 * What is wrong with what is asked of a memory, in words, with what was found; undefined if nothing is.
 */
export function problemWith(
  spec: DramSpec,
  { strideBytes, cycles, loads }: Characterisation,
): { readonly about: 'strideBytes' | 'cycles'; readonly found: number; readonly expected: string } | undefined {
  const { bytesPerAccess } = spec.organization;
  const longest = memoryBytes(spec) / 2;
  if (strideBytes !== undefined && (strideBytes % bytesPerAccess !== 0 || strideBytes > longest)) {
    const expected = `whole bursts of ${spec.name} (${bytesPerAccess} bytes), at most half of it (${longest})`;
    return { about: 'strideBytes', found: strideBytes, expected };
  }
  const most = Math.floor(MOST_REQUESTS / (peakRate(spec) * loads.at(-1)!));
  if (cycles !== undefined && cycles + intervalCycles(spec) > most) {
    const expected = `so few that with those before them at most ${MOST_REQUESTS} requests arrive`;
    return { about: 'cycles', found: cycles, expected };
  }
  return undefined;
}

/** What is served from one cycle to another, and how long reads that arrive then take. */
class Meter implements ReplayObserver {
  bursts = 0;
  readonly latencies: number[] = [];
  private readonly from: number;
  private readonly to: number;
  private readonly arrivals: number[] = [];

  constructor(from: number, to: number) {
    this.from = from;
    this.to = to;
  }

  offered(number: number, arrivalCycle: number): void {
    this.arrivals[number] = arrivalCycle;
  }

  served(number: number, isWrite: boolean, endCycle: number): void {
    const arrival = this.arrivals[number]!;
    if (endCycle > this.from && endCycle <= this.to) this.bursts++;
    if (!isWrite && arrival >= this.from && arrival < this.to) this.latencies.push(endCycle - arrival);
  }
}

/** Mean and percentile; neither of nothing. */
function statisticsOf(latencies: readonly number[]): Pick<LoadPoint, 'meanReadLatencyCycles' | 'p95ReadLatencyCycles'> {
  const sorted = Float64Array.from(latencies).sort();
  const { length } = sorted;
  if (length === 0) return {};
  return {
    meanReadLatencyCycles: sorted.reduce((sum, each) => sum + each, 0) / length,
    p95ReadLatencyCycles: sorted[Math.ceil(PERCENTILE * length) - 1]!,
  };
}

/** Where a memory is measured, and by which requests. */
interface Measuring {
  readonly spec: DramSpec;
  readonly kind: StreamKind;
  readonly readShare: number;
  readonly strideBytes: number;
  readonly cycles: number;
  readonly seed: string;
}

/** A memory at one load; yields the share of the cycles that are played. */
function* measure(load: number, { spec, cycles, ...stream }: Measuring): Generator<number, LoadPoint> {
  // One refresh interval before it is measured, the memory is at rest.
  const from = intervalCycles(spec);
  const to = from + cycles;
  const source = new OpenLoop({ ...stream, rate: load * peakRate(spec), endCycle: to }, spec);
  const meter = new Meter(from, to);
  const run = new Replay(
    spec,
    source,
    { mode: 'ports', max_per_cycle: spec.organization.channels },
    { observer: meter },
  );
  let looks = 0;
  let cycle = 0;
  for (; cycle <= to && !run.isDone(); cycle = run.play(cycle)) {
    if (++looks % LOOKS_PER_PAUSE === 0) yield cycle / to;
  }
  const arrived = source.arrivalsFrom(from);
  const isSaturated = source.requests - run.reads - run.writes > LEFT_BEHIND * arrived;
  // Else the last reads are still under way, and few.
  if (!isSaturated) while (!run.isDone()) cycle = run.play(cycle);
  const most = cycles * peakRate(spec);
  const sum = (count: 'rowHits' | 'rowMisses'): number =>
    run.channels.all.reduce((total, channel) => total + channel[count], 0);
  const columns = sum('rowHits') + sum('rowMisses');
  return {
    load,
    offered: arrived / most,
    achieved: meter.bursts / most,
    achievedGigabytesPerSecond: (meter.bursts / most) * peakGigabytesPerSecond(spec),
    isSaturated,
    ...statisticsOf(isSaturated ? [] : meter.latencies),
    rowHitShare: columns === 0 ? 0 : sum('rowHits') / columns,
  };
}

/** Measures one kind of stream; more than what saturates a memory saturates it too. */
function* curveOf({ kind, readShare, ...rest }: Measuring, loads: readonly number[]): Generator<number, LoadCurve> {
  const points: LoadPoint[] = [];
  for (const [place, load] of loads.entries()) {
    const run = measure(load, { kind, readShare, ...rest });
    let step = run.next();
    for (; step.done !== true; step = run.next()) yield (place + step.value) / loads.length;
    points.push(step.value);
    if (step.value.isSaturated) break;
  }
  return { stream: kind, readShare, points, unmeasuredLoads: loads.slice(points.length) };
}

/** Measures memories, kind by kind and load by load; yields how far that is, as a share. */
export function* characterise(specs: readonly DramSpec[], asked: Characterisation): Generator<number, MemoryCurves[]> {
  const { kinds, readShares, loads, seed } = asked;
  const all = specs.length * kinds.length * readShares.length;
  let done = 0;
  const memories: MemoryCurves[] = [];
  for (const spec of specs) {
    const { strideBytes = rowBytes(spec), cycles = measuredCycles(spec) } = asked;
    const curves: LoadCurve[] = [];
    for (const kind of kinds) {
      for (const readShare of readShares) {
        const run = curveOf({ spec, kind, readShare, strideBytes, cycles, seed }, loads);
        let step = run.next();
        for (; step.done !== true; step = run.next()) yield (done + step.value) / all;
        curves.push(step.value);
        yield ++done / all;
      }
    }
    memories.push({
      dram: spec.name,
      isValidated: spec.isValidated,
      channels: spec.organization.channels,
      mapping: spec.mapping,
      clockPicoseconds: spec.clockPicoseconds,
      peakGigabytesPerSecond: peakGigabytesPerSecond(spec),
      strideBytes,
      measuredCycles: cycles,
      curves,
    });
  }
  return memories;
}
