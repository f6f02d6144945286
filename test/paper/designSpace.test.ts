import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { paperTargets } from '../../src/studies/paper/paper.ts';
import { isAsPrinted, type PaperRow, type PaperTargetName } from '../../src/studies/paper/target.ts';
import { complete } from '../support/complete.ts';
import { PAPER_INPUTS } from '../support/paper.ts';

interface Allocation {
  readonly KiB: readonly number[];
  readonly bitsPerCycle: readonly number[];
}
const printed = JSON.parse(readFileSync(new URL('../golden/tables.json', import.meta.url), 'utf8')) as {
  VIII: Record<'16x16' | '32x32' | '64x64' | '128x128', Allocation & { worstOverBest: number }>;
  IX_text: { VGG16_64x64_worstOverBest: number };
  X_64x64_resnet50: {
    optimal: Allocation;
    minimizedSram: Allocation & { totalKiB: number; penaltyPct: number };
    minimizedBandwidth: Allocation & { totalBitsPerCycle: number; penaltyPct: number };
  };
  fig12_64x64_resnet50: { smallestIBufOverOptimal: number; smallestBWiOverOptimal: number };
};

const NAMES: readonly PaperTargetName[] = ['VIII', 'IX', 'X', '11', '12'];
const targets = new Map(complete(paperTargets(NAMES, PAPER_INPUTS)).map((target) => [target.target, target]));

const printedOf = (name: PaperTargetName): (number | null)[] => targets.get(name)!.rows.map((row) => row.printed);
/** Rows that the paper prints and we do not reproduce. */
const gaps = (name: PaperTargetName): PaperRow[] =>
  targets.get(name)!.rows.filter((row) => row.printed !== null && !isAsPrinted(row));
const figuresOf = ({ KiB, bitsPerCycle }: Allocation): number[] => [...KiB, ...bitsPerCycle];

describe('table VIII', () => {
  it('shows what the paper prints for four arrays', () => {
    const { VIII } = printed;
    const rows = (['16x16', '32x32', '64x64', '128x128'] as const).flatMap((array) => [
      ...figuresOf(VIII[array]),
      VIII[array].worstOverBest,
    ]);
    expect(printedOf('VIII')).toEqual(rows);
  });

  it('is as printed but for the ratio of 32x32, and names its lattices', () => {
    expect(gaps('VIII').map(({ name, computed }) => [name, computed.toFixed(2)])).toEqual([
      ['32x32 worst over best', '13.65'],
    ]);
    expect(targets.get('VIII')!.notes.filter((note) => note.startsWith('lattice of'))).toHaveLength(4);
  });

  it('covers 13,113 points on 64x64, with fewer evaluations', () => {
    const counts = /^resnet50 on 64x64: 13113 points, (\d+) evaluations;/m.exec(targets.get('VIII')!.notes.join('\n'));
    expect(Number(counts![1])).toBeLessThan(13_113);
  });
});

describe('table IX', () => {
  const { rows, notes } = targets.get('IX')!;

  it('has the optimum of three networks with its lattice', () => {
    for (const network of ['resnet18', 'vgg16', 'alexnet']) {
      expect(rows.filter((row) => row.name.startsWith(network) && /KiB|cycle$/.test(row.name)).length).toBeGreaterThan(
        7,
      );
      expect(notes.some((note) => note.startsWith(`${network} on 64x64: 13113 points`))).toBe(true);
    }
    expect(notes.join('\n')).toContain('BW_w, BW_i, BW_o, BW_v from 4, 8, 16, 32 bits/cycle');
  });

  it.each(['resnet18', 'vgg16', 'alexnet'])(
    'names a best and a worst within the budget and the band: %s',
    (network) => {
      const best = rows.filter(({ name }) => name.startsWith(network) && /(KiB|cycle)$/.test(name)).slice(0, 8);
      const worst = new RegExp(`^${network} on 64x64: .*; worst: \\[(.*)\\] KiB, \\[(.*)\\] bits/cycle$`, 'm');
      const [, KiB, bitsPerCycle] = worst.exec(notes.join('\n'))!;
      const totals = [
        ...[best.slice(0, 4), best.slice(4)].map((half) => half.map(({ computed }) => computed)),
        ...[KiB!, bitsPerCycle!].map((list) => list.split(', ').map(Number)),
      ].map((four) => four.reduce((sum, each) => sum + each));
      expect(totals).toHaveLength(4);
      for (const total of totals) {
        expect(total).toBeGreaterThanOrEqual(0.85 * 2048);
        expect(total).toBeLessThanOrEqual(2048);
      }
    },
  );

  it("shows VGG16's printed ratio, which depends on where BW_w starts", () => {
    const ratios = rows.filter((row) => row.printed === printed.IX_text.VGG16_64x64_worstOverBest);
    expect(ratios.map((row) => row.computed.toFixed(2))).toEqual(['38.30', '19.74']);
  });
});

