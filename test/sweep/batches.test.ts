import { describe, expect, it } from 'vitest';
import type { Job } from '../../src/doors/cli/sweep/jobs.ts';
import { type Batches, batchesOf } from '../../src/doors/cli/sweep/queue/batches.ts';
import { idOf, idsOf } from '../../src/doors/cli/sweep/queue/names.ts';

const keys = (from: number, count: number): number[] => Array.from({ length: count }, (_, place) => from + place);
const job = (part: Job['part'], all: number[]): Job => ({ model: 'simulated', part, keys: all });

/** Takes all batches, each of whose keys takes so long; their sizes. */
function sizesOf(batches: Batches, takers: number, milliseconds: number): number[] {
  const sizes: number[] = [];
  for (let next = batches.next(takers); next !== undefined; next = batches.next(takers)) {
    sizes.push(next.keys.length);
    batches.learn(next, milliseconds * next.keys.length);
  }
  return sizes;
}

describe('batches', () => {
  it('begin with one evaluation, take half a second, and are smaller at the end', () => {
    // 100 ms each: 5 to a batch, until 2 takers share fewer than 4 · 5 that are left.
    expect(sizesOf(batchesOf([job('SA', keys(0, 40))]), 2, 100)).toEqual([1, 5, 5, 5, 5, 5, 4, 3, 2, 2, 1, 1, 1]);
  });

  it('hold an evaluation each where one takes longer, and a thousand at most where it takes nothing', () => {
    expect(sizesOf(batchesOf([job('SA', keys(0, 3))]), 1, 9000)).toEqual([1, 1, 1]);
    expect(Math.max(...sizesOf(batchesOf([job('SA', keys(0, 10_000))]), 1, 0.001))).toBe(1024);
  });

  it('take longer where a thousand share them: 4 ms for each', () => {
    expect(sizesOf(batchesOf([job('SA', keys(0, 100_000))]), 1000, 100)[1]).toBe(40);
  });

  it('hold each evaluation once, in the order of the jobs, parts apart', () => {
    const batches = batchesOf([job('SA', keys(0, 7)), job('SA', keys(10, 5)), job('SIMD', keys(0, 4))]);
    const seen: string[] = [];
    expect(batches.left()).toBe(16);
    for (let next = batches.next(1); next !== undefined; next = batches.next(1)) {
      seen.push(...next.keys.map((key) => `${next!.part} ${key}`));
      batches.learn(next, 200 * next.keys.length);
    }
    expect(seen).toEqual(
      [...keys(0, 7), ...keys(10, 5)].map((key) => `SA ${key}`).concat(keys(0, 4).map((key) => `SIMD ${key}`)),
    );
  });
});

describe('the id of a batch', () => {
  const sweep = 'f'.repeat(64);
  const id = idOf({ sweep, ...job('SA', [1, 2]) });

  it('is the same for the same evaluations, and another for others', () => {
    expect(idOf({ sweep, ...job('SA', [1, 2]) })).toBe(id);
    const others = [
      job('SA', [1, 3]),
      job('SA', [12]),
      job('SIMD', [1, 2]),
      { ...job('SA', [1, 2]), model: 'closed-form' },
    ];
    expect(new Set([id, ...others.map((each) => idOf({ sweep, ...each }))]).size).toBe(5);
    expect(id.startsWith(idsOf(sweep))).toBe(true);
  });
});
