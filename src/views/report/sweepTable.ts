/** A sweep's result as text. */
import { shownName } from '../../model/schemas/printable.ts';
import type { Agreement } from '../../studies/sweep/survey.ts';
import { names, numbers } from './columnFit.ts';
import { energyDataInWords } from './energyTable.ts';
import { change, integer } from './numbers.ts';
import { plainTable } from './plainTable.ts';
import {
  type RerankedRow,
  type RerankPart,
  type SweepReport,
  type SweepRow,
  sensitivityThatShows,
} from './sweepReport.ts';
import { wrapped, wrappedItems } from './wrapped.ts';

const MOST_PARETO_ROWS = 20;

/** The columns of a point; that of an objective that is not always shown stands where it is sought. */
function figures(row: SweepRow, objectives: readonly string[]): [string, string][] {
  const cell = (title: string, value: number | undefined): [string, string][] =>
    value === undefined ? [] : [[title, value.toPrecision(4)]];
  const scaled = (value: number | undefined, scale: number): number | undefined => value && value * scale;
  return [
    ['SRAM KiB', String(row.totalSramKiB)],
    ['bits/cycle', String(row.totalBitsPerCycle)],
    ['cycles', integer(row.cycles)],
    ...cell('mJ', scaled(row.joules, 1e3)),
    ...cell('ms', scaled(row.seconds, 1e3)),
    ...(objectives.includes('jouleSeconds') ? cell('EDP µJ·s', scaled(row.jouleSeconds, 1e6)) : []),
  ];
}

/** Rows of points, parameters in front. */
function pointTable(
  { objectives }: SweepReport,
  room: number,
  rows: readonly (readonly [name: string, row: SweepRow, more?: [string, string][]])[],
): string {
  const cells = rows.map(([name, row, more = []]) => {
    const parameters = Object.entries(row.parameters).map(([key, value]): [string, string] => [key, String(value)]);
    return [['', name] as [string, string], ...parameters, ...figures(row, objectives), ...more];
  });
  // Columns that hold no figures.
  const { parameters } = rows[0]![1];
  const isText = (title: string): boolean => title === '' || typeof parameters[title] === 'string';
  const columns = cells[0]!.map(([title]) => {
    const inLines = title.replace('.', '.\n');
    return isText(title) ? names(inLines) : numbers(inLines);
  });
  return plainTable(
    columns,
    cells.map((row) => row.map(([, text]) => text)),
    room,
  );
}

/** One block per objective: how its value at the best point changes with each parameter alone. */
function sensitivityLines(report: SweepReport, room: number): string[] {
  const { best, objectives } = report;
  const sensitivity = sensitivityThatShows(report);
  if (sensitivity.length === 0) return [];
  return objectives.flatMap((objective) => {
    const centre = best?.[objective];
    const rows = sensitivity.map(({ parameter, bars }) => {
      const cells = bars.map((bar) => {
        const value = bar[objective]!;
        const over = !centre ? figure(value) : (value / centre).toFixed(2);
        return `${shownName(String(bar.value))}: ${over}${bar.isInSpace ? '' : '*'}`;
      });
      return wrappedItems([parameter, ...cells], '  ', room, '    ').join('\n');
    });
    return ['', `Each parameter alone, ${objective} over the best point's (* breaks a constraint):`, ...rows];
  });
}

/** A figure of any size: whole from 1000 on, else with four digits. */
function figure(value: number): string {
  return value >= 1000 ? integer(value) : value.toPrecision(4);
}

const correlations = ({ spearman, kendall }: Agreement): string =>
  spearman === undefined || kendall === undefined
    ? 'no correlation, as all are alike'
    : `Spearman ${spearman.toFixed(3)}, Kendall ${kendall.toFixed(3)}`;

/** How the sweep's first and the other model's best point fare. */
function rerankLines(report: SweepReport, room: number, { model, best, points, ...agreement }: RerankPart): string[] {
  const [first] = points;
  if (first === undefined || best === undefined) return ['', `None of the best points fits, ${model}.`];
  const again = ({ rank, rankAgain, value, valueAgain }: RerankedRow): [string, string][] => [
    ['rank', String(rank)],
    ['again', String(rankAgain)],
    ['from', figure(value)],
    ['to', `${figure(valueAgain)} (${change(value, valueAgain)})`],
  ];
  return [
    '',
    `The best ${points.length} points again, ${model}: ${correlations(agreement)}`,
    pointTable(report, room, [
      ['first', first, again(first)],
      ['best again', best, again(best)],
    ]),
  ];
}

/** `1 point`, `2 points`. */
const counted = (count: number, what: string): string => `${integer(count)} ${what}${count === 1 ? '' : 's'}`;

/** What is the same at all points: `at all points: hardware HI3, workload alexnet, …`. */
function settingInWords({ setting }: SweepReport): string {
  const each = Object.entries(setting).map(([name, value]) => `${name} ${shownName(String(value))}`);
  return `at all points: ${each.join(', ')}`;
}

/** The summary that `systole sweep` prints. */
export function sweepTable(report: SweepReport, room: number): string {
  const { coverage, best, worst, centre, worstOverBest, pareto, objectives, energy, energies = [] } = report;
  const didNotFit = coverage.pointsThatDoNotFit > 0 ? `, ${integer(coverage.pointsThatDoNotFit)} do not fit` : '';
  const head =
    `${shownName(report.name)}: ${counted(coverage.pointsCovered, 'point')} of ${counted(coverage.latticePoints, 'combination')} covered${didNotFit}, ` +
    `${counted(coverage.evaluations, 'evaluation')} of one array's layers (${report.model} model)`;
  const setting = settingInWords(report);
  if (best === undefined || worst === undefined)
    return `${wrapped(`${head}\n${setting}`, room)}\nNo point meets all constraints.\n`;
  const shown = pareto.slice(0, MOST_PARETO_ROWS);
  const front =
    pareto.length === 1
      ? []
      : [
          '',
          `Pareto front of ${objectives.join(', ')}: ${pareto.length} points${pareto.length > shown.length ? `, the first ${shown.length} here` : ''}`,
          pointTable(
            report,
            room,
            shown.map((row, place) => [String(place + 1), row]),
          ),
        ];
  const lines = [
    head,
    setting,
    ...(energy === undefined ? energies : [energy]).map(energyDataInWords),
    '',
    pointTable(report, room, [
      ['best', best],
      ...(centre === undefined ? [] : [['centre', centre] as const]),
      ['worst', worst],
    ]),
    '',
    worstOverBest === undefined
      ? `The best point has none of ${objectives[0]}.`
      : `Worst over best by ${objectives[0]}: ${worstOverBest.toFixed(2)}×`,
    ...front,
    ...sensitivityLines(report, room),
    ...report.rerank.flatMap((part) => rerankLines(report, room, part)),
    ...report.agreements.map(({ models, ...agreement }) => `${models.join(' against ')}: ${correlations(agreement)}`),
  ];
  return `${wrapped(lines.join('\n'), room)}\n`;
}
