/** Two runs compared, as a table or CSV. */

import { printable, shownName } from '../../model/schemas/printable.ts';
import type { Change, Changes, LayerDifference, RunDifference } from '../../studies/check/difference.ts';
import { lists, names, numbers } from './columnFit.ts';
import { type CsvRow, csvPieces } from './csvPieces.ts';
import { integer, megabits, change as relative } from './numbers.ts';
import { plainTable } from './plainTable.ts';
import { wrapped } from './wrapped.ts';

/** A comparison and what was compared. */
export interface DiffReport extends RunDifference {
  readonly a: string;
  readonly b: string;
}

const signed = (value: number): string => (value > 0 ? `+${integer(value)}` : integer(value));

/** `ifmap +1,234, drain -56`: the first of them. */
function causesInWords(causes: Changes, most = Number.POSITIVE_INFINITY): string {
  return listed(
    Object.entries(causes).map(([cause, { difference }]) => `${shownName(cause)} ${signed(difference)}`),
    most,
  );
}

const SIGNIFICANT_DIGITS = 6;

/** `ops 12 → 14`: the first of them. */
function amountsInWords(amounts: Changes, most: number): string {
  const figure = (value: number): string =>
    Number.isInteger(value) || Math.abs(value) >= 10 ** SIGNIFICANT_DIGITS
      ? integer(value)
      : `${Number(value.toPrecision(SIGNIFICANT_DIGITS))}`;
  return listed(
    Object.entries(amounts).map(([name, { a, b }]) => `${shownName(name)} ${figure(a)} → ${figure(b)}`),
    most,
  );
}

function listed(all: readonly string[], most: number): string {
  return all.length > most ? `${all.slice(0, most).join(', ')}, …` : all.join(', ');
}

/** Layers, causes and other figures shown in the table. */
const MOST_LAYERS = 40;
const MOST_AMOUNTS = 2;
const MOST_FIGURES = 4;

/** `conv1`, `conv1 #2` for the second of that name. */
function layerName({ name, occurrence }: LayerDifference): string {
  return occurrence === 1 ? name : `${name} #${occurrence}`;
}

function shownLayer(layer: LayerDifference): string {
  return shownName(layerName(layer));
}

/** Which model's cycles a table shows: the closed form's where only they differ. */
interface Shown {
  readonly title: string;
  readonly of: (compared: Pick<RunDifference, 'cycles' | 'closedFormCycles'>) => Change;
}

function shownIn({ layers }: DiffReport): Shown | undefined {
  if (layers.some(({ cycles }) => cycles.difference !== 0)) return { title: 'cycles', of: ({ cycles }) => cycles };
  if (layers.some(({ closedFormCycles }) => closedFormCycles.difference !== 0)) {
    return { title: 'closed form\ncycles', of: ({ closedFormCycles }) => closedFormCycles };
  }
  return undefined;
}

function changeInWords(all: Change): string[] {
  return [integer(all.a), integer(all.b), signed(all.difference), relative(all.a, all.b)];
}

/** Why the cycles shown differ, or what else does. */
function whatChanged({ causes, closedFormCycles, amounts }: LayerDifference, shown: Shown | undefined): string {
  if (Object.keys(causes).length > 0) return causesInWords(causes);
  if (closedFormCycles.difference === 0) return amountsInWords(amounts, MOST_AMOUNTS);
  if (shown?.title === 'cycles') return amountsInWords({ 'closed form': closedFormCycles }, 1);
  const { 'closedForm.computeCycles': compute, 'closedForm.stallCycles': stall } = amounts;
  return causesInWords({ ...(compute && { compute }), ...(stall && { stall }) });
}

function layerRow(layer: LayerDifference, shown: Shown | undefined): string[] {
  return [
    layer.in === 'both' ? shownLayer(layer) : `${shownLayer(layer)} (only in ${layer.in})`,
    layer.op,
    ...(shown === undefined ? [] : changeInWords(shown.of(layer))),
    whatChanged(layer, shown),
  ];
}

function layerTable(report: DiffReport, room: number): string[] {
  const { layers } = report;
  if (layers.length === 0) return [];
  const shown = shownIn(report);
  const changed =
    shown === undefined
      ? []
      : [numbers(`a\n${shown.title}`), numbers(`b\n${shown.title}`), numbers('difference'), numbers('change', 2)];
  const columns = [names('layer'), names('operation', 1), ...changed, lists('by cause')];
  const rows = layers.slice(0, MOST_LAYERS).map((layer) => layerRow(layer, shown));
  const total =
    shown === undefined ? [] : [columns.map(() => ''), ['total', '', ...changeInWords(shown.of(report)), '']];
  return [
    plainTable(columns, [...rows, ...total], room),
    ...(layers.length > MOST_LAYERS
      ? [`… and ${layers.length - MOST_LAYERS} more layers (--format json|csv has all)`]
      : []),
    '',
  ];
}

/** The largest changes first, then the sums. */
export function diffTable(report: DiffReport, room: number): string {
  const { a, b, causes, closedFormCycles, amounts, figures } = report;
  const traffic = Object.entries(amounts)
    .filter(([name]) => name.startsWith('dramBits.'))
    .map(
      ([name, { a: before, b: after }]) =>
        `${shownName(name.slice('dramBits.'.length))} ${megabits(before)} → ${megabits(after)}`,
    );
  const unless = (text: string): string => text || 'unchanged';
  const { difference } = closedFormCycles;
  const joules = amounts['energy.simulated.totalJoules'];
  const lines = [
    `a: ${printable(a)}`,
    `b: ${printable(b)}`,
    '',
    ...layerTable(report, room),
    `cycles by cause: ${unless(causesInWords(causes))}`,
    `closed form: ${difference === 0 ? 'unchanged' : `${amountsInWords({ cycles: closedFormCycles }, 1)} (${signed(difference)})`}`,
    `DRAM Mbit: ${unless(traffic.join(', '))}`,
    ...(joules === undefined ? [] : [`energy: ${amountsInWords({ joules }, 1)}`]),
    `the run: ${unless(amountsInWords(figures, MOST_FIGURES))}`,
  ];
  return `${wrapped(lines.join('\n'), room)}\n`;
}

const COLUMNS = ['layer', 'op', 'in', 'figure', 'a', 'b', 'difference'] as const;

function figureRow(layer: string, op: string, where: string, figure: string, change: Change): CsvRow {
  return { layer, op, in: where, figure, ...change };
}

function* rowsOf({ layers, figures }: DiffReport): Generator<CsvRow> {
  for (const layer of layers) {
    const { op, in: where, cycles, closedFormCycles, causes, amounts } = layer;
    const of = (figure: string, change: Change): CsvRow => figureRow(layerName(layer), op, where, figure, change);
    yield of('totalCycles', cycles);
    yield of('closedForm.totalCycles', closedFormCycles);
    for (const [cause, change] of Object.entries(causes)) yield of(`cycles.${cause}`, change);
    for (const [figure, change] of Object.entries(amounts)) yield of(figure, change);
  }
  for (const [figure, change] of Object.entries(figures)) yield figureRow('', '', 'both', figure, change);
}

/** A row per layer and cause, per layer and column that has changed, and per figure of the run, which has no layer. */
export function* diffCsv(report: DiffReport): Generator<string> {
  yield* csvPieces(COLUMNS, rowsOf(report));
}
