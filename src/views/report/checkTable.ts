/** A walk of the ladder as readable tables: the waterfall, the layers that move most, why the units waited. */
import { shownName } from '../../model/schemas/printable.ts';
import type { Comparison } from '../../studies/check/against.ts';
import type { CheckedLayer, CheckReport, Waterfall, WhyItWaited } from './checkReport.ts';
import { type Column, lists, names, numbers, sentences } from './columnFit.ts';
import { integer, percent, signedPercent } from './numbers.ts';
import { plainTable, type Row, tableLines } from './plainTable.ts';
import { waitedFor } from './waitedFor.ts';
import { wrapped } from './wrapped.ts';

/** Layers shown of a ranking. */
const MOST_LAYERS = 10;
/** Names shown in a sentence. */
const MOST_NAMES = 100;

const signed = (value: number): string => (value > 0 ? `+${integer(value)}` : integer(value));

/** `+1,234 +5.6%`, or 0. */
function changeInWords(difference: number, first: number): string {
  return difference === 0 ? '0' : `${signed(difference)} ${signedPercent(difference / first)}`;
}

/** What each step takes into account. */
function meaningTable({ steps, meanings }: CheckReport, room: number): string {
  const rows = steps.map((step) => [step, meanings[step]!]);
  return plainTable([names('step'), sentences('what it is')], rows, room);
}

const UNITS = ['SA', 'SIMD', 'all'] as const;

/** A row per step, from the first's cycles to the last's: each column adds up. */
function stepTable({ steps, totals }: CheckReport, room: number): string {
  const [first, last] = [steps[0]!, steps.at(-1)!];
  const rowOf = (name: string, of: (group: Waterfall) => string): string[] => [
    name,
    ...UNITS.map((unit) => of(totals[unit])),
  ];
  const rows = [
    rowOf(first, ({ cycles }) => integer(cycles[first]!)),
    ...steps
      .slice(1)
      .map((step) =>
        rowOf(`→ ${step}`, ({ cycles, differences }) => changeInWords(differences[step]!, cycles[first]!)),
      ),
    rowOf(last, ({ cycles }) => integer(cycles[last]!)),
    rowOf('in all', ({ cycles }) => changeInWords(cycles[last]! - cycles[first]!, cycles[first]!)),
  ];
  return plainTable([names('step'), ...UNITS.map((unit) => numbers(unit))], rows, room);
}

/** The steps that change something, those that change most first. */
function stepsInWords({ cycles, differences }: Waterfall, steps: readonly string[]): string {
  return steps
    .slice(1)
    .map((step) => ({ step, difference: differences[step]! }))
    .filter(({ difference }) => difference !== 0)
    .sort((a, b) => Math.abs(b.difference) - Math.abs(a.difference))
    .map(({ step, difference }) => `${step} ${signedPercent(difference / cycles[steps[0]!]!)}`)
    .join(', ');
}

function operationTable({ steps, byOperation }: CheckReport, room: number): string {
  const [first, last] = [steps[0]!, steps.at(-1)!];
  const columns = [
    names('operation'),
    numbers(`${first}\ncycles`),
    numbers(`${last}\ncycles`),
    numbers('in all'),
    lists('of it by step'),
  ];
  const rows = Object.entries(byOperation).map(([op, group]) => {
    const [from, to] = [group.cycles[first]!, group.cycles[last]!];
    return [
      `${op} (${group.layers})`,
      integer(from),
      integer(to),
      from === 0 ? '' : signedPercent((to - from) / from),
      stepsInWords(group, steps),
    ];
  });
  return plainTable(columns, rows, room);
}

/** The relative distance between the ladder's two ends. */
function movement(layer: CheckedLayer, steps: readonly string[]): number {
  const first = layer.cycles[steps[0]!]!;
  return first === 0 ? 0 : (layer.cycles[steps.at(-1)!]! - first) / first;
}

function worstLayers(report: CheckReport): string {
  const { steps } = report;
  const moved = report.layers
    .filter((layer) => layer.words.length > 0)
    .sort((a, b) => Math.abs(movement(b, steps)) - Math.abs(movement(a, steps)));
  if (moved.length === 0) return 'No layer differs between the ends of the ladder.';
  const lines = moved
    .slice(0, MOST_LAYERS)
    .flatMap((layer) => [
      `${shownName(layer.name)} (${layer.op}): ${integer(layer.cycles[steps[0]!]!)} → ${integer(layer.cycles[steps.at(-1)!]!)} cycles, ${signedPercent(movement(layer, steps))}`,
      ...layer.words.map((sentence) => `    ${sentence}`),
    ]);
  const left = moved.length - MOST_LAYERS;
  return [
    'Layers that move most:',
    ...lines,
    ...(left > 0 ? [`… and ${left} more (--format json|csv has all)`] : []),
  ].join('\n');
}

