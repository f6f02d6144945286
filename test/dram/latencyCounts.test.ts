/** Histograms of latencies: what they say of lists of numbers that a reader can sort. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LatencyCounts } from '../../src/model/dram/latencyCounts.ts';
import { sample } from '../support/arbitraries.ts';

/** The latencies of one kind, counted one by one. */
function counted(latencies: readonly number[]): LatencyCounts {
  const counts = new LatencyCounts(2);
  for (const latency of latencies) counts.note(1, latency, 1);
  return counts;
}

describe('latencies', () => {
  it('are counted cycle by cycle up to 32, and in powers of two', () => {
    const { histogram, ...rest } = counted([1, 3, 4, 4, 7, 8, 8, 8, 9, 31]).of(1).summary()!;
    expect(rest).toEqual({ meanCycles: 8.3, p50Cycles: 7, p95Cycles: 31, p99Cycles: 31, maxCycles: 31 });
    expect(histogram).toEqual([
      { from: 1, to: 1, bursts: 1 },
      { from: 2, to: 3, bursts: 1 },
      { from: 4, to: 7, bursts: 3 },
      { from: 8, to: 15, bursts: 4 },
      { from: 16, to: 31, bursts: 1 },
    ]);
  });

  it('have bins between them of which there are none', () => {
    expect(counted([5, 40]).of(1).summary()!.histogram).toEqual([
      { from: 4, to: 7, bursts: 1 },
      { from: 8, to: 15, bursts: 0 },
      { from: 16, to: 31, bursts: 0 },
      { from: 32, to: 63, bursts: 1 },
    ]);
  });

  it('of another kind are none of these', () => {
    expect(counted([5, 40]).of(0).summary()).toBeUndefined();
  });

  it('beyond 2³¹ cycles are counted, and the longest is known', () => {
    const { maxCycles, histogram } = counted([2 ** 40])
      .of(1)
      .summary()!;
    expect([maxCycles, histogram]).toEqual([2 ** 40, [{ from: 2 ** 30, to: 2 ** 31 - 1, bursts: 1 }]]);
  });

  const anyLatencies = fc.array(fc.oneof(fc.integer({ min: 1, max: 70 }), fc.integer({ min: 1, max: 1_000_000 })), {
    minLength: 1,
    maxLength: 60,
  });

  it('are within a sixteenth of what sorting says, never below', () => {
    fc.assert(
      fc.property(anyLatencies, (latencies) => {
        const sorted = [...latencies].sort((a, b) => a - b);
        const { p50Cycles, p95Cycles, p99Cycles, maxCycles, meanCycles } = counted(latencies).of(1).summary()!;
        expect(maxCycles).toBe(sorted.at(-1));
        expect(meanCycles).toBeCloseTo(sorted.reduce((sum, each) => sum + each, 0) / sorted.length, 6);
        for (const [share, cycles] of [
          [0.5, p50Cycles],
          [0.95, p95Cycles],
          [0.99, p99Cycles],
        ] as const) {
          const exact = sorted[Math.ceil(share * sorted.length) - 1]!;
          expect(cycles).toBeGreaterThanOrEqual(exact);
          expect(cycles).toBeLessThan(exact * (1 + 1 / 16));
          if (exact < 32) expect(cycles).toBe(exact);
        }
      }),
      sample(100),
    );
  });

  it('of two lists added up are those of both', () => {
    fc.assert(
      fc.property(anyLatencies, anyLatencies, (some, others) => {
        const sum = counted(some).of(1);
        sum.add(counted(others).of(1));
        expect(sum).toEqual(counted([...some, ...others]).of(1));
      }),
      sample(25),
    );
  });

  it('stay what they are when more kinds come, and count several at a time', () => {
    const counts = counted([5, 9]);
    counts.grow(6);
    counts.note(5, 9, 3);
    expect(counts.of(1)).toEqual(counted([5, 9]).of(1));
    expect(counts.of(5)).toEqual(counted([9, 9, 9]).of(1));
  });
});
