/** Recomputed tables and figures for a reader: printed figures beside ours. */
import { isAsPrinted, type PaperRow, type PaperTarget } from '../../studies/paper/target.ts';
import { type Column, numbers, sentences } from './columnFit.ts';
import { plainTable } from './plainTable.ts';
import { wrapped } from './wrapped.ts';

/** Longer lines are hard to read. */
const WIDEST_NOTE = 110;

function figure(value: number | null | undefined, digits: number): string {
  return value === null || value === undefined ? '' : value.toFixed(digits);
}

function verdict(row: PaperRow): string {
  if (row.printed === null) return row.note ?? '';
  return isAsPrinted(row) ? 'as printed' : (row.note ?? '');
}

function rowCells(row: PaperRow): string[] {
  const { name, printed, computed, difference, simulated, digits } = row;
  // One digit more than is printed, so that a difference shows; whole numbers stay whole.
  const more = digits === 0 ? 0 : digits + 1;
  const sign = difference !== null && difference > 0 ? '+' : '';
  return [
    name,
    figure(printed, digits),
    figure(computed, more),
    difference === null ? '' : sign + figure(difference, more),
    figure(simulated, more),
    verdict(row),
  ];
}

const COLUMNS: readonly Column[] = [
  sentences(''),
  numbers('printed'),
  numbers('computed'),
  numbers('difference'),
  numbers('simulated'),
  sentences(' '),
];

function targetTable({ title, notes, rows }: PaperTarget, room: number): string {
  // A column that nothing fills is left out.
  const cells = rows.map(rowCells);
  const isFilled = COLUMNS.map((_, place) => cells.some((row) => row[place] !== ''));
  const filled = <Cell>(row: readonly Cell[]): Cell[] => row.filter((_, place) => isFilled[place]);
  const noted = notes.map((note) => wrapped(`  ${note}`, Math.min(room, WIDEST_NOTE)));
  return [wrapped(title, room), noted.join('\n'), plainTable(filled(COLUMNS), cells.map(filled), room)].join('\n\n');
}

/** All targets, one after the other. */
export function paperTable(targets: readonly PaperTarget[], room: number): string {
  return `${targets.map((target) => targetTable(target, room)).join('\n\n\n')}\n`;
}
