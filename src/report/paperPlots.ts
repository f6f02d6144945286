/** Plots of the recomputed figures. They draw into a document that the caller brings: a page's, or one without a page. */
import * as Plot from '@observablehq/plot';
import type { FigureData, PaperTarget } from '../paper/target.ts';

type PlotDocument = NonNullable<Plot.PlotOptions['document']>;
type Drawing = ReturnType<typeof Plot.plot>;

const LOOK = { style: { background: 'white', color: 'black', fontSize: '12px' }, marginLeft: 60 } as const;

/** Figure 5: cycles over those of No-Stall, one group of bars per layer. */
function figure5Plot(data: FigureData, document: PlotDocument): Drawing {
  return Plot.plot({
    ...LOOK,
    document,
    width: 760,
    height: 360,
    fx: { label: null },
    x: { axis: null, domain: ['No-Stall', 'Simplified', 'closed form'] },
    y: { label: 'cycles over those of No-Stall', grid: true },
    color: { domain: ['No-Stall', 'Simplified', 'closed form'], range: ['#bab0ab', '#f28e2c', '#4e79a7'] },
    marks: [
      Plot.barY(data, { fx: 'layer', x: 'estimate', y: 'cyclesOverNoStall', fill: 'estimate' }),
      Plot.text(data, {
        fx: 'layer',
        x: 'estimate',
        y: 'cyclesOverNoStall',
        text: (bar: FigureData[number]) => `${bar['estimate']}\n${Number(bar['cyclesOverNoStall']).toFixed(2)}`,
        dy: -14,
        fontSize: 9,
      }),
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
