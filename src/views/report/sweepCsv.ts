/** What a sweep found as CSV: a row per point of each part of the result. */
import { csvText } from './csvText.ts';
import type { Figures, RerankedRow, SweepReport, SweepRow } from './sweepReport.ts';

const FIGURES = ['totalSramKiB', 'totalBitsPerCycle', 'cycles', 'joules', 'seconds', 'jouleSeconds'] as const;
const RANKS = ['rank', 'value', 'rankAgain', 'valueAgain'] as const;

/** `best`, `centre`, `worst`, `pareto`, `sensitivity` (one parameter alone, all others as in the best point or the centre) and `rerank`, by another model. */
export function sweepCsv(report: SweepReport): string {
  const { best, worst, centre, pareto, sensitivity, rerank, axes, derived = {}, model } = report;
  const parameters = [...axes.map(({ parameter }) => parameter), ...Object.keys(derived)];
  const hasEnergy = best?.joules !== undefined;
  const figures = FIGURES.filter((figure) => hasEnergy || !['joules', 'seconds', 'jouleSeconds'].includes(figure));
  const figuresOf = (row: Figures) => figures.map((figure) => row[figure] ?? '');
  const ranksOf = (row: Partial<RerankedRow>) => RANKS.map((column) => row[column] ?? '');
  const rowOf = (part: string, by: string, row: SweepRow & Partial<RerankedRow>) => [
    part,
    by,
    ...parameters.map((parameter) => row.parameters[parameter] ?? ''),
    ...figuresOf(row),
    ...ranksOf(row),
  ];
  return csvText([
    ['part', 'model', ...parameters, ...figures, ...RANKS],
    ...(best === undefined ? [] : [rowOf('best', model, best)]),
    ...(centre === undefined ? [] : [rowOf('centre', model, centre)]),
    ...(worst === undefined ? [] : [rowOf('worst', model, worst)]),
    ...pareto.map((row) => rowOf('pareto', model, row)),
    ...sensitivity.flatMap(({ parameter, bars }) =>
      bars.map(({ value, isInSpace: _, ...bar }) =>
        rowOf('sensitivity', model, { ...bar, parameters: { [parameter]: value } }),
      ),
    ),
    ...rerank.flatMap(({ model: by, points }) => points.map((point) => rowOf('rerank', by, point))),
  ]);
}
