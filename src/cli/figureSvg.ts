/** Plots as SVG files. Plotting needs a document, and both cost a quarter of a second to load: only on demand. */
import type { PaperTarget } from '../paper/target.ts';

/** The plot of a figure as the text of an SVG file. */
export async function figureSvg(figure: PaperTarget): Promise<string> {
  const [{ parseHTML }, { paperPlot }] = await Promise.all([import('linkedom'), import('../report/paperPlots.ts')]);
  const { document } = parseHTML('<html><body></body></html>');
  const svg = paperPlot(figure, document);
  svg.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  return `${svg.outerHTML}\n`;
}
