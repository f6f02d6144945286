/** Recomputed tables and figures for a reader: printed figures beside ours. */
import { isAsPrinted, type PaperRow, type PaperTarget } from '../../studies/paper/target.ts';
import { plainTable } from './plainTable.ts';

/** A note's lines are no longer than this. */
const WIDTH = 110;

function wrapped(note: string): string {
  const lines = [''];
  for (const word of note.split(' ')) {
    const line = lines.at(-1)!;
    if (line !== '' && line.length + 1 + word.length > WIDTH) lines.push(word);
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
  }
  return lines.map((line, place) => `${place === 0 ? '  ' : '    '}${line}`).join('\n');
}

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

function targetTable({ title, notes, rows }: PaperTarget): string {
  const header = ['', 'printed', 'computed', 'difference', 'simulated', ' '];
  // A column that nothing fills is left out.
  const cells = rows.map(rowCells);
  const isFilled = header.map((_, place) => cells.some((row) => row[place] !== ''));
  const filled = (row: readonly string[]): string[] => row.filter((_, place) => isFilled[place]);
  const table = plainTable(filled(header), cells.map(filled), ['', ' ']);
  return [title, notes.map(wrapped).join('\n'), table].join('\n\n');
}

/** All targets, one after the other. */
export function paperTable(targets: readonly PaperTarget[]): string {
  return `${targets.map(targetTable).join('\n\n\n')}\n`;
}
