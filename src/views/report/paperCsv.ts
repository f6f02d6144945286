/** Recomputed tables and figures as CSV. */
import type { FigureData, PaperRow, PaperTarget } from '../../studies/paper/target.ts';
import { csvText } from './csvText.ts';

/** What a reader must know of one figure, that its energy data are a fit for instance. */
function noteOf({ note, energyData }: PaperRow): string {
  const energy = energyData === undefined ? undefined : `energy data ${energyData}`;
  return [note, energy].filter((part) => part !== undefined).join('; ');
}

/** One line per compared figure. */
export function paperCsv(targets: readonly PaperTarget[]): string {
  const rows = targets.flatMap(({ target, rows: figures }) =>
    figures.map((row) => {
      const { name, printed, computed, difference, simulated } = row;
      return { target, name, printed, computed, difference, simulated, note: noteOf(row) };
    }),
  );
  return csvText(rows, {
    header: true,
    columns: ['target', 'name', 'printed', 'computed', 'difference', 'simulated', 'note'],
  });
}

/** What a figure plots, one line per record. */
export function figureCsv(data: FigureData): string {
  return csvText([...data], { header: true });
}
