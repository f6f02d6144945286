/** Plots of a sweep. They draw into a document that the caller brings: a page's, or one without a page. */
import * as Plot from '@observablehq/plot';
import { shownName } from '../../model/schemas/printable.ts';
import type { Objective } from '../../studies/sweep/sweepSpec.ts';
import { type Figures, type HeatMap, type SweepReport, sensitivityThatShows } from './sweepReport.ts';

type PlotDocument = NonNullable<Plot.PlotOptions['document']>;
type Drawing = ReturnType<typeof Plot.plot>;

const LOOK = {
  width: 760,
  marginLeft: 80,
  marginTop: 56,
  marginBottom: 45,
  style: { background: 'white', color: 'black', fontSize: '12px' },
} as const;
const BLUE = '#4e79a7';
const RED = '#e15759';
const GREY = '#bab0ab';

const IN_WORDS: Readonly<Record<Objective, string>> = {
  cycles: 'cycles',
  joules: 'energy, J',
  jouleSeconds: 'energy-delay product, J·s',
  totalSramKiB: 'total SRAM, KiB',
  totalBitsPerCycle: 'total bandwidth, bits per cycle',
};

/** A title, and a second line, in the upper left corner of a plot that has such a margin. */
function titles(marginLeft: number, first: string, second: string) {
  const place = { frameAnchor: 'top-left', dx: 12 - marginLeft } as const;
  return [Plot.text([first], { ...place, dy: -44, fontWeight: 'bold' }), Plot.text([second], { ...place, dy: -28 })];
}

const named = (report: SweepReport): string => `${shownName(report.name)} (${shownName(report.model)})`;

/** The points by the first two objectives (total SRAM, where there is but one), the front in front. */
function paretoPlot(report: SweepReport, sample: readonly Figures[], document: PlotDocument): Drawing {
  const [y, x = y === 'totalSramKiB' ? 'cycles' : 'totalSramKiB'] = report.objectives as [Objective, Objective?];
  const at = (objective: Objective) => (point: Figures) => point[objective]!;
  const front = [...report.pareto].sort((a, b) => at(x)(a) - at(x)(b));
  const channels = { x: at(x), y: at(y) };
  return Plot.plot({
    ...LOOK,
    document,
    height: 440,
    x: { label: IN_WORDS[x], labelAnchor: 'center', labelOffset: 38, grid: true, nice: true },
    y: { label: IN_WORDS[y], labelAnchor: 'center', labelOffset: 66, grid: true, nice: true, tickFormat: '~s' },
    marks: [
      ...titles(
        LOOK.marginLeft,
        named(report),
        `Pareto front of ${report.objectives.map((each) => IN_WORDS[each]).join(' and ')}, among some of all points`,
      ),
      Plot.dot(sample, { ...channels, fill: GREY, r: 2 }),
      Plot.line(front, { ...channels, stroke: RED, curve: 'step-after' }),
      Plot.dot(front, { ...channels, fill: RED, r: 3.5 }),
    ],
  });
}

const HEAT_MAP_MARGIN = 130;
/** More cells have no figures in them. */
const MOST_CELLS_WITH_TEXT = 225;

