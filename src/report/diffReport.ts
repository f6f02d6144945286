/** Two runs compared, as a table, JSON or CSV. */
import { stringify } from 'csv-stringify/sync';
import type { Change, LayerDifference, RunDifference } from '../crosscheck/difference.ts';
import type { RunFile } from '../spec/runFile.ts';
import { integer, megabits, change as relative } from './numbers.ts';
import { plainTable } from './plainTable.ts';

/** A comparison and what was compared. */
export interface DiffReport extends RunDifference {
  readonly a: string;
  readonly b: string;
}

/** A run in a few words. */
export function runInWords({ workload, phase, batch, hardware, ...more }: RunFile): string {
  const dram = typeof more['dram'] === 'string' && more['dram'] !== 'ideal' ? `, DRAM ${more['dram']}` : '';
  return `${workload} ${phase}, batch ${batch}, on ${hardware}${dram}`;
}

const signed = (value: number): string => (value > 0 ? `+${integer(value)}` : integer(value));

/** `ifmap +1,234, drain -56`: the largest causes. */
function causesInWords(causes: Readonly<Record<string, Change>>, most: number): string {
  const all = Object.entries(causes).map(([cause, { difference }]) => `${cause} ${signed(difference)}`);
  return all.length > most ? `${all.slice(0, most).join(', ')}, …` : all.join(', ');
}

/** Layers shown in the table. */
const MOST_LAYERS = 40;
const MOST_CAUSES = 4;

function layerRow({ name, op, in: where, cycles, causes }: LayerDifference): string[] {
  return [
    where === 'both' ? name : `${name} (only in ${where})`,
    op,
    integer(cycles.a),
    integer(cycles.b),
    signed(cycles.difference),
    relative(cycles.a, cycles.b),
    causesInWords(causes, MOST_CAUSES),
  ];
}

/** The largest changes first, then the sums. */
export function diffTable(report: DiffReport): string {
  const { a, b, cycles, causes, amounts, layers } = report;
  const header = ['layer', 'operation', 'a\ncycles', 'b\ncycles', 'difference', 'change', 'by cause'];
  const shown = layers.slice(0, MOST_LAYERS).map(layerRow);
  const total = [
    'total',
    '',
    integer(cycles.a),
    integer(cycles.b),
    signed(cycles.difference),
    relative(cycles.a, cycles.b),
    '',
  ];
  const rest =
    layers.length > MOST_LAYERS ? [`… and ${layers.length - MOST_LAYERS} more layers (--format json|csv has all)`] : [];
  const traffic = Object.entries(amounts)
    .filter(([name]) => name.startsWith('dramBits.'))
    .map(
      ([name, { a: before, b: after }]) => `${name.slice('dramBits.'.length)} ${megabits(before)} → ${megabits(after)}`,
    );
  return `${[
    `a: ${a}`,
    `b: ${b}`,
    '',
    plainTable(header, [...shown, header.map(() => ''), total], ['layer', 'operation', 'by cause']),
    ...rest,
    '',
    `cycles by cause: ${causesInWords(causes, Number.POSITIVE_INFINITY)}`,
    `DRAM Mbit: ${traffic.length > 0 ? traffic.join(', ') : 'unchanged'}`,
  ].join('\n')}\n`;
}

/** A row per layer and cause, and per layer and column that has changed. */
export function diffCsv({ layers }: DiffReport): string {
  const rows = layers.flatMap(({ name, op, in: where, cycles, closedFormCycles, causes, amounts }) =>
    Object.entries({
      totalCycles: cycles,
      'closedForm.totalCycles': closedFormCycles,
      ...Object.fromEntries(Object.entries(causes).map(([cause, change]) => [`cycles.${cause}`, change])),
      ...amounts,
    }).map(([figure, { a, b, difference }]) => ({ layer: name, op, in: where, figure, a, b, difference })),
  );
  return stringify(rows, { header: true });
}
