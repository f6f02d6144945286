import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  type Allocation,
  economicPoints,
  figure12,
  tableIX,
  tableVIII,
} from '../../src/studies/sweep/paperLattices.ts';
import { complete } from '../support/complete.ts';
import { graphPreset, hardwarePreset } from '../support/presets.ts';

interface Printed {
  KiB: number[];
  bitsPerCycle: number[];
}

const tables = JSON.parse(readFileSync(new URL('../golden/tables.json', import.meta.url), 'utf8')) as {
  VIII: Record<string, Printed & { worstOverBest: number }>;
  X_64x64_resnet50: {
    optimal: Printed;
    minimizedSram: Printed & { penaltyPct: number };
    minimizedBandwidth: Printed & { penaltyPct: number };
  };
  fig12_64x64_resnet50: { smallestIBufOverOptimal: number };
};
const preset = hardwarePreset('HI3');
const resnet50 = graphPreset('resnet50');
const printedForm = ({ KiB, bitsPerCycle }: Allocation): unknown => ({ KiB, bitsPerCycle });

describe('table VIII', () => {
  const rows = complete(tableVIII(preset, resnet50));

  it.each(rows)('finds the printed optimum of $array', ({ array, best }) => {
    expect(tables.VIII[array]).toMatchObject(printedForm(best) as object);
  });

  it.each(rows.filter(({ array }) => array !== '32x32'))('finds the printed worst over best of $array', (row) => {
    expect(row.worstOverBest.toFixed(2)).toBe(tables.VIII[row.array]!.worstOverBest.toFixed(2));
  });

  it('finds 13.65 where 14.45 is printed for 32x32', () => {
    // A known gap: no lattice of powers of two that was tried gives the printed figure.
    expect(rows.find(({ array }) => array === '32x32')!.worstOverBest.toFixed(2)).toBe('13.65');
  });

  it('covers 13,113 points on 64x64, with fewer evaluations', () => {
    const { pointsCovered, pointsThatDoNotFit, evaluations } = rows.find(({ array }) => array === '64x64')!;
    expect([pointsCovered, pointsThatDoNotFit]).toEqual([13_113, 0]);
    expect(evaluations).toBeLessThan(pointsCovered);
  });
});

describe('table IX', () => {
  it('names best and worst allocations within the budget and the band', () => {
    for (const { best, worst, worstOverBest } of complete(
      tableIX(preset, ['resnet18', 'vgg16', 'alexnet'].map(graphPreset)),
    )) {
      for (const { totalKiB, totalBitsPerCycle } of [best, worst]) {
        for (const total of [totalKiB, totalBitsPerCycle]) {
          expect(total).toBeGreaterThanOrEqual(0.85 * 2048);
          expect(total).toBeLessThanOrEqual(2048);
        }
      }
      expect(worstOverBest).toBeCloseTo(worst.cycles / best.cycles, 12);
    }
  });
});

describe('table X and figure 11', () => {
  const { optimal, minimizedSram, minimizedBandwidth, points, ...coverage } = complete(
    economicPoints(preset, resnet50),
  );
  const printed = tables.X_64x64_resnet50;

  it('finds the printed points and penalties', () => {
    expect(printed.optimal).toMatchObject(printedForm(optimal) as object);
    expect(printed.minimizedSram).toMatchObject(printedForm(minimizedSram) as object);
    expect(printed.minimizedBandwidth).toMatchObject(printedForm(minimizedBandwidth) as object);
    expect((100 * minimizedSram.penalty).toFixed(1)).toBe(printed.minimizedSram.penaltyPct.toFixed(1));
    expect((100 * minimizedBandwidth.penalty).toFixed(1)).toBe(printed.minimizedBandwidth.penaltyPct.toFixed(1));
  });

  it('covers 1,817,004 points with 60,869 evaluations', () => {
    // 679 quadruples of powers of two WBuf ≥ 128, IBuf, OBuf, VMem ≥ 32 KiB sum to at most 2048, and 2676 of
    // BW_w ≥ 4, BW_i ≥ 8, BW_o ≥ 16, BW_v ≥ 32: 679 · 2676 points. They hold 127 · 479 different choices for the
    // systolic array and 6 · 6 for the SIMD array.
    expect(coverage).toMatchObject({
      pointsCovered: 679 * 2676,
      pointsThatDoNotFit: 0,
      evaluations: 127 * 479 + 6 * 6,
    });
  });

  it('shows points within 15 % of the optimum only, the optimum among them', () => {
    expect(points.every(({ penalty }) => penalty >= 0 && penalty <= 0.15)).toBe(true);
    expect(points.some(({ penalty }) => penalty === 0)).toBe(true);
  });
});

describe('figure 12', () => {
  const bars = complete(figure12(preset, resnet50));
  const bar = (parameter: string, value: number) =>
    bars.find((each) => each.parameter === parameter && each.value === value)?.overOptimal;

  it('finds the printed 1.23 for the smallest valid IBuf, and no bar for a smaller one', () => {
    // 2 · 64 · 15² · 8 bits = 28.125 KiB is the smallest valid IBuf; 32 KiB the first power of two.
    expect(bar('sramKiB.ibuf', 16)).toBeUndefined();
    expect(bar('sramKiB.ibuf', 32)!.toFixed(2)).toBe(tables.fig12_64x64_resnet50.smallestIBufOverOptimal.toFixed(2));
  });

  it('finds 11.02 where 11.4 is printed for the smallest BW_i', () => {
    expect(bar('bitsPerCycle.ifmap', 8)!.toFixed(2)).toBe('11.02');
  });

  it('is 1 at the optimum', () => {
    expect(bars.filter(({ overOptimal }) => overOptimal === 1).length).toBeGreaterThanOrEqual(8);
  });
});
