/** Which columns of a table are shown in how much room, and how wide each is. */

/** What the cells of a column hold, which says what can be done where there is no room for them. */
export type Held =
  /** Figures, aligned to the right, never cut. */
  | 'numbers'
  /** Names, whose middle may be left out. */
  | 'names'
  /** Items with `, ` between them, the most important first: those at the end may be left out. */
  | 'lists'
  /** Words that go on in further lines of the row. */
  | 'sentences';

export interface Column {
  /** Its lines end with a line end each. */
  readonly title: string;
  readonly holds: Held;
  /** Where there is no room, the columns of the highest number go first; one without a number stays. */
  readonly goes?: number;
}

const column =
  (holds: Held) =>
  (title: string, goes?: number): Column => ({ title, holds, ...(goes === undefined ? {} : { goes }) });

export const numbers = column('numbers');
export const names = column('names');
export const lists = column('lists');
export const sentences = column('sentences');

export const BETWEEN_COLUMNS = '  ';

/** How wide a column's cells are: all of them whole, and the least with which it makes sense. */
export interface Widths {
  readonly whole: number;
  readonly least: number;
}

/** Columns that stand side by side, by their place, and how wide each is. */
export interface Block {
  readonly places: readonly number[];
  readonly widths: readonly number[];
}

/** How a table is laid out: one block below the other, each with the first column. */
export interface Layout {
  readonly blocks: readonly Block[];
  readonly leftOut: readonly number[];
}

const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0);

const inAll = (widths: readonly number[]): number => sum(widths) + BETWEEN_COLUMNS.length * (widths.length - 1);

/** In this order columns are given what room is left. */
const WIDEN: readonly Held[] = ['names', 'lists', 'sentences'];

/** Columns side by side, widened from their least to fill the room. */
function filled(places: readonly number[], columns: readonly Column[], widths: readonly Widths[], room: number): Block {
  const given = places.map((place) => widths[place]!.least);
  let left = room - inAll(given);
  for (const held of WIDEN) {
    for (const [at, place] of places.entries()) {
      if (columns[place]!.holds !== held || left <= 0) continue;
      const more = Math.min(left, widths[place]!.whole - given[at]!);
      given[at]! += more;
      left -= more;
    }
  }
  return { places, widths: given };
}

/**
 * The layout of a table in `room` columns of a terminal. All columns whole if there is room; else narrower ones, else
 * fewer; and if those that stay are still too many, they go on below, the first of all repeated.
 */
export function fitColumns(columns: readonly Column[], widths: readonly Widths[], room: number): Layout {
  const least = (places: readonly number[]): number => inAll(places.map((place) => widths[place]!.least));
  let shown = columns.map((_, place) => place);
  if (inAll(widths.map(({ whole }) => whole)) <= room) {
    return { blocks: [{ places: shown, widths: widths.map(({ whole }) => whole) }], leftOut: [] };
  }
  const leftOut: number[] = [];
  while (least(shown) > room) {
    const first = shown
      .filter((place) => columns[place]!.goes !== undefined)
      .sort((a, b) => columns[b]!.goes! - columns[a]!.goes!)[0];
    if (first === undefined) break;
    leftOut.push(first);
    shown = shown.filter((place) => place !== first);
  }
  const [repeated = 0, ...others] = shown;
  const blocks: number[][] = [[repeated]];
  for (const place of others) {
    const block = blocks.at(-1)!;
    if (block.length > 1 && least([...block, place]) > room) blocks.push([repeated, place]);
    else block.push(place);
  }
  return {
    blocks: blocks.map((places) => filled(places, columns, widths, room)),
    leftOut: leftOut.sort((a, b) => a - b),
  };
}
