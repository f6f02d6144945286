/** What a hunt has found, as data and for a reader. */
import type { Layer } from '../../model/layers/layer.ts';
import { assumptionNames } from '../../model/schedule/assumptions.ts';
import type { Hardware } from '../../model/schemas/hardware.ts';
import { printable, shownName } from '../../model/schemas/printable.ts';
import type { Workload } from '../../model/schemas/workload.ts';
import type { HuntFindings, HuntSpec } from '../../studies/hunt/hunt.ts';
import type { Verdict } from '../../studies/hunt/verdict.ts';
import { type Column, names, numbers } from './columnFit.ts';
import { integer, signedPercent } from './numbers.ts';
import { tableLines } from './plainTable.ts';
import { wrapped } from './wrapped.ts';

/** A formula's figure beside the machine's. */
export interface HuntFigures {
  /** Left out where the formula gives no finite number. */
  readonly formula?: number;
  readonly machine: number;
  /** (formula − machine) / machine; left out where that is no finite number. */
  readonly error?: number;
}

/** A step between the closed form and the machine. */
export interface HuntStep {
  readonly name: string;
  readonly cycles: number;
}

/** The smallest case that breaks a formula. */
export interface HuntedCase extends HuntFigures {
  readonly operation: string;
  /** What it was made from: the case at which the formula was most wrong. */
  readonly largest: HuntFigures;
  readonly phase: 'inference' | 'training';
  readonly batch: number;
  /** The layer's name in the workload. */
  readonly layer: string;
  readonly sizes: Readonly<Record<string, number>>;
  readonly tile: Readonly<Record<string, number>>;
  /** The ladder of `systole check`: cycles from the published closed form to the machine. */
  readonly ladder: readonly HuntStep[];
  /** The two files. */
  readonly hardware: Hardware;
  readonly workload: Workload;
}

/** How wrong a formula was at most, by operation. */
export interface HuntedOperationReport {
  readonly operation: string;
  readonly cases: number;
  /** Left out where the formula says nothing of the operation. */
  readonly worst?: HuntFigures;
}

/** The result of a hunt. */
export interface HuntReport {
  readonly formula: string;
  readonly column: string;
  readonly assumptions: readonly string[];
  /** Whether it was sought where the formula says too much, too little, or either. */
  readonly side: HuntSpec['side'];
  readonly seed: string;
  /** How far the formula may be off, in percent of the machine's figure. */
  readonly tolerancePercent: number;
  /** Cases that the machine has run, those of shrinking left out. */
  readonly cases: number;
  readonly operations: readonly HuntedOperationReport[];
  /** Left out where nothing beyond the tolerance was found. */
  readonly found?: HuntedCase;
}

function figuresOf({ said, simulated, error }: Verdict): HuntFigures {
  return {
    ...(Number.isFinite(said) ? { formula: said } : {}),
    machine: simulated,
    ...(Number.isFinite(error) ? { error } : {}),
  };
}

/** The report of a hunt; `layer` and `ladder` are those of its smallest case, where it has one. */
export function huntReport(
  formula: string,
  spec: HuntSpec,
  { operations, prey }: HuntFindings,
  shown: { readonly layer: Layer; readonly ladder: readonly HuntStep[] } | undefined,
): HuntReport {
  return {
    formula,
    column: spec.column,
    assumptions: assumptionNames(spec.assumptions),
    side: spec.side,
    seed: spec.seed,
    tolerancePercent: 100 * spec.tolerance,
    cases: operations.reduce((sum, { cases }) => sum + cases, 0),
    operations: operations.map(({ operation, cases, worst }) => ({
      operation: operation.op,
      cases,
      ...(worst && { worst: figuresOf(worst) }),
    })),
    ...(prey &&
      shown && {
        found: {
          operation: prey.operation.op,
          ...figuresOf(prey.smallest),
          largest: figuresOf(prey.first),
          phase: prey.input.phase,
          batch: prey.input.batch,
          layer: prey.input.layerName,
          sizes: { ...shown.layer.sizes },
          tile: { ...shown.layer.tile },
          ladder: shown.ladder,
          hardware: prey.input.hardware,
          workload: prey.input.workload,
        },
      }),
  };
}

