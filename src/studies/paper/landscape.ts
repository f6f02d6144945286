/** Figures 11 and 12: the design space around ResNet-50's optimum on 64×64. */
import { type EconomicPoints, figure12 as searchFigure12 } from '../sweep/paperLattices.ts';
import { SEARCH_PRESET } from './allocations.ts';
import { FIGURE_12, TABLE_X } from './printed.ts';
import { beside, type FigureData, type PaperInputs, type PaperTarget } from './target.ts';

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

/** Figure 11: every point whose cycles are at most 15 % above the optimum's. */
export function figure11(economic: EconomicPoints): PaperTarget {
  const { points, optimal, lattice, pointsCovered } = economic;
  const data = points.map(({ KiB, bitsPerCycle, totalKiB, totalBitsPerCycle, cycles, penalty }) => ({
    wbufKiB: KiB[0],
    ibufKiB: KiB[1],
    obufKiB: KiB[2],
    vmemKiB: KiB[3],
    weightBitsPerCycle: bitsPerCycle[0],
    ifmapBitsPerCycle: bitsPerCycle[1],
    psumBitsPerCycle: bitsPerCycle[2],
    vmemBitsPerCycle: bitsPerCycle[3],
    totalKiB,
    totalBitsPerCycle,
    cycles,
    penaltyPct: 100 * penalty,
  }));
  const { smallestSram, smallestBandwidth } = TABLE_X;
  const least = (column: 'totalKiB' | 'totalBitsPerCycle'): number => Math.min(...data.map((point) => point[column]));
  return {
    target: '11',
    title: 'Figure 11: points within 15 % of the optimal cycles, ResNet-50 on 64×64',
    notes: [
      `${points.length} of ${pointsCovered} points; lattice: ${lattice}`,
      'the printed totals are those of table X, which the paper takes from this figure',
    ],
    rows: [
      beside('cycles of the optimum', null, optimal.cycles, 0),
      beside('points within 15 %', null, points.length, 0),
      beside('least total SRAM among them, KiB', sum(smallestSram.sramKiB), least('totalKiB'), 0),
      beside(
        'least total bandwidth among them, bits/cycle',
        sum(smallestBandwidth.bitsPerCycle),
        least('totalBitsPerCycle'),
        0,
      ),
    ],
    data,
  };
}

/** What figure 12 calls a parameter of the hardware file. */
const PARAMETERS: Readonly<Record<string, { readonly symbol: string; readonly unit: string }>> = {
  'sramKiB.wbuf': { symbol: 'WBuf', unit: 'KiB' },
  'sramKiB.ibuf': { symbol: 'IBuf', unit: 'KiB' },
  'sramKiB.obuf': { symbol: 'OBuf', unit: 'KiB' },
  'sramKiB.vmem': { symbol: 'VMem', unit: 'KiB' },
  'bitsPerCycle.weight': { symbol: 'BW_w', unit: 'bits/cycle' },
  'bitsPerCycle.ifmap': { symbol: 'BW_i', unit: 'bits/cycle' },
  'bitsPerCycle.psum': { symbol: 'BW_o', unit: 'bits/cycle' },
  'bitsPerCycle.vmem': { symbol: 'BW_v', unit: 'bits/cycle' },
};

const PRINTED: Readonly<Record<string, readonly [number, number]>> = {
  'sramKiB.ibuf': [FIGURE_12.smallestIBuf, 2],
  'bitsPerCycle.ifmap': [FIGURE_12.smallestIfmapBandwidth, 1],
};

/** Figure 12: cycles over the optimum's with one parameter changed. */
export function* figure12(inputs: PaperInputs): Generator<number, PaperTarget> {
  const bars = yield* searchFigure12(inputs.hardware(SEARCH_PRESET), inputs.network('resnet50'));
  const data: FigureData = bars.map(({ parameter, value, overOptimal }) => {
    const { symbol, unit } = PARAMETERS[parameter]!;
    return { parameter: symbol, value, unit, cyclesOverOptimal: overOptimal };
  });
  const smallest = bars.filter(({ parameter }, place) => bars[place - 1]?.parameter !== parameter);
  return {
    target: '12',
    title: 'Figure 12: cycles over the optimum with one parameter changed, ResNet-50 on 64×64',
    notes: [
      'the other seven parameters are those of the optimum in table VIII; sizes start at the smallest valid power of two',
    ],
    rows: smallest.map(({ parameter, value, overOptimal }) => {
      const { symbol, unit } = PARAMETERS[parameter]!;
      const [printed, digits] = PRINTED[parameter] ?? [null, 2];
      return beside(`smallest ${symbol} (${value} ${unit}), times the optimum`, printed, overOptimal, digits);
    }),
    data,
  };
}
