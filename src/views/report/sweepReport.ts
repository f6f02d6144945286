/** What `systole sweep` found, as it is written to result.json. */

import { type FixedSetting, fixedSetting } from '../../studies/sweep/fixedSetting.ts';
import type { Coverage, PricedPoint } from '../../studies/sweep/search.ts';
import type { Sensitivity } from '../../studies/sweep/sensitivity.ts';
import { digitsOf, latticeSize, type Space } from '../../studies/sweep/space.ts';
import {
  type Agreement,
  agreementOf,
  objectiveReader,
  type Reranking,
  type Survey,
  type TwiceRanked,
} from '../../studies/sweep/survey.ts';
import type { Sweep } from '../../studies/sweep/sweep.ts';
import { type Objective, ownModel } from '../../studies/sweep/sweepSpec.ts';

/** What a point costs: every objective that there is. Energy figures stand only where an energy file was given. */
export interface Figures {
  readonly totalSramKiB: number;
  readonly totalBitsPerCycle: number;
  readonly cycles: number;
  readonly joules?: number;
  readonly seconds?: number;
  readonly jouleSeconds?: number;
}

/** A point in full. */
export interface SweepRow extends Figures {
  readonly parameters: Readonly<Record<string, number | string>>;
}

/** A point by two models, with its ranks among the points compared. */
export interface RerankedRow extends SweepRow {
  readonly value: number;
  readonly rank: number;
  readonly valueAgain: number;
  readonly rankAgain: number;
}

/** What energy data call themselves. */
export interface EnergySourceWords {
  readonly name: string;
  readonly description: string;
}

export interface SweepReport {
  readonly name: string;
  /** What the hardware calls itself; where it varies, the first. */
  readonly hardware: string;
  readonly model: string;
  /** What is the same at all points beside the parameters. */
  readonly setting: FixedSetting;
  readonly objectives: readonly Objective[];
  /** The energy data, which may be a fit, and where they come from. */
  readonly energy?: EnergySourceWords;
  /** The same where they vary, in the order of the parameter's values. */
  readonly energies?: readonly EnergySourceWords[];
  readonly axes: Space['axes'];
  /** Parameters that follow from others, with the expressions that they follow from. */
  readonly derived?: Readonly<Record<string, string>>;
  readonly constraints: readonly string[];
  /** Evaluations for the sensitivity and the reranking are not counted. */
  readonly coverage: Coverage & {
    /** Combinations of all values, before constraints. */
    readonly latticePoints: number;
  };
  readonly best?: SweepRow;
  readonly worst?: SweepRow;
  /** The point around which parameters are varied, where that is not the best. */
  readonly centre?: SweepRow;
  /** By the first objective; not where that is 0 at the best point. */
  readonly worstOverBest?: number;
  readonly pareto: readonly SweepRow[];
  readonly sensitivity: readonly {
    readonly parameter: string;
    readonly bars: readonly SensitivityRow[];
  }[];
  /** The best points by other models, one entry per model. */
  readonly rerank: readonly RerankPart[];
  /** How the other models agree among each other. */
  readonly agreements: readonly (Agreement & { readonly models: readonly [string, string] })[];
}

/** A value of a parameter, with all figures of the point that has it. */
export interface SensitivityRow extends Figures {
  readonly value: number | string;
  readonly isInSpace: boolean;
}

/** The best points ranked again by another model. */
export interface RerankPart extends Agreement {
  readonly model: string;
  readonly best?: RerankedRow;
  readonly points: readonly RerankedRow[];
}

/** Turns points into their figures. */
function figuresOf({ space, energy }: Sweep): (point: PricedPoint) => Figures {
  const totalKiB = objectiveReader(space, 'totalSramKiB');
  const totalBandwidth = objectiveReader(space, 'totalBitsPerCycle');
  return (point) => {
    const { cycles, joules, seconds } = point;
    return {
      totalSramKiB: totalKiB(point),
      totalBitsPerCycle: totalBandwidth(point),
      cycles,
      ...(energy === undefined ? {} : { joules, seconds, jouleSeconds: joules * seconds }),
    };
  };
}

/** Turns points into rows. */
export function rowOf(sweep: Sweep): (point: PricedPoint) => SweepRow {
  const { axes, derived = [] } = sweep.space;
  const figures = figuresOf(sweep);
  return (point) => {
    const digits = digitsOf(axes, point.index);
    const parameters: Record<string, number | string> = {};
    axes.forEach(({ parameter, values }, place) => {
      parameters[parameter] = values[digits[place]!]!;
    });
    for (const { parameter, evaluate } of derived) parameters[parameter] = evaluate(digits);
    return { parameters, ...figures(point) };
  };
}

/** What the steps of a sweep found. */
export interface Findings {
  /** Evaluations of the layers of one unit that all points need. */
  readonly evaluations: number;
  readonly survey: Survey;
  readonly sensitivity: readonly Sensitivity[];
  readonly rerankings: readonly Reranking[];
}

