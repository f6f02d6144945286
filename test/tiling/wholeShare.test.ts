import { describe, expect, it } from 'vitest';
import { firstPlaneShare, firstWholeShare } from '../../src/model/tiling/convTiling.ts';

describe('the first whole share that fits', () => {
  it('is that of the fewest parts, by trying size, size/2, size/3, … in turn', () => {
    for (let size = 1; size <= 144; size++) {
      const shares = Array.from({ length: size }, (_, place) => size / (place + 1)).filter(Number.isInteger);
      const limits = Array.from({ length: size + 1 }, (_, most) => most);
      expect([size, limits.map((most) => firstWholeShare(size, (share) => share <= most))]).toEqual([
        size,
        limits.map((most) => shares.find((share) => share <= most)),
      ]);
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

describe('the first share of a plane that fits', () => {
  /** As MODEL.md's step 3 says it: 1, 2, 3, … in turn, first those that divide both sides. */
  const byTrying = (height: number, width: number, exact: boolean, fits: (h: number, w: number) => boolean) => {
    const parts = Array.from({ length: Math.max(height, width) }, (_, place) => place + 1);
    const whole = exact ? parts.filter((each) => height % each === 0 && width % each === 0) : [];
    for (const each of [...whole, ...parts]) {
      const [h, w] = [Math.ceil(height / each), Math.ceil(width / each)];
      if (fits(h, w)) return [h, w];
    }
    return undefined;
  };

  it.each([true, false])('is that of the fewest parts, by trying all in turn (whole ones only: %s)', (exact) => {
    for (let height = 1; height <= 24; height++) {
      for (let width = 1; width <= 24; width++) {
        // A halo of one around it, so that neither side alone decides.
        const limits = [0, 1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 576].map(
          (most) => (h: number, w: number) => (h + 1) * (w + 2) - 5 <= most,
        );
        expect([height, width, limits.map((fits) => firstPlaneShare(height, width, exact, fits))]).toEqual([
          height,
          width,
          limits.map((fits) => byTrying(height, width, exact, fits)),
        ]);
      }
    }
  });

  it('of the largest plane takes some twenty tries', () => {
    let tries = 0;
    const share = firstPlaneShare(1 << 20, 999_983, true, (h, w) => {
      tries++;
      return h * w <= 100;
    });
    // 999,983 is prime: 2²⁰ / 104,858 = 10 rows, ⌈999,983 / 104,858⌉ = 10 columns.
    expect([share, tries]).toEqual([[10, 10], 21]);
  });
});
