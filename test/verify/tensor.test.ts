import { describe, expect, it } from 'vitest';
import type { Region } from '../../src/model/schedule/region.ts';
import {
  addRegion,
  at,
  enlarged,
  filled,
  firstDifference,
  readRegion,
  tensorOf,
  writeRegion,
} from '../../src/studies/verify/tensor.ts';

/** 2 × 1 × 2 × 3 with its coordinates as digits. */
const digits = () => tensorOf([2, 1, 2, 3], (a, b, c, d) => 1000 * a + 100 * b + 10 * c + d);
const region: Region = { from: [0, 0, 1, 1], sizes: [2, 1, 1, 2] };

describe('a tensor', () => {
  it('lies row by row and is zero outside', () => {
    expect([...digits().data]).toEqual([0, 1, 2, 10, 11, 12, 1000, 1001, 1002, 1010, 1011, 1012]);
    expect(at(digits(), 1, 0, 1, 2)).toBe(1012);
    expect(at(digits(), 1, 0, -1, 2)).toBe(0);
    expect(at(digits(), 1, 0, 1, 3)).toBe(0);
  });

  it('gives and takes a region densely', () => {
    expect([...readRegion(digits(), region)]).toEqual([11, 12, 1011, 1012]);
    const tensor = digits();
    writeRegion(tensor, region, Float64Array.of(1, 2, 3, 4));
    addRegion(tensor, region, Float64Array.of(10, 20, 30, 40));
    expect([...tensor.data]).toEqual([0, 1, 2, 10, 11, 22, 1000, 1001, 1002, 1010, 33, 44]);
  });

  it('has no region beyond its end', () => {
    const beyond: Region = { from: [0, 0, 1, 2], sizes: [1, 1, 1, 2] };
    expect(() => readRegion(digits(), beyond)).toThrow('a tile of 1×1×1×2 at 0,0,1,2 lies outside its 2×1×2×3 tensor');
  });

  it('grows with zeros', () => {
    expect([...enlarged(filled([1, 1, 1, 2], 5), [1, 1, 2, 3]).data]).toEqual([5, 5, 0, 0, 0, 0]);
  });
});

describe('the first difference', () => {
  it('is named by its coordinates, within the smaller tensor', () => {
    const other = digits();
    other.data[10] = 7;
    expect(firstDifference(other, digits())).toBe('[1,0,1,1] is 7, not 1011');
    expect(firstDifference(enlarged(digits(), [2, 1, 3, 3]), digits())).toBeUndefined();
  });

  it('is relative above 1 and absolute below, and NaN is one', () => {
    const difference = (value: number, wanted: number): string | undefined =>
      firstDifference(filled([1, 1, 1, 1], value), filled([1, 1, 1, 1], wanted), 0.1);
    expect(difference(109, 100)).toBeUndefined();
    expect(difference(111, 100)).toBe('[0,0,0,0] is 111, not 100');
    expect(difference(0.09, 0)).toBeUndefined();
    expect(difference(0.11, 0)).toBe('[0,0,0,0] is 0.11, not 0');
    expect(difference(Number.NaN, 0)).toBe('[0,0,0,0] is NaN, not 0');
  });
});
