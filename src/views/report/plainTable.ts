/** Tables without lines, as all commands print them. */
import Table from 'cli-table3';
import { printable } from '../../model/schemas/printable.ts';

const BARE = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
};

/** Lays out rows under a header, whatever their texts hold, a line each; columns named in `left` are aligned to the left, numbers to the right. */
export function plainTable(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  left: readonly string[],
): string {
  const table = new Table({
    head: [...header],
    chars: BARE,
    colAligns: header.map((title) => (left.includes(title) ? 'left' : 'right')),
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  });
  for (const row of rows) table.push(row.map(printable));
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}
