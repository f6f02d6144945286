import { describe, expect, it } from 'vitest';
import { firstFailing, halve, smallestHolding } from '../../src/studies/explain/search.ts';
import type { Trying } from '../../src/studies/explain/trials.ts';
import { drain } from '../support/drain.ts';

/** Whether a number is at least `least`, pausing as a search does. */
function atLeast(least: number) {
  return function* (value: number): Trying<boolean> {
    yield;
    return value >= least;
  };
}

describe('the search for the first number that fails', () => {
  it.each([1, 2, 3, 7, 8, 100])('finds %d', (first) => {
    expect(firstFailing((value) => value < first, 1000)).toBe(first);
  });

  it('finds nothing where nothing fails', () => {
    expect(firstFailing(() => true, 1000)).toBeUndefined();
  });

  it('tries nothing beyond the most', () => {
    expect(firstFailing(() => false, 0)).toBeUndefined();
  });
});

describe('the search for the smallest number that holds', () => {
  it.each([513, 514, 1000, 1024, 1025, 5353])('finds %d above 512', (least) => {
    expect(drain(smallestHolding(atLeast(least), 512, 1 << 20))).toBe(least);
  });

  it('finds nothing beyond the most', () => {
    expect(drain(smallestHolding(atLeast(5000), 512, 4096))).toBeUndefined();
  });

  it.each([1, 2, 300, 512])('finds %d below 512', (least) => {
    expect(drain(halve(atLeast(least), 0, 512))).toBe(least);
  });
});
