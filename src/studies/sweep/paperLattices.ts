/**
 * The paper's own searches (section VII-B): tables VIII, IX and X, figures 11 and 12. Inference of one image, by the
 * `published` closed form. Sizes and bandwidths are powers of two (MODEL.md §8); every row names its lattice.
 */
import type { Hardware } from '../../model/schemas/hardware.ts';
import { inferenceProgram } from '../../model/workload/forward.ts';
import type { Graph } from '../../model/workload/graph.ts';
import { NOTHING_BESIDE } from './costKeys.ts';
import { closedFormCosts } from './costModels.ts';
import { type NetworkCosts, networkCosts } from './networkCosts.ts';
import { type Coverage, type PricedPoint, pricedPoints, searchExtremes } from './search.ts';
import { neighboursOf, sensitivity } from './sensitivity.ts';
import { type Axis, type Constraint, type Digits, digitsOf, type Space, validityConstraints } from './space.ts';

const SIZES = ['sramKiB.wbuf', 'sramKiB.ibuf', 'sramKiB.obuf', 'sramKiB.vmem'] as const;
const BANDWIDTHS = ['bitsPerCycle.weight', 'bitsPerCycle.ifmap', 'bitsPerCycle.psum', 'bitsPerCycle.vmem'] as const;

/** Where the powers of two start: KiB and bits per cycle, in the order of SIZES and BANDWIDTHS. */
const SMALLEST_KIB = 8;
const SMALLEST_BITS_PER_CYCLE = [4, 8, 16, 32] as const;

/** Table VIII lets totals lie this far below the budget. */
export const BAND = 0.85;
/** Figure 11 shows the points whose cycles are at most this much above the optimum's. */
const ACCEPTED_PENALTY = 0.15;

/** An array with the budget that the paper gives it, in KiB and in bits per cycle. */
interface Budget {
  readonly size: number;
  readonly budget: number;
}

const BUDGETS: readonly Budget[] = [
  { size: 16, budget: 512 },
  { size: 32, budget: 1024 },
  { size: 64, budget: 2048 },
  { size: 128, budget: 4096 },
];
/** The paper's favourite array. */
export const BUDGET_64: Budget = BUDGETS[2]!;

/** How the budget distributes: wbuf, ibuf, obuf, vmem and BW_w, BW_i, BW_o, BW_v. */
export interface Allocation {
  readonly KiB: readonly [number, number, number, number];
  readonly bitsPerCycle: readonly [number, number, number, number];
  readonly totalKiB: number;
  readonly totalBitsPerCycle: number;
  readonly cycles: number;
}

/** A row of table VIII or IX. */
export interface AllocationRow extends Coverage {
  /** The array (`64x64`). */
  readonly array: string;
  readonly workload: string;
  /** The lattice in words. */
  readonly lattice: string;
  readonly best: Allocation;
  readonly worst: Allocation;
  readonly worstOverBest: number;
}

function powersOfTwo(from: number, to: number): number[] {
  const powers: number[] = [];
  for (let value = from; value <= to; value *= 2) powers.push(value);
  return powers;
}

/** The eight axes: sizes first, then bandwidths, each up to the whole budget. */
function axesUpTo(budget: number): Axis[] {
  return [
    ...SIZES.map((parameter) => ({ parameter, values: powersOfTwo(SMALLEST_KIB, budget) })),
    ...BANDWIDTHS.map((parameter, place) => ({
      parameter,
      values: powersOfTwo(SMALLEST_BITS_PER_CYCLE[place]!, budget),
    })),
  ];
}

function totals(axes: readonly Axis[], digits: Digits): { totalKiB: number; totalBitsPerCycle: number } {
  const value = (place: number): number => axes[place]!.values[digits[place]!] as number;
  return {
    totalKiB: value(0) + value(1) + value(2) + value(3),
    totalBitsPerCycle: value(4) + value(5) + value(6) + value(7),
  };
}

/** Both totals between `share` of the budget and all of it. */
function withinBudget(axes: readonly Axis[], budget: number, share: number): Constraint[] {
  const isWithin = (total: number): boolean => total <= budget && total >= share * budget;
  return [
    {
      text: `total SRAM in [${share}, 1] x ${budget} KiB`,
      parameters: SIZES,
      holds: (digits) => isWithin(totals(axes, digits).totalKiB),
    },
    {
      text: `total bandwidth in [${share}, 1] x ${budget} bits/cycle`,
      parameters: BANDWIDTHS,
      holds: (digits) => isWithin(totals(axes, digits).totalBitsPerCycle),
    },
  ];
}

/** A lattice of the paper's, ready to search. */
export interface PaperLattice {
  readonly space: Space;
  readonly costs: NetworkCosts;
  readonly lattice: string;
}

/**
 * The lattice of an array for the inference of a network. `share` is the least part of the budget that both totals
 * must reach: 0.85 in tables VIII and IX, 0 in table X and figures 11 and 12. `preset` is HI3; of it stay bit widths,
 * ALU latencies and the small memories.
 */
