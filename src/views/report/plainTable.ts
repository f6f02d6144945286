/** Tables without lines, as all commands print them, in the room that there is. */
import { printable } from '../../model/schemas/printable.ts';
import { BETWEEN_COLUMNS, type Block, type Column, fitColumns, type Layout, type Widths } from './columnFit.ts';
import { cutInside, cutList, widthOf, wrapped, wrappedItems } from './wrapped.ts';

/** The texts of a row, whatever they hold. */
export type Row = readonly string[];

/** Names and sentences are not made narrower than this. */
const LEAST_NAME = 24;
const LEAST_SENTENCE = 16;

const itemsOf = (cell: string): string[] => cell.split(', ');

/** The widths of the columns, from a walk through all rows; yields after each. */
function* measure(columns: readonly Column[], rows: Iterable<Row>): Generator<void, Widths[]> {
  const titles = columns.map(({ title }) => Math.max(...title.split('\n').map(widthOf)));
  const [whole, longestFirst] = [[...titles], [...titles]];
  for (const row of rows) {
    for (let place = 0; place < row.length; place++) {
      const cell = printable(row[place]!);
      const width = widthOf(cell);
      if (width > whole[place]!) whole[place] = width;
      if (columns[place]!.holds !== 'lists') continue;
      const items = itemsOf(cell);
      const first = widthOf(items[0]!) + (items.length > 1 ? 2 : 0);
      if (first > longestFirst[place]!) longestFirst[place] = first;
    }
    yield;
  }
  return columns.map(({ holds }, place) => {
    const title = titles[place]!;
    const least = {
      numbers: whole[place]!,
      names: Math.max(title, LEAST_NAME),
      lists: longestFirst[place]!,
      sentences: Math.max(title, LEAST_SENTENCE),
    }[holds];
    return { whole: whole[place]!, least: Math.min(least, whole[place]!) };
  });
}

/** The lines that a cell takes in its column. */
function cellLines({ holds }: Column, text: string, width: number): readonly string[] {
  const cell = printable(text);
  switch (holds) {
    case 'numbers':
      return [cell];
    case 'names':
      return [cutInside(cell, width)];
    case 'lists':
      return [cutList(itemsOf(cell), width)];
    case 'sentences':
      return wrappedItems(cell.split(' '), ' ', width, '');
  }
}

/** The lines of a row in a block of columns, whose cells may have several. */
function* rowLines(
  { places, widths }: Block,
  columns: readonly Column[],
  cells: readonly (readonly string[])[],
): Generator<string> {
  const height = Math.max(1, ...cells.map(({ length }) => length));
  for (let line = 0; line < height; line++) {
    const padded = places.map((place, at) => {
      const text = cells[at]![line] ?? '';
      const padding = ' '.repeat(Math.max(0, widths[at]! - widthOf(text)));
      return columns[place]!.holds === 'numbers' ? padding + text : text + padding;
    });
    yield `${padded.join(BETWEEN_COLUMNS).trimEnd()}\n`;
  }
}

/** Which columns there was no room for, and with how much there is. */
function leftOutInWords({ leftOut }: Layout, columns: readonly Column[], widths: readonly Widths[]): string {
  const titles = leftOut.map((place) => columns[place]!.title.replaceAll('\n', ' '));
  const needed = widths.reduce((all, { least }) => all + least + BETWEEN_COLUMNS.length, -BETWEEN_COLUMNS.length);
  return `(no room for: ${titles.join(', ')}; with COLUMNS=${needed} there is)`;
}

/**
 * The lines of a table in `room` columns of a terminal, each with its end: the header, then the rows. The rows are
 * walked several times, first for the widths of the columns, so that a long table need never be there as a whole.
 */
export function* tableLines(columns: readonly Column[], rows: Iterable<Row>, room: number): Generator<string> {
  const measuring = measure(columns, rows);
  let step = measuring.next();
  for (; step.done !== true; step = measuring.next()) yield ''; // whoever writes may pause
  const widths = step.value;
  const layout = fitColumns(columns, widths, room);
  for (const [number, block] of layout.blocks.entries()) {
    if (number > 0) yield '\n';
    const titles = block.places.map((place) => columns[place]!.title.split('\n'));
    yield* rowLines(block, columns, titles);
    for (const row of rows) {
      const cells = block.places.map((place, at) => cellLines(columns[place]!, row[place]!, block.widths[at]!));
      yield* rowLines(block, columns, cells);
    }
  }
  if (layout.leftOut.length > 0) yield `${wrapped(leftOutInWords(layout, columns, widths), room)}\n`;
}

/** A whole table, without the end of its last line. */
export function plainTable(columns: readonly Column[], rows: Iterable<Row>, room: number): string {
  return [...tableLines(columns, rows, room)].join('').slice(0, -1);
}
