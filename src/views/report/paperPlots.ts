/** Plots of the recomputed figures. They draw into a document that the caller brings: a page's, or one without a page. */
import * as Plot from '@observablehq/plot';
import type { FigureData, PaperTarget } from '../../studies/paper/target.ts';

type PlotDocument = NonNullable<Plot.PlotOptions['document']>;
type Drawing = ReturnType<typeof Plot.plot>;

const LOOK = {
  width: 760,
  marginLeft: 60,
  marginTop: 50,
  style: { background: 'white', color: 'black', fontSize: '12px' },
} as const;

/** Figure 5: cycles over those of No-Stall, one group of bars per layer. */
function figure5Plot(data: FigureData, document: PlotDocument): Drawing {
  const estimates = ['No-Stall', 'Simplified', 'closed form'];
  const bars = { fx: 'layer', x: 'estimate', y: 'cyclesOverNoStall' } as const;
  const times = (bar: FigureData[number]): string => `${Number(bar['cyclesOverNoStall']).toFixed(2)}×`;
  return Plot.plot({
    ...LOOK,
    document,
    height: 360,
    fx: { label: null, domain: [...new Set(data.map((bar) => bar['layer']))] },
    x: { axis: null, domain: estimates },
    y: { label: 'cycles over those of No-Stall', grid: true },
    color: { domain: estimates, range: ['#bab0ab', '#f28e2c', '#4e79a7'] },
    marks: [
      Plot.barY(data, { ...bars, fill: 'estimate' }),
      Plot.text(data, { ...bars, text: 'estimate', dy: -18, fontSize: 9 }),
      Plot.text(data, { ...bars, text: times, dy: -7, fontSize: 9 }),
      Plot.ruleY([0]),
    ],
  });
}

const BANDWIDTH_COLOURS = ['#440154', '#2a788e', '#7ad151', '#fde725'];

/** Figure 11: cycles over total SRAM, colour for total bandwidth. */
function figure11Plot(data: FigureData, document: PlotDocument): Drawing {
  const bandwidths = [...new Set(data.map((point) => Number(point['totalBitsPerCycle'])))].sort((a, b) => a - b);
  const colour = (place: number): string => BANDWIDTH_COLOURS[place % BANDWIDTH_COLOURS.length]!;
  const legend = bandwidths.map((bandwidth, place) =>
    Plot.text([`● ${bandwidth} bits/cycle in total`], {
      frameAnchor: 'top-right',
      dy: -40 + 14 * place,
      fill: colour(place),
    }),
  );
  return Plot.plot({
    ...LOOK,
    document,
    height: 440,
    marginBottom: 45,
    x: { label: 'total SRAM, KiB', labelAnchor: 'center', labelOffset: 38, grid: true, nice: true },
    y: { label: 'million cycles', grid: true, nice: true },
    color: { type: 'ordinal', domain: bandwidths, range: bandwidths.map((_, place) => colour(place)) },
    marks: [
      Plot.dot(data, {
        x: 'totalKiB',
        y: (point: FigureData[number]) => Number(point['cycles']) / 1e6,
        fill: 'totalBitsPerCycle',
        fillOpacity: 0.6,
        r: 2.5,
      }),
      ...legend,
    ],
  });
}

/** Half of figure 12: cycles over the optimum's, one group of bars per parameter. A missing bar is no valid point. */
function figure12Plot(data: FigureData, unit: string, document: PlotDocument): Drawing {
  const bars = data.filter((bar) => bar['unit'] === unit);
  const different = (column: string): (string | number)[] => [...new Set(bars.map((bar) => bar[column]!))];
  return Plot.plot({
    ...LOOK,
    document,
    width: 960,
    height: 320,
    marginBottom: 60,
    fx: { label: null, domain: different('parameter') },
    x: {
      label: unit,
      domain: different('value').sort((a, b) => Number(a) - Number(b)),
      tickFormat: String,
      tickRotate: -45,
    },
    y: { label: 'cycles over the optimum', grid: true, nice: true },
    marks: [
      Plot.barY(bars, { fx: 'parameter', x: 'value', y: 'cyclesOverOptimal', fill: '#4e79a7' }),
      Plot.ruleY([0]),
      Plot.ruleY([1], { stroke: '#e15759', strokeDasharray: '3,3' }),
    ],
  });
}

/** The plots of a figure by what its file's name adds to the figure's: figure 12 has two halves. */
export function paperPlots(figure: PaperTarget, document: PlotDocument): ReadonlyMap<string, Drawing> {
  const data = figure.plotted ?? figure.data ?? [];
  switch (figure.target) {
    case '5':
      return new Map([['', figure5Plot(data, document)]]);
    case '11':
      return new Map([['', figure11Plot(data, document)]]);
    case '12':
      return new Map([
        ['a', figure12Plot(data, 'KiB', document)],
        ['b', figure12Plot(data, 'bits/cycle', document)],
      ]);
    default:
      return new Map();
  }
}