function rerankPart(sweep: Sweep, { model, best, points, ...agreement }: Reranking): RerankPart {
  const row = rowOf(sweep);
  const reranked = ({ point, value, rank, valueAgain, rankAgain }: TwiceRanked): RerankedRow => ({
    ...row(point),
    value,
    rank,
    valueAgain,
    rankAgain,
  });
  return { model, ...agreement, ...(best && { best: reranked(best) }), points: points.map(reranked) };
}

/** The least of the first objective at every two values of two parameters. */
export interface HeatMap {
  readonly parameters: readonly [string, string];
  /** All values of each, in their order. */
  readonly values: readonly [readonly (number | string)[], readonly (number | string)[]];
  readonly cells: readonly { readonly a: number | string; readonly b: number | string; readonly least: number }[];
}

/** The sensitivity to what has several values. */
export function sensitivityThatShows({ sensitivity, axes }: SweepReport): SweepReport['sensitivity'] {
  return sensitivity.filter((_, place) => axes[place]!.values.length > 1);
}

/** How much a parameter alone moves an objective: the most over the least. */
function effectOf({ bars }: SweepReport['sensitivity'][number], objective: Objective): number {
  const values = bars.map((bar) => bar[objective]!);
  return bars.length < 2 ? 1 : Math.max(...values) / Math.min(...values);
}

/** The heat map of the two parameters that are asked for, or that move the first objective most; undefined where fewer vary. */
export function heatMapOf(sweep: Sweep, { survey }: Findings, report: SweepReport): HeatMap | undefined {
  const { spec, space } = sweep;
  const objective = spec.objectives[0]!;
  const ranked = report.sensitivity
    .map((each, place) => ({ place, effect: effectOf(each, objective) }))
    .filter(({ place }) => space.axes[place]!.values.length > 1)
    .sort((a, b) => b.effect - a.effect || a.place - b.place)
    .map(({ place }) => place);
  const asked = spec.heatMap?.map((name) => space.axes.findIndex(({ parameter }) => parameter === name));
  const pairs = asked === undefined ? ranked.flatMap((a, i) => ranked.slice(i + 1).map((b) => [a, b])) : [asked];
  for (const pair of pairs) {
    const [a, b] = [...pair].sort((x, y) => x - y) as [number, number];
    const cells = survey.pairs.cellsOf(a, b);
    if (cells === undefined) continue;
    const [rows, columns] = [space.axes[a]!, space.axes[b]!];
    return {
      parameters: [rows.parameter, columns.parameter],
      values: [rows.values, columns.values],
      cells: cells.map((cell) => ({ a: rows.values[cell.a]!, b: columns.values[cell.b]!, least: cell.least })),
    };
  }
  return undefined;
}

/** What the plots show beside the report itself. */
export function plottedOf(sweep: Sweep, findings: Findings, report: SweepReport) {
  return { sample: findings.survey.sample.map(figuresOf(sweep)), heatMap: heatMapOf(sweep, findings, report) };
}

/** The point around which parameters are varied, from among those that are: each parameter has its own value too. */
function centreRow(
  { centre, space }: Sweep,
  sensitivity: readonly Sensitivity[],
  row: (point: PricedPoint) => SweepRow,
) {
  if (centre === undefined) return undefined;
  const [axis] = space.axes;
  const bar = sensitivity[0]?.bars.find(({ value }) => value === axis!.values[centre[0]!]);
  return bar && row(bar);
}

/** The report of a finished sweep. */
export function sweepReport(sweep: Sweep, { evaluations, survey, sensitivity, rerankings }: Findings): SweepReport {
  const { spec, space, energy } = sweep;
  const { derived = [] } = space;
  const [row, figures] = [rowOf(sweep), figuresOf(sweep)];
  const read = objectiveReader(space, spec.objectives[0]!);
  const { worst } = survey;
  const best = survey.best[0];
  const centre = centreRow(sweep, sensitivity, row);
  return {
    name: spec.name,
    hardware: space.base.hardware.name,
    model: ownModel(spec),
    setting: fixedSetting(spec, space.base),
    objectives: spec.objectives,
    ...(energy && (energy.sources.length === 1 ? { energy: energy.sources[0]! } : { energies: energy.sources })),
    axes: space.axes,
    ...(derived.length > 0 && { derived: Object.fromEntries(derived.map(({ parameter, text }) => [parameter, text])) }),
    constraints: space.constraints.map(({ text }) => text),
    coverage: { latticePoints: latticeSize(space.axes), ...survey.count, evaluations },
    ...(best && worst && { best: row(best), worst: row(worst) }),
    ...(centre && { centre }),
    ...(best && worst && read(best) > 0 && { worstOverBest: read(worst) / read(best) }),
    pareto: survey.pareto.map(row),
    sensitivity: sensitivity.map(({ parameter, bars }) => ({
      parameter,
      bars: bars.map((bar) => ({ value: bar.value, ...figures(bar), isInSpace: bar.isInSpace })),
    })),
    rerank: rerankings.map((reranking) => rerankPart(sweep, reranking)),
    agreements: rerankings.flatMap((a, place) =>
      rerankings.slice(place + 1).map((b) => ({ models: [a.model, b.model] as const, ...agreementOf(a, b) })),
    ),
  };
}
