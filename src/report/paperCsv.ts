/** Recomputed tables and figures as CSV. */
import { stringify } from 'csv-stringify/sync';
import type { FigureData, PaperTarget } from '../paper/target.ts';

/** One line per compared figure. */
export function paperCsv(targets: readonly PaperTarget[]): string {
  const rows = targets.flatMap(({ target, rows: figures }) =>
    figures.map(({ name, printed, computed, difference, simulated, note }) => ({
      target,
      name,
      printed,
      computed,
      difference,
      simulated,
      note,
    })),
  );
  return stringify(rows, {
    header: true,
    columns: ['target', 'name', 'printed', 'computed', 'difference', 'simulated', 'note'],
  });
}

/** What a figure plots, one line per record. */
export function figureCsv(data: FigureData): string {
  return stringify([...data], { header: true });
}
