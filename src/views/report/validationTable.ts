/** Formulas on trial for a reader: how wrong each is, where, and what it lacks. */
import { printable, shownName } from '../../model/schemas/printable.ts';
import type { ErrorStatistics } from '../../studies/check/errorStatistics.ts';
import { type Column, names, numbers } from './columnFit.ts';
import { integer, percent, signedPercent } from './numbers.ts';
import { plainTable } from './plainTable.ts';
import type { ValidatedFormula, ValidationReport, WorstLayer } from './validationReport.ts';
import { wrapped } from './wrapped.ts';

/** Groups of a statistic that are shown; a search has thousands of hardware points. */
const MOST_GROUPS = 12;

const STATISTICS: readonly Column[] = [
  numbers('cases'),
  numbers('|error|\nmean'),
  numbers('bias\nmean', 3),
  numbers('sum', 2),
  numbers('worst'),
  numbers('within\n1%'),
  numbers('\n5%', 1),
  numbers('\n10%'),
  numbers('ρ', 4),
];

const ratio = (value: number | undefined): string => value?.toFixed(3) ?? '';

function cellsOf(statistics: ErrorStatistics | undefined): string[] {
  if (statistics === undefined) return STATISTICS.map((_, place) => (place === 0 ? '0' : ''));
  const { cases, meanAbsolute, bias, total, worst, within1, within5, within10, spearman } = statistics;
  return [
    integer(cases),
    percent(meanAbsolute),
    signedPercent(bias),
    signedPercent(total),
    signedPercent(worst),
    ...[within1, within5, within10].map(percent),
    ratio(spearman),
  ];
}

/** One formula after the other: all its cases. */
function overview({ formulas }: ValidationReport, room: number): string {
  const rows = formulas.map(({ name, all }) => [shownName(name), ...cellsOf(all)]);
  return plainTable([names('formula'), ...STATISTICS], rows, room);
}

/** The groups of a formula's cases, in which it is most wrong first. */
function groupTable(title: string, groups: Readonly<Record<string, ErrorStatistics>>, room: number): string {
  const all = Object.entries(groups).sort(([, a], [, b]) => b.meanAbsolute - a.meanAbsolute);
  const rows = all.slice(0, MOST_GROUPS).map(([name, statistics]) => [shownName(name), ...cellsOf(statistics)]);
  const left = all.length - rows.length;
  const more = left > 0 ? `\n… and ${integer(left)} more (--format json|csv has all)` : '';
  return `${plainTable([names(title), ...STATISTICS], rows, room)}${more}`;
}

function worstInWords({ layer, op, network, hardware, predicted, simulated, error, times, lacks }: WorstLayer): string {
  const where = `${shownName(network)} on ${shownName(hardware)}`;
  const alike = times > 1 ? `, ${times} alike` : '';
  const share = lacks.kind === 'none' ? '' : ` (${percent(lacks.share)} of the difference)`;
  return [
    `${shownName(layer)} (${op}${alike}, ${where}): ${integer(predicted)} cycles, the machine ${integer(simulated)}, ${signedPercent(error)}`,
    `    ${lacks.words}${share}`,
  ].join('\n');
}

function designTable({ designs }: ValidatedFormula, room: number): string {
  const columns = [
    names('designs ranked for'),
    numbers('points'),
    numbers('τ'),
    numbers('ρ'),
    names('chosen'),
    names('best'),
    numbers('costs'),
  ];
  const rows = designs.map(({ network, phase, points, kendall, spearman, chosen, best, regret }) => [
    `${shownName(network)} ${phase}`,
    integer(points),
    ratio(kendall),
    ratio(spearman),
    shownName(chosen),
    shownName(best),
    signedPercent(regret),
  ]);
  return plainTable(columns, rows, room);
}

function formulaSections(formula: ValidatedFormula, room: number): string[] {
  const { name, source, notCovered, byOperation, byNetwork, byHardware, byColumn, designs, worst, all } = formula;
  const without = notCovered === 0 ? '' : `; it says nothing of ${integer(notCovered)} layers`;
  const head = `${shownName(name)}${source === undefined ? '' : `: ${printable(source)}`}${without}`;
  if (all === undefined) return [head];
  const several = (groups: object): boolean => Object.keys(groups).length > 1;
  return [
    head,
    groupTable('operation', byOperation, room),
    ...(several(byNetwork) ? [groupTable('network', byNetwork, room)] : []),
    ...(several(byHardware) ? [groupTable('hardware', byHardware, room)] : []),
    ...(several(byColumn) ? [groupTable('column', byColumn, room)] : []),
    ...(designs.length > 0 ? [designTable(formula, room)] : []),
    worst.length === 0 ? 'It is right on every layer.' : ['Worst layers:', ...worst.map(worstInWords)].join('\n'),
  ];
}

/** What was run, and on which machine. */
function headOf({ assumptions, dram, fusion, runs, formulas }: ValidationReport): string {
  const count = (number: number, what: string): string => `${integer(number)} ${what}${number === 1 ? '' : 's'}`;
  const different = (pick: (run: ValidationReport['runs'][number]) => string): number => new Set(runs.map(pick)).size;
  const layers = runs.reduce((sum, run) => sum + run.layers, 0);
  const fused = fusion === 'none' ? '' : `; fused: ${fusion}, compared group by group`;
  const varied = Object.keys(runs[0]?.varied ?? {});
  return [
    `${count(formulas.length, 'formula')} on ${count(
      different(({ network }) => network),
      'network',
    )} and ${count(
      different(({ hardware }) => hardware),
      'hardware point',
    )}: ${count(layers, 'layer')} in ${count(runs.length, 'run')}`,
    `machine: ${assumptions.join(', ') || 'no assumption'}; DRAM: ${dram}${fused}`,
    ...(varied.length > 0 ? [`hardware points are called by their ${varied.join('/')}`] : []),
  ].join('\n');
}

/** The whole validation, in pieces: the head, all formulas side by side, then each by itself. */
export function* validationTable(report: ValidationReport, room: number): Generator<string> {
  yield `${wrapped(headOf(report), room)}\n\n${overview(report, room)}\n`;
  for (const formula of report.formulas) {
    for (const section of formulaSections(formula, room)) yield `\n${wrapped(section, room)}\n`;
  }
}
