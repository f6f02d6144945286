import { describe, expect, it } from 'vitest';
import { firstWholeShare } from '../../src/model/tiling/convTiling.ts';

describe('the first whole share that fits', () => {
  it('is that of the fewest parts, by trying size, size/2, size/3, … in turn', () => {
    for (let size = 1; size <= 144; size++) {
      for (let most = 0; most <= size; most++) {
        const shares = Array.from({ length: size }, (_, place) => size / (place + 1)).filter(Number.isInteger);
        const first = shares.find((share) => share <= most);
        expect(firstWholeShare(size, (share) => share <= most)).toBe(first);
      }
    }
  });

  it('of a large prime is found at once', () => {
    const tried: number[] = [];
    const share = firstWholeShare(999_999_937, (size) => {
      tried.push(size);
      return size < 1000;
    });
    expect([share, tried]).toEqual([1, [999_999_937, 1]]);
  });
});