describe('table X', () => {
  it('is as printed in every figure', () => {
    const { optimal, minimizedSram, minimizedBandwidth } = printed.X_64x64_resnet50;
    expect(printedOf('X')).toEqual([
      ...figuresOf(optimal),
      ...figuresOf(minimizedSram),
      minimizedSram.penaltyPct,
      ...figuresOf(minimizedBandwidth),
      minimizedBandwidth.penaltyPct,
    ]);
    expect(gaps('X')).toEqual([]);
  });

  it('covers 1,817,004 points with 60,869 evaluations', () => {
    // 679 quadruples of powers of two WBuf ≥ 128, IBuf, OBuf, VMem ≥ 32 KiB sum to at most 2048, and 2676 of
    // BW_w ≥ 4, BW_i ≥ 8, BW_o ≥ 16, BW_v ≥ 32: 679 · 2676 points. They hold 127 · 479 different choices for the
    // systolic array and 6 · 6 for the SIMD array.
    const counts = `${679 * 2676} points, ${127 * 479 + 6 * 6} evaluations;`;
    expect(targets.get('X')!.notes[0]).toMatch(new RegExp(`^${counts}`));
    expect(targets.get('11')!.notes[0]).toContain(` of ${679 * 2676} points;`);
  });
});

describe('figure 11', () => {
  const { rows, data } = targets.get('11')!;

  it('holds the points within 15 % of the optimum, which is among them, with sums that add up', () => {
    const cycles = data!.map((point) => Number(point['cycles']));
    expect(Math.max(...cycles) / Math.min(...cycles)).toBeLessThanOrEqual(1.15);
    const penalties = data!.map((point) => Number(point['penaltyPct']));
    expect([Math.min(...penalties), Math.max(...penalties) <= 15]).toEqual([0, true]);
    for (const point of data!) {
      const sizes = ['wbufKiB', 'ibufKiB', 'obufKiB', 'vmemKiB'].map((name) => Number(point[name]));
      expect(sizes.reduce((sum, size) => sum + size)).toBe(point['totalKiB']);
    }
  });

  it("has table X's totals as its ends", () => {
    const { minimizedSram, minimizedBandwidth } = printed.X_64x64_resnet50;
    expect(printedOf('11').slice(-2)).toEqual([minimizedSram.totalKiB, minimizedBandwidth.totalBitsPerCycle]);
    expect(rows.slice(-2).every(isAsPrinted)).toBe(true);
  });
});

describe('figure 12', () => {
  it('is as printed for the smallest IBuf, and says what comes out for the smallest BW_i', () => {
    const { smallestIBufOverOptimal, smallestBWiOverOptimal } = printed.fig12_64x64_resnet50;
    expect(printedOf('12').filter((figure) => figure !== null)).toEqual([
      smallestIBufOverOptimal,
      smallestBWiOverOptimal,
    ]);
    expect(gaps('12').map(({ name, computed }) => [name, computed.toFixed(2)])).toEqual([
      ['smallest BW_i (8 bits/cycle), times the optimum', '11.02'],
    ]);
  });

  it('has no bar for an IBuf that is too small', () => {
    // 2 · 64 · 15² · 8 bits = 28.125 KiB is the smallest valid IBuf; 32 KiB the first power of two.
    const sizes = targets.get('12')!.data!.filter(({ parameter }) => parameter === 'IBuf');
    expect(Math.min(...sizes.map(({ value }) => Number(value)))).toBe(32);
  });

  it('has a bar of height 1 for every parameter, where it is as in the optimum', () => {
    const { optimal } = printed.X_64x64_resnet50;
    const parameters = ['WBuf', 'IBuf', 'OBuf', 'VMem', 'BW_w', 'BW_i', 'BW_o', 'BW_v'];
    figuresOf(optimal).forEach((value, place) => {
      const bar = targets
        .get('12')!
        .data!.find((each) => each['parameter'] === parameters[place] && each['value'] === value);
      expect(bar!['cyclesOverOptimal'], parameters[place]).toBe(1);
    });
  });
});
