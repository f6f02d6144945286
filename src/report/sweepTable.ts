/** A sweep's result as text. */
import { change, integer } from './numbers.ts';
import { plainTable } from './plainTable.ts';
import type { SweepReport, SweepRow } from './sweepReport.ts';

const MOST_PARETO_ROWS = 20;

function figures(row: SweepRow): [string, string][] {
  const energy: [string, number | undefined][] = [
    ['mJ', row.joules === undefined ? undefined : row.joules * 1e3],
    ['ms', row.seconds === undefined ? undefined : row.seconds * 1e3],
  ];
  return [
    ['SRAM KiB', String(row.totalSramKiB)],
    ['bits/cycle', String(row.totalBitsPerCycle)],
    ['cycles', integer(row.cycles)],
    ...energy.flatMap(([name, value]): [string, string][] =>
      value === undefined ? [] : [[name, value.toPrecision(4)]],
    ),
  ];
}

/** Rows of points, parameters in front. */
function pointTable(
  rows: readonly (readonly [string, SweepRow])[],
  more: (row: SweepRow) => [string, string][] = () => [],
) {
  const cells = rows.map(([name, row]) => {
    const parameters = Object.entries(row.parameters).map(([key, value]): [string, string] => [key, String(value)]);
    return [['', name] as [string, string], ...parameters, ...figures(row), ...more(row)];
  });
  const header = cells[0]!.map(([title]) => title);
  return plainTable(
    header,
    cells.map((row) => row.map(([, text]) => text)),
    ['', 'workload', 'phase'],
  );
}

function sensitivityLines({ sensitivity, best }: SweepReport): string[] {
  if (sensitivity.length === 0) return [];
  const centre = best?.cycles;
  const rows = sensitivity.map(({ parameter, bars }) => {
    const cells = bars.map(({ value, cycles, isInSpace }) => {
      const over = centre === undefined ? integer(cycles) : (cycles / centre).toFixed(2);
      return `${value}: ${over}${isInSpace ? '' : '*'}`;
    });
    return `${parameter}  ${cells.join('  ')}`;
  });
  return ['', "Each parameter alone, cycles over the best point's (* breaks a constraint):", ...rows];
}

function rerankLines({ rerank }: SweepReport): string[] {
  if (rerank === undefined) return [];
  const { points, model, best } = rerank;
  const first = points[0]!;
  return [
    '',
    `The best ${points.length} points again by the ${model} model: Spearman ${rerank.spearman.toFixed(3)}, Kendall ${rerank.kendall.toFixed(3)}`,
    pointTable(
      [
        ['first', first],
        ['best again', best],
      ],
      (row) => {
        const { value, rank, valueAgain, rankAgain } = row === first ? first : best;
        return [
          ['rank', String(rank)],
          ['rank again', String(rankAgain)],
          ['from → to', `${integer(value)} → ${integer(valueAgain)} (${change(value, valueAgain)})`],
        ];
      },
    ),
  ];
}

/** The summary that `systole sweep` prints. */
export function sweepTable(report: SweepReport): string {
  const { coverage, best, worst, worstOverBest, pareto, objectives } = report;
  const didNotFit = coverage.pointsThatDoNotFit > 0 ? `, ${integer(coverage.pointsThatDoNotFit)} do not fit` : '';
  const head =
    `${report.name}: ${integer(coverage.pointsCovered)} points of ${integer(coverage.latticePoints)} combinations covered${didNotFit}, ` +
    `${integer(coverage.evaluations)} evaluations of one array's layers (${report.model} model)`;
  if (best === undefined || worst === undefined) return `${head}\nNo point meets all constraints.\n`;
  const shown = pareto.slice(0, MOST_PARETO_ROWS);
  const front =
    pareto.length === 1
      ? []
      : [
          '',
          `Pareto front of ${objectives.join(', ')}: ${pareto.length} points${pareto.length > shown.length ? `, the first ${shown.length} here` : ''}`,
          pointTable(shown.map((row, place) => [String(place + 1), row])),
        ];
  return `${[
    head,
    '',
    pointTable([
      ['best', best],
      ['worst', worst],
    ]),
    '',
    `Worst over best by ${objectives[0]}: ${worstOverBest!.toFixed(2)}×`,
    ...front,
    ...sensitivityLines(report),
    ...rerankLines(report),
  ].join('\n')}\n`;
}
