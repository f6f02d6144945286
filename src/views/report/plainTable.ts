/** Tables without lines, as all commands print them. */
import stringWidth from 'string-width';
import { printable } from '../../model/schemas/printable.ts';

const BETWEEN_COLUMNS = '  ';
/** Most cells are of characters that are one column wide each. */
const ONE_COLUMN_EACH = /^[\x20-\x7e]*$/;

/** The texts of a row, whatever they hold: each is written in a line. */
export type Row = readonly string[];

const widthOf = (text: string): number => (ONE_COLUMN_EACH.test(text) ? text.length : stringWidth(text));

/**
 * The lines of a table, each with its end: the header, whose cells may have several lines, then the rows; columns named
 * in `left` are aligned to the left, numbers to the right. The rows are walked twice, first for the widths of the
 * columns, so that a long table need never be there as a whole.
 */
export function* tableLines(header: Row, rows: Iterable<Row>, left: readonly string[]): Generator<string> {
  const titles = header.map((title) => title.split('\n'));
  const widths = titles.map((lines) => Math.max(...lines.map(widthOf)));
  for (const row of rows) {
    for (let column = 0; column < row.length; column++) {
      const width = widthOf(printable(row[column]!));
      if (width > widths[column]!) widths[column] = width;
    }
    yield ''; // whoever writes may pause
  }
  const isLeft = header.map((title) => left.includes(title));
  const line = (cells: Row): string => {
    const padded = cells.map((cell, column) => {
      const padding = ' '.repeat(widths[column]! - widthOf(cell));
      return isLeft[column]! ? cell + padding : padding + cell;
    });
    return `${padded.join(BETWEEN_COLUMNS).trimEnd()}\n`;
  };
  const height = Math.max(...titles.map(({ length }) => length));
  for (let place = 0; place < height; place++) yield line(titles.map((lines) => lines[place] ?? ''));
  for (const row of rows) yield line(row.map(printable));
}

/** A whole table, without the end of its last line. */
export function plainTable(header: Row, rows: Iterable<Row>, left: readonly string[]): string {
  return [...tableLines(header, rows, left)].join('').slice(0, -1);
}