export function paperLattice(preset: Hardware, graph: Graph, { size, budget }: Budget, share: number): PaperLattice {
  const hardware = { ...preset, name: `${size}x${size}`, array: { rows: size, columns: size } };
  const base = { hardware, workload: graph.name, phase: 'inference', batch: 1 } as const;
  const axes = axesUpTo(budget);
  const constraints = [...withinBudget(axes, budget, share), ...validityConstraints({ base, axes })];
  const space = { base, axes, constraints };
  const program = inferenceProgram(graph, 1);
  return {
    space,
    costs: networkCosts(space, {
      program: () => program,
      model: closedFormCosts('published'),
      beside: NOTHING_BESIDE,
    }),
    lattice:
      `powers of two: sizes from ${SMALLEST_KIB} KiB and from the smallest valid, BW_w, BW_i, BW_o, BW_v from ` +
      `${SMALLEST_BITS_PER_CYCLE.join(', ')} bits/cycle; total size and total bandwidth each ` +
      (share > 0 ? `in [${share}, 1] x ${budget}` : `up to ${budget}`),
  };
}

function allocation({ axes }: Space, { index, cycles }: PricedPoint): Allocation {
  const digits = digitsOf(axes, index);
  const values = axes.map((axis, place) => axis.values[digits[place]!] as number);
  return {
    KiB: values.slice(0, 4) as unknown as Allocation['KiB'],
    bitsPerCycle: values.slice(4) as unknown as Allocation['bitsPerCycle'],
    ...totals(axes, digits),
    cycles,
  };
}

/** A search that pauses now and then, yielding the points priced so far. */
type Searching<Result> = Generator<number, Result>;

/** The best and the worst allocation of a lattice. */
function* allocationRow(preset: Hardware, graph: Graph, budget: Budget): Searching<AllocationRow> {
  const { space, costs, lattice } = paperLattice(preset, graph, budget, BAND);
  const { best, worst, coverage } = yield* searchExtremes(space, costs);
  return {
    array: space.base.hardware.name,
    workload: graph.name,
    lattice,
    ...coverage,
    best: allocation(space, best!),
    worst: allocation(space, worst!),
    worstOverBest: worst!.cycles / best!.cycles,
  };
}

/** Table VIII: the best and the worst allocation of each array's budget, for one network (ResNet-50). */
export function* tableVIII(preset: Hardware, resnet50: Graph): Searching<AllocationRow[]> {
  const rows: AllocationRow[] = [];
  for (const budget of BUDGETS) rows.push(yield* allocationRow(preset, resnet50, budget));
  return rows;
}

/** Table IX: the same on the 64×64 array for other networks (ResNet-18, VGG16, AlexNet). */
export function* tableIX(preset: Hardware, graphs: readonly Graph[]): Searching<AllocationRow[]> {
  const rows: AllocationRow[] = [];
  for (const graph of graphs) rows.push(yield* allocationRow(preset, graph, BUDGET_64));
  return rows;
}

/** A point of table X, with its cycles beyond the optimum's as a share of them. */
export interface EconomicPoint extends Allocation {
  readonly penalty: number;
}

/** Figure 11's points and, among them, table X's. */
export interface EconomicPoints extends Coverage {
  readonly lattice: string;
  readonly optimal: Allocation;
  /** The least total SRAM of all points within 15 % of the optimum; of equals, the fastest. */
  readonly minimizedSram: EconomicPoint;
  /** The least total bandwidth of these; of equals, the least total SRAM, then the fastest. */
  readonly minimizedBandwidth: EconomicPoint;
  /** Every point within 15 % of the optimum, in the order of the lattice. */
  readonly points: readonly EconomicPoint[];
}

/** Table X and figure 11: 64×64, any totals up to the budget. */
export function* economicPoints(preset: Hardware, resnet50: Graph): Searching<EconomicPoints> {
  const { space, costs, lattice } = paperLattice(preset, resnet50, BUDGET_64, 0);
  const { best, coverage } = yield* searchExtremes(space, costs);
  const points: EconomicPoint[] = [];
  for (const point of pricedPoints(space, costs)) {
    yield points.length;
    if (point === undefined) continue;
    const penalty = point.cycles / best!.cycles - 1;
    if (penalty <= ACCEPTED_PENALTY) points.push({ ...allocation(space, point), penalty });
  }
  const first = (...order: readonly (keyof EconomicPoint & ('totalKiB' | 'totalBitsPerCycle' | 'cycles'))[]) =>
    points.reduce((least, point) => {
      const differing = order.find((key) => point[key] !== least[key]);
      return differing !== undefined && point[differing] < least[differing] ? point : least;
    });
  return {
    lattice,
    ...coverage,
    optimal: allocation(space, best!),
    minimizedSram: first('totalKiB', 'cycles'),
    minimizedBandwidth: first('totalBitsPerCycle', 'totalKiB', 'cycles'),
    points,
  };
}

/** A bar of figure 12: cycles with one parameter changed, over those of the optimum. */
export interface SensitivityBar {
  readonly parameter: string;
  readonly value: number;
  readonly overOptimal: number;
}

/** Figure 12: each parameter in turn over its powers of two, the other seven as in table VIII's 64×64 optimum. */
export function* figure12(preset: Hardware, resnet50: Graph): Searching<SensitivityBar[]> {
  const { space, costs } = paperLattice(preset, resnet50, BUDGET_64, BAND);
  const { best } = yield* searchExtremes(space, costs);
  const neighbours = neighboursOf(space, digitsOf(space.axes, best!.index));
  return sensitivity(space, costs, [...neighbours]).flatMap(({ parameter, bars }) =>
    bars.map(({ value, cycles }) => ({ parameter, value: value as number, overOptimal: cycles / best!.cycles })),
  );
}
