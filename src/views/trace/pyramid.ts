/**
 * Sums over ever larger groups of a lane's slices, so that a view of any size is drawn from about as many numbers as
 * it has pixels, however many slices lie under them.
 */
import type { LaneSlices, Spans } from './pageData.ts';

/** Groups, and groups of groups, have this many members. */
const FAN_OUT = 16;

/** One level: a row of sums per group. */
interface Level {
  /** Slices in a group. */
  readonly size: number;
  /** Per group and paint, the cycles that slices of that paint take. */
  readonly cycles: Float32Array;
  /** Per group, the amounts of its slices. */
  readonly amounts: Float64Array;
}

/**
 * What a slice adds to the measure of its lane. `held`: it is there all the time, so bits × cycles; `moved`: it goes
 * by, so bits; `active`: its cycles. Per cycle that is bits, bits per cycle, and one.
 */
export type Amount = 'held' | 'moved' | 'active';

export interface Pyramid<Slices extends Spans = LaneSlices> {
  readonly slices: Slices;
  readonly amount: Amount;
  readonly paints: Uint8Array;
  readonly paintCount: number;
  readonly second?: SecondPaint | undefined;
  /** Level k has groups of FAN_OUT^(k+1) slices. */
  readonly levels: readonly Level[];
}

/** What is shown of a lane: the paint of each slice, below `paintCount`, and what its slices add up to. */
export interface Shown {
  readonly paints: Uint8Array;
  readonly paintCount: number;
  readonly amount: Amount;
  readonly second?: SecondPaint | undefined;
}

/** A paint that parts of slices have beside their own. */
export interface SecondPaint {
  /** Below `paintCount`. */
  readonly paint: number;
  /** Of each slice the share of its cycles. */
  readonly shares: Float32Array;
}

/** Builds the levels. */
export function buildPyramid<Slices extends Spans>(slices: Slices, shown: Shown): Pyramid<Slices> {
  const levels: Level[] = [];
  for (let size = FAN_OUT; size < slices.count * FAN_OUT && slices.count > FAN_OUT; size *= FAN_OUT) {
    const below = levels.at(-1);
    levels.push(below === undefined ? lowestLevel(slices, shown) : levelAbove(below, shown.paintCount));
  }
  return { ...shown, slices, levels };
}

function emptyLevel(size: number, groups: number, paintCount: number): Level {
  return { size, cycles: new Float32Array(groups * paintCount), amounts: new Float64Array(groups) };
}

function lowestLevel({ count, starts, ends, bits }: Spans, { paints, paintCount, amount, second }: Shown): Level {
  const level = emptyLevel(FAN_OUT, Math.ceil(count / FAN_OUT), paintCount);
  for (let place = 0; place < count; place++) {
    const group = Math.floor(place / FAN_OUT);
    const cycles = ends[place]! - starts[place]!;
    const beside = second === undefined ? 0 : cycles * second.shares[place]!;
    if (paintCount > 0) level.cycles[group * paintCount + paints[place]!]! += cycles - beside;
    if (beside > 0) level.cycles[group * paintCount + second!.paint]! += beside;
    level.amounts[group]! += amount === 'moved' ? bits[place]! : amount === 'held' ? cycles * bits[place]! : cycles;
  }
  return level;
}

function levelAbove(below: Level, paintCount: number): Level {
  const level = emptyLevel(below.size * FAN_OUT, Math.ceil(below.amounts.length / FAN_OUT), paintCount);
  for (let group = 0; group < below.amounts.length; group++) {
    const parent = Math.floor(group / FAN_OUT);
    level.amounts[parent]! += below.amounts[group]!;
    for (let paint = 0; paint < paintCount; paint++) {
      level.cycles[parent * paintCount + paint]! += below.cycles[group * paintCount + paint]!;
    }
  }
  return level;
}

/** What a slice adds to its lane's measure in every cycle. */
export function perCycle({ slices, amount }: Pyramid<Spans>, place: number): number {
  if (amount === 'active') return 1;
  const bits = slices.bits[place]!;
  return amount === 'held' ? bits : bits / (slices.ends[place]! - slices.starts[place]!);
}

/** Takes what a view of a lane is made of. */
export interface ViewSink {
  /** A slice, at least as long as asked for. */
  slice(place: number): void;
  /** Slices, or groups of them, too short to be told apart: cycles of one paint within [start, end). */
  cycles(start: number, end: number, paint: number, cycles: number): void;
  /** What slices, or groups of them, add to the measure within [start, end). */
  amount(start: number, end: number, amount: number): void;
}

/** The first slice that ends after `cycle`. */
export function firstEndingAfter(slices: Spans, cycle: number): number {
  let low = 0;
  let high = slices.count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (slices.ends[middle]! > cycle) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The slice of a lane at `cycle`, or −1. */
export function sliceAt(slices: Spans, cycle: number): number {
  const place = firstEndingAfter(slices, cycle);
  return place < slices.count && slices.starts[place]! <= cycle ? place : -1;
}

/** Walks what lies in [from, to): slices of at least `shortest` cycles one by one, the others as sums. */
export function walkView(pyramid: Pyramid<Spans>, from: number, to: number, shortest: number, sink: ViewSink): void {
  const { slices, levels } = pyramid;
  let place = firstEndingAfter(slices, from);
  while (place < slices.count && slices.starts[place]! < to) {
    const level = largestWithin(pyramid, place, shortest, levels.length - 1);
    if (level >= 0) {
      passGroup(pyramid, levels[level]!, place, sink);
      place += levels[level]!.size;
    } else {
      passSlice(pyramid, place, shortest, sink);
      place++;
    }
  }
}

/** The highest level with a group that begins at `place` and is shorter than `shortest` cycles, or −1. */
function largestWithin({ slices, levels }: Pyramid<Spans>, place: number, shortest: number, top: number): number {
  let found = -1;
  for (let level = 0; level <= top; level++) {
    const { size } = levels[level]!;
    if (place % size !== 0) break;
    const last = Math.min(place + size, slices.count) - 1;
    if (slices.ends[last]! - slices.starts[place]! >= shortest) break;
    found = level;
  }
  return found;
}

function passGroup(pyramid: Pyramid<Spans>, level: Level, place: number, sink: ViewSink): void {
  const { slices, paintCount } = pyramid;
  const group = place / level.size;
  const start = slices.starts[place]!;
  const end = slices.ends[Math.min(place + level.size, slices.count) - 1]!;
  for (let paint = 0; paint < paintCount; paint++) {
    const cycles = level.cycles[group * paintCount + paint]!;
    if (cycles > 0) sink.cycles(start, end, paint, cycles);
  }
  sink.amount(start, end, level.amounts[group]!);
}

function passSlice(pyramid: Pyramid<Spans>, place: number, shortest: number, sink: ViewSink): void {
  const { slices, paints, paintCount, second } = pyramid;
  const start = slices.starts[place]!;
  const end = slices.ends[place]!;
  const beside = second === undefined ? 0 : (end - start) * second.shares[place]!;
  if (end - start >= shortest) sink.slice(place);
  else if (paintCount > 0) {
    sink.cycles(start, end, paints[place]!, end - start - beside);
    if (beside > 0) sink.cycles(start, end, second!.paint, beside);
  }
  sink.amount(start, end, (end - start) * perCycle(pyramid, place));
}
