/** Plots as SVG files. Plotting needs a document, and both cost a quarter of a second to load: only on demand. */
import type { FormulaValidation } from '../../studies/check/validation.ts';
import type { PaperTarget } from '../../studies/paper/target.ts';
import type { LoadReport } from '../../views/report/loadCurves.ts';
import type { Plotted, SweepPlot } from '../../views/report/sweepPlots.ts';
import type { SweepReport } from '../../views/report/sweepReport.ts';

/** What a plot is drawn into. */
async function emptyDocument() {
  const { parseHTML } = await import('linkedom');
  return parseHTML('<html><body></body></html>').document;
}

function svgText(svg: { setAttribute: (name: string, value: string) => void; readonly outerHTML: string }): string {
  svg.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  return `${svg.outerHTML}\n`;
}

/** The plots of a figure as the texts of SVG files, by what the file's name adds to the figure's (`a`, `b` or nothing). */
export async function figureSvgs(figure: PaperTarget): Promise<ReadonlyMap<string, string>> {
  const [document, { paperPlots }] = await Promise.all([emptyDocument(), import('../../views/report/paperPlots.ts')]);
  return new Map([...paperPlots(figure, document)].map(([suffix, svg]) => [suffix, svgText(svg)]));
}

/** The plots of a formula on trial as the texts of SVG files, by what they show. */
export async function validationSvgs(formula: FormulaValidation): Promise<ReadonlyMap<string, string>> {
  const [document, { errorPlot, parityPlot }] = await Promise.all([
    emptyDocument(),
    import('../../views/report/validationPlots.ts'),
  ]);
  return new Map([
    ['parity', svgText(parityPlot(formula, document))],
    ['errors', svgText(errorPlot(formula, document))],
  ]);
}

/** Bandwidth against latency as the text of an SVG file. */
export async function loadSvg(report: LoadReport): Promise<string> {
  const [document, { loadPlot }] = await Promise.all([emptyDocument(), import('../../views/report/loadPlot.ts')]);
  return svgText(loadPlot(report, document));
}

/** The plots of a sweep as the texts of SVG files. */
export async function sweepSvgs(report: SweepReport, plotted: Plotted): Promise<ReadonlyMap<SweepPlot, string>> {
  const [document, { sweepPlots }] = await Promise.all([emptyDocument(), import('../../views/report/sweepPlots.ts')]);
  return new Map([...sweepPlots(report, plotted, document)].map(([plot, svg]) => [plot, svgText(svg)]));
}
