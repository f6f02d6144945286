/** Long CSV in pieces. */
import { csvText } from './csvText.ts';

export type CsvRow = Readonly<Record<string, string | number>>;

const ROWS_PER_PIECE = 256;

/** A header of all columns and the rows, some at a time; a row has nothing in the columns that it does not name. */
export function* csvPieces(columns: readonly string[], rows: Iterable<CsvRow>): Generator<string> {
  yield csvText([columns]);
  let piece: (string | number)[][] = [];
  for (const row of rows) {
    piece.push(columns.map((column) => row[column] ?? ''));
    if (piece.length < ROWS_PER_PIECE) continue;
    yield csvText(piece);
    piece = [];
  }
  if (piece.length > 0) yield csvText(piece);
}
