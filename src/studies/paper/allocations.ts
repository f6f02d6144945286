/** Tables VIII, IX and X: how SRAM and bandwidth are best divided, by an exhaustive search of a lattice. */
import {
  type Allocation,
  type AllocationRow,
  BAND,
  BUDGET_64,
  type EconomicPoints,
  paperLattice,
  tableIX as searchTableIX,
  tableVIII as searchTableVIII,
} from '../sweep/paperLattices.ts';
import { searchExtremes } from '../sweep/search.ts';
import { type PrintedAllocation, TABLE_IX, TABLE_VIII, TABLE_X } from './printed.ts';
import { beside, isAsPrinted, type PaperInputs, type PaperRow, type PaperTarget } from './target.ts';

const SRAMS = ['WBuf', 'IBuf', 'OBuf', 'VMem'] as const;
const BANDWIDTHS = ['BW_w', 'BW_i', 'BW_o', 'BW_v'] as const;

/** The paper's searches vary everything but bit widths, latencies and the small memories, which are HI3's. */
export const SEARCH_PRESET = 'HI3';

/** A row per size and bandwidth. */
function allocationRows(label: string, printed: PrintedAllocation | null, computed: Allocation): PaperRow[] {
  const sizes = SRAMS.map((sram, place) =>
    beside(`${label} ${sram}, KiB`, printed?.sramKiB[place] ?? null, computed.KiB[place]!, 0),
  );
  const bandwidths = BANDWIDTHS.map((name, place) =>
    beside(`${label} ${name}, bits/cycle`, printed?.bitsPerCycle[place] ?? null, computed.bitsPerCycle[place]!, 0),
  );
  return [...sizes, ...bandwidths];
}

/** An allocation in words: `[128, 256, 64, 64] KiB, [64, 64, 128, 256] bits/cycle`. */
function allocationInWords({ KiB, bitsPerCycle }: Allocation): string {
  return `[${KiB.join(', ')}] KiB, [${bitsPerCycle.join(', ')}] bits/cycle`;
}

/** What was searched, and the worst that was found. */
function searchesInWords(searches: readonly AllocationRow[]): string[] {
  const lattices = new Map<string, Set<string>>();
  for (const { lattice, array } of searches) lattices.set(lattice, (lattices.get(lattice) ?? new Set()).add(array));
  return [
    ...[...lattices].map(([lattice, arrays]) => `lattice of ${[...arrays].join(', ')}: ${lattice}`),
    ...searches.map(
      ({ array, workload, pointsCovered, evaluations, worst }) =>
        `${workload} on ${array}: ${pointsCovered} points, ${evaluations} evaluations; worst: ${allocationInWords(worst)}`,
    ),
  ];
}

/** Table VIII: the best allocation of ResNet-50 on four arrays, and how much worse the worst is. */
export function* tableVIII(inputs: PaperInputs): Generator<number, PaperTarget> {
  const searches = yield* searchTableVIII(inputs.hardware(SEARCH_PRESET), inputs.network('resnet50'));
  const rows = searches.flatMap((search, place) => {
    const printed = TABLE_VIII[place]!;
    const ratio = beside(`${search.array} worst over best`, printed.worstOverBest, search.worstOverBest, 2);
    const note = 'no lattice of powers of two that was tried gives the printed ratio';
    return [...allocationRows(search.array, printed, search.best), isAsPrinted(ratio) ? ratio : { ...ratio, note }];
  });
  return {
    target: 'VIII',
    title: 'Table VIII: the best allocation of SRAM and bandwidth for ResNet-50',
    notes: searchesInWords(searches),
    rows,
  };
}

const TABLE_IX_NETWORKS = ['resnet18', 'vgg16', 'alexnet'] as const;

/** Table IX is not legible in the paper's text; VGG16's ratio is near the printed one where BW_w starts at 8. */
const WIDER_WEIGHT_BITS_PER_CYCLE = 8;

/** Worst over best where BW_w starts higher than in table VIII's lattice. */
function* ratioWithWiderWeights(inputs: PaperInputs, network: string): Generator<number, number> {
  const { space, costs } = paperLattice(inputs.hardware(SEARCH_PRESET), inputs.network(network), BUDGET_64, BAND);
  const parameter = 'bitsPerCycle.weight';
  const place = space.axes.findIndex((axis) => axis.parameter === parameter);
  const { values } = space.axes[place]!;
  const wider = {
    text: `${parameter} >= ${WIDER_WEIGHT_BITS_PER_CYCLE}`,
    parameters: [parameter],
    holds: (digits: Int32Array) => (values[digits[place]!] as number) >= WIDER_WEIGHT_BITS_PER_CYCLE,
  };
  const { best, worst } = yield* searchExtremes({ ...space, constraints: [...space.constraints, wider] }, costs);
  return worst!.cycles / best!.cycles;
}

/** Table IX: the same on the 64×64 array for other networks. */
export function* tableIX(inputs: PaperInputs): Generator<number, PaperTarget> {
  const searches = yield* searchTableIX(inputs.hardware(SEARCH_PRESET), TABLE_IX_NETWORKS.map(inputs.network));
  const rows = searches.flatMap((search) => {
    const printed = search.workload === 'vgg16' ? TABLE_IX.vgg16WorstOverBest : null;
    return [
      ...allocationRows(search.workload, null, search.best),
      beside(`${search.workload} worst over best`, printed, search.worstOverBest, 2),
    ];
  });
  return {
    target: 'IX',
    title: 'Table IX: the best allocation for other networks on 64×64',
    notes: ["the paper's text has lost the table; VGG16's ratio stands in its prose", ...searchesInWords(searches)],
    rows: [
      ...rows,
      beside(
        `vgg16 worst over best, BW_w from ${WIDER_WEIGHT_BITS_PER_CYCLE} bits/cycle`,
        TABLE_IX.vgg16WorstOverBest,
        yield* ratioWithWiderWeights(inputs, 'vgg16'),
        2,
      ),
    ],
  };
}

/** Table X: the cheapest points that cost at most 15 % more cycles than the optimum. */
export function tableX({
  optimal,
  minimizedSram,
  minimizedBandwidth,
  lattice,
  pointsCovered,
  evaluations,
}: EconomicPoints): PaperTarget {
  const economic = [
    ['smallest SRAM', TABLE_X.smallestSram, minimizedSram],
    ['smallest bandwidth', TABLE_X.smallestBandwidth, minimizedBandwidth],
  ] as const;
  return {
    target: 'X',
    title: 'Table X: ResNet-50 on 64×64 with less SRAM or bandwidth than the optimum',
    notes: [`${pointsCovered} points, ${evaluations} evaluations; lattice: ${lattice}`],
    rows: [
      ...allocationRows('optimum', TABLE_VIII.find(({ side }) => side === 64)!, optimal),
      ...economic.flatMap(([label, printed, point]) => [
        ...allocationRows(label, printed, point),
        beside(`${label} penalty, %`, printed.penaltyPct, 100 * point.penalty, 1),
      ]),
    ],
  };
}
