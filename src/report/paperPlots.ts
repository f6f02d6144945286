/** Plots of the recomputed figures. They draw into a document that the caller brings: a page's, or one without a page. */
import * as Plot from '@observablehq/plot';
import type { FigureData, PaperTarget } from '../paper/target.ts';

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

/** The plot of a figure. */
export function paperPlot(figure: PaperTarget, document: PlotDocument): Drawing {
  const data = figure.plotted ?? figure.data ?? [];
  switch (figure.target) {
    case '5':
      return figure5Plot(data, document);
    default:
      throw new RangeError(`no plot of ${figure.target}`);
  }
}