/** The least of the first objective at every two values of two parameters, over the best. */
function heatMapPlot(report: SweepReport, { parameters, values, cells }: HeatMap, document: PlotDocument): Drawing {
  const [a, b] = parameters.map(shownName) as [string, string];
  const least = Math.min(...cells.map((cell) => cell.least));
  const over = (cell: HeatMap['cells'][number]): number => (least > 0 ? cell.least / least : cell.least);
  const domain = (all: readonly (number | string)[], there: readonly (number | string)[]): string[] =>
    all.filter((value) => there.includes(value)).map((value) => shownName(String(value)));
  const place = {
    x: (cell: HeatMap['cells'][number]) => shownName(String(cell.b)),
    y: (cell: HeatMap['cells'][number]) => shownName(String(cell.a)),
  };
  const rows = domain(
    values[0],
    cells.map((cell) => cell.a),
  );
  const columns = domain(
    values[1],
    cells.map((cell) => cell.b),
  );
  return Plot.plot({
    ...LOOK,
    document,
    marginLeft: HEAT_MAP_MARGIN,
    marginBottom: 70,
    height: 140 + Math.min(720, 32 * rows.length),
    x: {
      label: b,
      domain: columns,
      tickRotate: -30,
      labelAnchor: 'center',
      labelOffset: 62,
    },
    y: { label: a, domain: rows, labelAnchor: 'center', labelOffset: 116 },
    color: { type: 'linear', scheme: 'YlGnBu', reverse: true },
    marks: [
      ...titles(
        HEAT_MAP_MARGIN,
        named(report),
        `least ${IN_WORDS[report.objectives[0]!]} over the best, all other parameters free`,
      ),
      Plot.cell(cells, { ...place, fill: over, inset: 0.5 }),
      ...(cells.length > MOST_CELLS_WITH_TEXT
        ? []
        : [
            Plot.text(cells, {
              ...place,
              text: (cell: HeatMap['cells'][number]) => over(cell).toPrecision(3),
              fill: 'black',
              stroke: 'white',
              strokeWidth: 3,
            }),
          ]),
    ],
  });
}

/** More values of a parameter are thinned out. */
const MOST_BARS = 24;

/** Each parameter alone: the first objective over the best point's. */
function sensitivityPlot(report: SweepReport, document: PlotDocument): Drawing {
  const objective = report.objectives[0]!;
  const centre = report.best?.[objective];
  const bars = sensitivityThatShows(report).flatMap(({ parameter, bars: all }) => {
    const step = Math.ceil(all.length / MOST_BARS);
    const shown = all.filter((_, place) => place % step === 0);
    return shown.map((bar) => ({
      label: `${shownName(parameter)} = ${shownName(String(bar.value))}`,
      over: centre ? bar[objective]! / centre : bar[objective]!,
      isInSpace: bar.isInSpace,
    }));
  });
  const marginLeft = Math.min(420, 20 + 7 * Math.max(...bars.map(({ label }) => label.length)));
  return Plot.plot({
    ...LOOK,
    document,
    marginLeft,
    marginRight: 50,
    height: 110 + 18 * bars.length,
    x: {
      label: `${IN_WORDS[objective]} over the best point's`,
      labelAnchor: 'center',
      labelOffset: 38,
      grid: true,
      nice: true,
    },
    y: { label: null, domain: bars.map(({ label }) => label) },
    marks: [
      ...titles(
        marginLeft,
        named(report),
        'each parameter alone, all others as in the best point (grey: breaks a constraint)',
      ),
      Plot.barX(bars, { y: 'label', x: 'over', fill: (bar: (typeof bars)[number]) => (bar.isInSpace ? BLUE : GREY) }),
      Plot.text(bars, {
        y: 'label',
        x: 'over',
        text: (bar: (typeof bars)[number]) => bar.over.toPrecision(4),
        textAnchor: 'start',
        dx: 4,
      }),
      Plot.ruleX([0]),
      ...(centre ? [Plot.ruleX([1], { stroke: RED, strokeDasharray: '3,3' })] : []),
    ],
  });
}

/** What is plotted beside the report itself. */
export interface Plotted {
  /** Some of all points. */
  readonly sample: readonly Figures[];
  readonly heatMap: HeatMap | undefined;
}

/** The plots that a sweep may have. */
export type SweepPlot = 'pareto' | 'heatMap' | 'sensitivity';

/** The plots of a sweep by what they show; without points there are none. */
export function sweepPlots(
  report: SweepReport,
  { sample, heatMap }: Plotted,
  document: PlotDocument,
): ReadonlyMap<SweepPlot, Drawing> {
  const plots = new Map<SweepPlot, Drawing>();
  if (report.best === undefined) return plots;
  plots.set('pareto', paretoPlot(report, sample, document));
  if (heatMap !== undefined) plots.set('heatMap', heatMapPlot(report, heatMap, document));
  if (sensitivityThatShows(report).some(({ bars }) => bars.length > 0))
    plots.set('sensitivity', sensitivityPlot(report, document));
  return plots;
}
