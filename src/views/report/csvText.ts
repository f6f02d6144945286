/** Rows as CSV that a spreadsheet can open: texts of the user's files are texts there too. */
import { type Input, type Options, stringify } from 'csv-stringify/sync';
import { cellText } from '../../model/schemas/printable.ts';

/** Rows as CSV. Numbers stay as they are, negative ones too. */
export function csvText(rows: Input, options: Omit<Options, 'cast'> = {}): string {
  return stringify(rows, { ...options, cast: { string: cellText, boolean: String } });
}