const figure = (value: number | undefined): string =>
  value === undefined ? 'no number' : Number.isInteger(value) ? integer(value) : value.toFixed(2);
const error = ({ error: share }: HuntFigures): string => (share === undefined ? 'infinite' : signedPercent(share));

const WORST_COLUMNS: readonly Column[] = [
  names('operation'),
  numbers('cases', 1),
  numbers('formula'),
  numbers('machine'),
  numbers('error at most'),
];

/** So many operations are shown. */
const MOST_SHOWN = 12;

function* worstTable({ operations }: HuntReport, room: number): Generator<string> {
  const said = operations.filter(({ worst }) => worst !== undefined && worst.error !== 0);
  const size = ({ worst }: HuntedOperationReport): number => Math.abs(worst!.error ?? Number.POSITIVE_INFINITY);
  const sorted = [...said].sort((a, b) => (size(a) === size(b) ? 0 : size(b) - size(a)));
  const rows = sorted
    .slice(0, MOST_SHOWN)
    .map(({ operation, cases, worst }) => [
      ...[operation, integer(cases), figure(worst!.formula), figure(worst!.machine), error(worst!)],
    ]);
  if (rows.length === 0) return;
  yield '\n';
  yield* tableLines(WORST_COLUMNS, rows, room);
  const left = said.length - rows.length;
  if (left > 0) yield `and ${left} more operations, less wrong (--format json has all)\n`;
}

const LADDER_COLUMNS: readonly Column[] = [names('step'), numbers('cycles'), numbers('change')];

function* ladderTable({ ladder }: HuntedCase, room: number): Generator<string> {
  const rows = ladder.map(({ name, cycles }, place) => {
    const change = place === 0 ? 0 : cycles - ladder[place - 1]!.cycles;
    return [name, figure(cycles), place === 0 ? '' : `${change > 0 ? '+' : ''}${figure(change)}`];
  });
  yield* tableLines(LADDER_COLUMNS, rows, room);
}

const pairs = (record: Readonly<Record<string, unknown>>): string =>
  Object.entries(record)
    .map(([name, value]) => `${name} ${String(value)}`)
    .join(', ');

/** The case in words: what it is, on what. */
function caseInWords({ operation, sizes, tile, phase, batch, hardware, workload, layer }: HuntedCase): string[] {
  const { array, bits, slots, bitsPerCycle, sramKiB } = hardware;
  const it = workload.layers.find(({ name }) => name === layer.split('.')[0]);
  const order = it !== undefined && 'loopOrder' in it && it.loopOrder ? `; loops ${it.loopOrder.join(' ')}` : '';
  return [
    `${operation} (layer ${shownName(layer)}, ${phase}, batch ${batch}): ${pairs(sizes)}`,
    `tile: ${pairs(tile)}${order}`,
    `array ${array.rows}×${array.columns}; bits: ${pairs(bits)}; bits per cycle: ${pairs(bitsPerCycle)}`,
    `slots: ${pairs(slots)}; KiB: ${pairs(sramKiB)}`,
  ];
}

/** The hunt for a reader; `again` are the commands that show its case again. */
export function* huntTable(report: HuntReport, again: readonly string[], room: number): Generator<string> {
  const { formula, column, assumptions, tolerancePercent, cases, operations, found } = report;
  const against = `the machine (${assumptions.join(', ')})`;
  yield `${wrapped(`${printable(formula)} beside ${against}: ${column} of ${integer(cases)} cases of ${operations.length} operations, seed ${printable(report.seed)}`, room)}\n`;
  yield* worstTable(report, room);
  if (found === undefined) {
    yield `\nnothing found: no case is off by more than ${tolerancePercent} %\n`;
    return;
  }
  yield `\nsmallest case that is off by more than ${tolerancePercent} %: ${column} ${figure(found.formula)} by the formula, ${figure(found.machine)} on the machine (${error(found)})\n`;
  for (const line of caseInWords(found)) yield `${wrapped(`  ${line}`, room)}\n`;
  if (found.ladder.length > 0) {
    yield '\n';
    yield* ladderTable(found, room);
  }
  if (again.length === 0) return;
  yield '\nagain:\n';
  for (const command of again) yield `  ${command}\n`;
}
