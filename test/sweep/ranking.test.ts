import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { kendall, ranks, spearman } from '../../src/model/statistics/rankCorrelation.ts';
import { bestOf, paretoFront } from '../../src/studies/sweep/ranking.ts';
import { agreementOf, type Reranking } from '../../src/studies/sweep/survey.ts';

describe('ranks', () => {
  it('are shared by equal values', () => {
    // 10 is first; the two 20s share 2 and 3; 30 is fourth.
    expect(ranks([20, 10, 30, 20])).toEqual([2.5, 1, 4, 2.5]);
  });
});

describe('rank correlation', () => {
  it('is 1 for the same order and -1 for the opposite', () => {
    expect([spearman([1, 2, 3], [10, 20, 90]), kendall([1, 2, 3], [10, 20, 90])]).toEqual([1, 1]);
    expect([spearman([1, 2, 3], [3, 2, 1]), kendall([1, 2, 3], [3, 2, 1])]).toEqual([-1, -1]);
  });

  it('counts one exchanged pair by hand', () => {
    // Rank differences 0, 1, 1, 0: ρ = 1 − 6·2/(4·15) = 0.8. Of 6 pairs 5 agree: τ = (5 − 1)/6.
    expect(spearman([1, 2, 3, 4], [1, 3, 2, 4])).toBeCloseTo(0.8, 12);
    expect(kendall([1, 2, 3, 4], [1, 3, 2, 4])).toBeCloseTo(4 / 6, 12);
  });

  it('accounts for ties by hand', () => {
    // Pairs of (1,1), (1,2), (2,3): one tied in a, the other two agree: τ-b = 2/√(2·3).
    expect(kendall([1, 1, 2], [1, 2, 3])).toBeCloseTo(2 / Math.sqrt(6), 12);
    // Ranks 1.5, 1.5, 3 and 1, 2, 3: Σxy = 1.5, Σx² = 1.5, Σy² = 2.
    expect(spearman([1, 1, 2], [1, 2, 3])).toBeCloseTo(1.5 / Math.sqrt(3), 12);
  });
});

const items = fc
  .array(fc.tuple(fc.nat(6), fc.nat(6), fc.nat(6)), { maxLength: 60 })
  .map((rows) => rows.map((values, index) => ({ index, values })));
const RUNS = { numRuns: 300, seed: 20260 };

describe('the best of many', () => {
  it('are the first of all sorted by value, then index', () => {
    fc.assert(
      fc.property(items, fc.integer({ min: 1, max: 9 }), (all, most) => {
        const best = bestOf(most, (item: (typeof all)[number]) => item.values[0]);
        all.forEach(best.offer);
        expect(best.items).toEqual(
          [...all].sort((a, b) => a.values[0] - b.values[0] || a.index - b.index).slice(0, most),
        );
      }),
      RUNS,
    );
  });
});

describe('the Pareto front', () => {
  it('is every point that no other beats, by comparing all pairs', () => {
    fc.assert(
      fc.property(items, (all) => {
        const front = paretoFront((item: (typeof all)[number]) => item.values);
        all.forEach(front.offer);
        const isBeaten = (item: (typeof all)[number]): boolean =>
          all.some((other) => {
            const isNowhereWorse = other.values.every((value, place) => value <= item.values[place]!);
            const isEqual = other.values.every((value, place) => value === item.values[place]);
            return isNowhereWorse && (!isEqual || other.index < item.index);
          });
        expect(front.front()).toEqual(all.filter((item) => !isBeaten(item)));
      }),
      RUNS,
    );
  });
});

describe('two models', () => {
  const ranked = (model: string, values: readonly number[]): Reranking => ({
    model,
    points: values.map((value, index) => ({
      point: { index, cycles: value, joules: 0, seconds: 0 },
      value,
      valueAgain: value,
      rank: index + 1,
      rankAgain: index + 1,
    })),
  });

  it('agree wholly, or not at all', () => {
    expect(agreementOf(ranked('a', [1, 2, 3]), ranked('b', [4, 5, 6]))).toEqual({ spearman: 1, kendall: 1 });
    expect(agreementOf(ranked('a', [1, 2, 3]), ranked('b', [6, 5, 4]))).toEqual({ spearman: -1, kendall: -1 });
  });

  it.each([
    ['one point', [1], [2]],
    ['no point', [], []],
    ['points that are alike', [1, 1, 1], [1, 2, 3]],
  ])('have no correlation over %s, which no number stands for', (_, a, b) => {
    expect(agreementOf(ranked('a', a), ranked('b', b))).toEqual({});
  });
});