function whyRow(name: string, cycles: number, why: WhyItWaited): string[] {
  const of = (part: number): string => percent(cycles === 0 ? 0 : part / cycles);
  return [
    name,
    integer(cycles),
    of(why.busyCycles),
    of(why.fillCycles),
    waitedFor(why.waiting, cycles),
    percent(why.computeUtilisation),
    why.useful.peUtilisation === 0 ? '' : percent(why.useful.peUtilisation),
    why.opsPerDramByte.toFixed(1),
    `${why.roof} ${percent(why.shareOfRoof)}`,
  ];
}

const WHY_COLUMNS: readonly Column[] = [
  names('layer'),
  numbers('cycles'),
  numbers('busy'),
  numbers('fill', 5),
  lists('waited for'),
  numbers('PE/lane use\nissued', 3),
  numbers('PE use\nuseful', 2),
  numbers('ops per\nDRAM byte', 4),
  names('roof (share of\nthe time)', 1),
];

function* whyTable({ explainedStep, layers, totals }: CheckReport, room: number): Generator<string> {
  yield `Where the cycles go, and why it waited (step ${explainedStep}):\n`;
  const rows: Iterable<Row> = {
    *[Symbol.iterator]() {
      for (const layer of layers) yield whyRow(shownName(layer.name), layer.cycles[explainedStep]!, layer.why);
      yield WHY_COLUMNS.map(() => '');
      for (const unit of ['SA', 'SIMD'] as const) {
        yield whyRow(unit, totals[unit].cycles[explainedStep]!, totals[unit].why);
      }
    },
  };
  yield* tableLines(WHY_COLUMNS, rows, room);
}

const AGAINST_COLUMNS: readonly Column[] = [
  names('your prediction, worst first'),
  numbers('predicted'),
  numbers('simulated'),
  numbers('error'),
];

function* againstTable({ layers, totals, notPredicted }: Comparison, room: number): Generator<string> {
  const rows: Iterable<Row> = {
    *[Symbol.iterator]() {
      for (const { name, predicted, simulated, error } of [...layers, totals]) {
        yield [shownName(name), integer(predicted), integer(simulated), signedPercent(error)];
      }
    },
  };
  yield* tableLines(AGAINST_COLUMNS, rows, room);
  if (notPredicted.length === 0) return;
  const shown = notPredicted.slice(0, MOST_NAMES).map(shownName);
  const left = notPredicted.length - shown.length;
  const more = left > 0 ? ` and ${integer(left)} more (--format json has all)` : '';
  yield `${wrapped(`not predicted: ${shown.join(', ')}${more}`, room)}\n`;
}

/** What the other array would take for the depthwise layers. */
function depthwiseInWords({ layers, cycles, otherUnit, cyclesThere }: NonNullable<CheckReport['depthwise']>): string {
  const [here, there] = otherUnit === 'SA' ? ['SIMD', 'PE'] : ['PE', 'SIMD'];
  return `${layers} depthwise layers take ${integer(cycles)} cycles on the ${here} array; on the ${there} array they would take ${integer(cyclesThere)} (${changeInWords(cyclesThere - cycles, cycles)}; --depthwise ${otherUnit}).`;
}

/** How the closed form of fused groups stands to the machine. */
function groupsInWords(groups: NonNullable<CheckReport['groups']>): string {
  const sum = (of: 'closedForm' | 'paper' | 'fused'): number => groups.reduce((total, each) => total + each[of], 0);
  const equal = groups.filter(({ closedForm, paper }) => closedForm === paper).length;
  const change = changeInWords(sum('fused') - sum('closedForm'), sum('closedForm'));
  return `${groups.length} fused groups: ${integer(sum('closedForm'))} cycles by their closed form in lockstep, which ${equal} of them take under the paper's assumptions; ${integer(sum('fused'))} on the step fused (${change}).`;
}

/** The whole check for a reader, in pieces. */
export function* checkTable(report: CheckReport, room: number): Generator<string> {
  const { workload, phase, batch, hardware, expansion } = report;
  const what = expansion === undefined ? phase : `${phase} iteration (${expansion})`;
  const sections = [
    `${shownName(workload)} ${what}, batch ${batch}, on ${shownName(hardware)}: from the closed form to the hardware`,
    meaningTable(report, room),
    stepTable(report, room),
    operationTable(report, room),
    worstLayers(report),
    ...(report.groups === undefined ? [] : [groupsInWords(report.groups)]),
    ...(report.depthwise === undefined ? [] : [depthwiseInWords(report.depthwise)]),
  ];
  yield `${sections.map((section) => wrapped(section, room)).join('\n\n')}\n\n`;
  yield* whyTable(report, room);
  if (report.against === undefined) return;
  yield '\n';
  yield* againstTable(report.against, room);
}
