/**
 * Sums over ever larger groups of a lane's slices, so that a view of any size is drawn from about as many numbers as
 * it has pixels, however many slices lie under them.
 */
import type { LaneSlices } from './pageData.ts';

/** Groups, and groups of groups, have this many members. */
const FAN_OUT = 16;

/** One level: a row of sums per group. */
interface Level {
  /** Slices in a group. */
  readonly size: number;
  /** Per group and paint, the cycles that slices of that paint take. */
  readonly cycles: Float32Array;
  /** Per group, bits × cycles: what its tiles occupy. */
  readonly bitCycles: Float64Array;
}

export interface Pyramid {
  readonly slices: LaneSlices;
  readonly paints: Uint8Array;
  readonly paintCount: number;
  /** Level k has groups of FAN_OUT^(k+1) slices. */
  readonly levels: readonly Level[];
}

/** Builds the levels; `paints` tells the paint of each slice, below `paintCount`. */
export function buildPyramid(slices: LaneSlices, paints: Uint8Array, paintCount: number): Pyramid {
  const levels: Level[] = [];
  for (let size = FAN_OUT; size < slices.count * FAN_OUT && slices.count > FAN_OUT; size *= FAN_OUT) {
    levels.push(buildLevel(slices, paints, paintCount, size, levels.at(-1)));
  }
  return { slices, paints, paintCount, levels };
}

function buildLevel(
  slices: LaneSlices,
  paints: Uint8Array,
  paintCount: number,
  size: number,
  below: Level | undefined,
): Level {
  const groups = Math.ceil(slices.count / size);
  const level = { size, cycles: new Float32Array(groups * paintCount), bitCycles: new Float64Array(groups) };
  if (below === undefined) {
    for (let place = 0; place < slices.count; place++) {
      const group = Math.floor(place / size);
      const cycles = slices.ends[place]! - slices.starts[place]!;
      level.cycles[group * paintCount + paints[place]!]! += cycles;
      level.bitCycles[group]! += cycles * slices.bits[place]!;
    }
  } else {
    for (let group = 0; group < below.bitCycles.length; group++) {
      const parent = Math.floor(group / FAN_OUT);
      level.bitCycles[parent]! += below.bitCycles[group]!;
      for (let paint = 0; paint < paintCount; paint++) {
        level.cycles[parent * paintCount + paint]! += below.cycles[group * paintCount + paint]!;
      }
    }
  }
  return level;
}

/** Takes what a view of a lane is made of. */
export interface ViewSink {
  /** A slice, at least as long as asked for. */
  slice(place: number): void;
  /** Slices, or groups of them, too short to be told apart: cycles of one paint within [start, end). */
  cycles(start: number, end: number, paint: number, cycles: number): void;
  /** The same for what tiles occupy, in bits × cycles. */
  bitCycles(start: number, end: number, bitCycles: number): void;
}

/** The first slice that ends after `cycle`. */
export function firstEndingAfter(slices: LaneSlices, cycle: number): number {
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
export function sliceAt(slices: LaneSlices, cycle: number): number {
  const place = firstEndingAfter(slices, cycle);
  return place < slices.count && slices.starts[place]! <= cycle ? place : -1;
}

/** Walks what lies in [from, to): slices of at least `shortest` cycles one by one, the others as sums. */
export function walkView(pyramid: Pyramid, from: number, to: number, shortest: number, sink: ViewSink): void {
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
function largestWithin({ slices, levels }: Pyramid, place: number, shortest: number, top: number): number {
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

function passGroup(pyramid: Pyramid, level: Level, place: number, sink: ViewSink): void {
  const { slices, paintCount } = pyramid;
  const group = place / level.size;
  const start = slices.starts[place]!;
  const end = slices.ends[Math.min(place + level.size, slices.count) - 1]!;
  for (let paint = 0; paint < paintCount; paint++) {
    const cycles = level.cycles[group * paintCount + paint]!;
    if (cycles > 0) sink.cycles(start, end, paint, cycles);
  }
  sink.bitCycles(start, end, level.bitCycles[group]!);
}

function passSlice({ slices, paints }: Pyramid, place: number, shortest: number, sink: ViewSink): void {
  const start = slices.starts[place]!;
  const end = slices.ends[place]!;
  if (end - start >= shortest) sink.slice(place);
  else sink.cycles(start, end, paints[place]!, end - start);
  sink.bitCycles(start, end, (end - start) * slices.bits[place]!);
}
