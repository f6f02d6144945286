/**
 * How large every number of an input file may be, and why: the one table. What it lets through ends, in memory that its
 * size explains, and a figure that comes of it is exact or refused (see layers/exactness.ts).
 */
import { z } from 'zod';

/** 2⁵³ − 1: up to here every whole number has a double of its own. */
export const LARGEST_EXACT = Number.MAX_SAFE_INTEGER;

/** What a number may be. */
export interface Bound {
  /** The least, where that is not 0 or 1 by what the number means. */
  readonly least?: number;
  readonly most: number;
  /** What more, or less, would do. */
  readonly why: string;
}

/** Images of a batch. By itself, so that who reads no files takes nothing else of the table along. */
export const BATCH = { most: 1_000_000_000, why: 'the tiling generator tries the divisors of a batch' } as const;

/** The largest value of every kind of number. */
export const BOUNDS = {
  // Hardware.
  arraySide: { most: 2 ** 16, why: '2³² PEs, whose smallest SRAMs can still be counted in bits' },
  elementBits: { most: 1024, why: 'wider than any number format' },
  sramKiB: { least: 2 ** -13, most: 2 ** 40, why: 'from one bit to 2⁵³ bits, up to which all can be counted' },
  capacityBits: { most: 2 ** 52, why: 'two halves of it can still be counted' },
  addressBits: { most: 40, why: '2⁴⁰ instructions' },
  slots: { most: 256, why: 'the machine keeps the state of each slot' },
  bitsPerCycle: { least: 2 ** -10, most: 2 ** 40, why: 'from a bit in 1024 cycles to any tile in one' },
  aluCycles: { most: 1_000_000, why: 'longer than any operation takes' },
  clockPicoseconds: { least: 1, most: 1e9, why: 'from 1 THz down to 1 kHz; two clocks are compared cycle by cycle' },
  // Workload.
  channels: { most: 2 ** 30, why: 'a row of a billion elements' },
  side: { most: 2 ** 20, why: 'the tiling generator tries each part of a side' },
  tileSide: { most: LARGEST_EXACT, why: '2⁵³ − 1, up to which it is exact' },
  batch: BATCH,
  statement: { most: LARGEST_EXACT, why: '2⁵³ − 1, up to which it is exact' },
  constant: { least: -3.5e38, most: 3.5e38, why: 'what 32 bits of floating point hold' },
  // DRAM.
  channelsOfMemory: { most: 1024, why: 'each has its own queues, banks and timers' },
  banks: { most: 1024, why: 'each takes some hundred bytes in its channel' },
  ticksPerClock: { most: 2, why: 'a clock has two edges' },
  window: { least: 2, most: 64, why: 'so many commands are remembered' },
  commandCycles: { most: 64, why: 'longer than any command' },
  ofGroup: { most: 1024, why: 'more than a channel keeps' },
  accesses: { most: 2 ** 31, why: 'addresses of accesses have 31 bits' },
  accessBytes: { most: 4096, why: 'longer than any burst' },
  queue: { most: 4096, why: 'every entry takes about 60 bytes in each channel' },
  memoryClockPicoseconds: { least: 1, most: 1_000_000, why: 'from 1 THz down to 1 MHz' },
  timing: { most: 65_536, why: 'cycles between two commands, longer than any refresh takes' },
  refreshInterval: { most: 2 ** 30, why: 'seconds without a refresh' },
  latencyCycles: { most: 1_000_000, why: 'a millisecond at 1 GHz' },
  latencyBurstBytes: { most: 2 ** 20, why: 'a transfer moves whole bursts' },
  efficiency: { least: 2 ** -10, most: 1, why: 'the bandwidth itself, or a thousandth of it' },
  share: { least: 0, most: 1, why: 'all of it' },
  // Requests.
  address: { most: LARGEST_EXACT, why: '2⁵³ − 1, the last byte with an exact address' },
  arrival: { most: 2 ** 52, why: '2⁵², so that what follows is still exact in 2⁵³' },
  stride: { least: -LARGEST_EXACT, most: LARGEST_EXACT, why: '2⁵³ − 1, the last byte with an exact address' },
  seed: { most: 2 ** 32 - 1, why: 'the generator has 32 bits' },
  outOf256: { most: 256, why: 'all of them' },
  requests: { most: 1_000_000_000, why: 'an hour at some hundred nanoseconds each' },
  requestsPerCycle: { most: 1_000_000, why: 'far more than channels can accept' },
  // Energy.
  energy: { most: 1e12, why: 'a watt per element; with 2⁵³ cycles it is still a number' },
  dramMilliamperes: { most: 1e6, why: 'a thousand amperes through one device' },
  dramVolts: { least: 0.1, most: 100, why: 'far more than a memory stands' },
  dramDevices: { most: 1024, why: 'more than any bus is wide' },
  // Searches.
  quantity: { least: -LARGEST_EXACT, most: LARGEST_EXACT, why: '2⁵³ − 1, up to which whole numbers are exact' },
  wholePercent: { most: 100, why: 'all of it' },
  percent: { most: 1e6, why: 'ten thousand times the budget' },
  reranked: { most: 10_000, why: 'each point is compared with each' },
  validatedPoints: { most: 1000, why: 'the layers and results of each are kept' },
  shownLayers: { most: 1_000_000_000, why: 'more than memory holds' },
  // Results that are read again.
  figure: { least: -LARGEST_EXACT, most: LARGEST_EXACT, why: '2⁵³ − 1, up to which figures are exact' },
  // The command line.
  workers: { most: 256, why: 'a thread each, with a heap of its own' },
  idleSeconds: { most: 1_000_000, why: 'eleven days' },
  shards: { most: 100_000, why: 'a journal each' },
  megabytes: { most: 1_000_000, why: 'a terabyte' },
  cases: { most: 1_000_000_000, why: 'days of them' },
} as const satisfies Record<string, Bound>;

/** `at most 256: the machine keeps the state of each slot`; for schemas and options alike. */
export function atMost(bound: Bound): string {
  return `≤ ${bound.most} (${bound.why})`;
}

const tooLarge = (bound: Bound) => ({ error: `a number ${atMost(bound)}` });
const tooSmall = (bound: Bound) => ({ error: `a number ≥ ${bound.least} (${bound.why})` });

/** A whole number from 1. */
export function countUpTo(bound: Bound): z.ZodInt {
  return z.int().positive().max(bound.most, tooLarge(bound));
}

/** A whole number from 0. */
export function naturalUpTo(bound: Bound): z.ZodInt {
  return z.int().nonnegative().max(bound.most, tooLarge(bound));
}

/** A number between the two ends of its bound. */
export function numberWithin(bound: Bound & { readonly least: number }): z.ZodNumber {
  const number = bound.least > 0 ? z.number().positive() : z.number();
  return number.min(bound.least, tooSmall(bound)).max(bound.most, tooLarge(bound));
}

/** A whole number between the two ends of its bound. */
export function wholeWithin(bound: Bound & { readonly least: number }): z.ZodInt {
  return z.int().min(bound.least, tooSmall(bound)).max(bound.most, tooLarge(bound));
}

/** A number above 0. */
export function positiveUpTo(bound: Bound): z.ZodNumber {
  return z.number().positive().max(bound.most, tooLarge(bound));
}

/** A number from 0. */
export function amountUpTo(bound: Bound): z.ZodNumber {
  return z.number().nonnegative().max(bound.most, tooLarge(bound));
}
