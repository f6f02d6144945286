/** Plots as SVG files. Plotting needs a document, and both cost a quarter of a second to load: only on demand. */
import type { PaperTarget } from '../../studies/paper/target.ts';

/** The plots of a figure as the texts of SVG files, by what the file's name adds to the figure's (`a`, `b` or nothing). */
export async function figureSvgs(figure: PaperTarget): Promise<ReadonlyMap<string, string>> {
  const [{ parseHTML }, { paperPlots }] = await Promise.all([
    import('linkedom'),
    import('../../views/report/paperPlots.ts'),
  ]);
  const { document } = parseHTML('<html><body></body></html>');
  const texts = [...paperPlots(figure, document)].map(([suffix, svg]) => {
    svg.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
    return [suffix, `${svg.outerHTML}\n`] as const;
  });
  return new Map(texts);
}
