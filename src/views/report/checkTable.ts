/** A walk of the ladder as readable tables: the waterfall, the layers that move most, why the units waited. */
import { shownName } from '../../model/schemas/printable.ts';
import type { Comparison } from '../../studies/check/against.ts';
import type { CheckedLayer, CheckReport, Waterfall, WhyItWaited } from './checkReport.ts';
import { integer, percent, signedPercent } from './numbers.ts';
import { plainTable, type Row, tableLines } from './plainTable.ts';

/** Layers shown of a ranking. */
const MOST_LAYERS = 10;

const signed = (value: number): string => (value > 0 ? `+${integer(value)}` : integer(value));

function waterfallRow(name: string, steps: readonly string[], group: Waterfall): string[] {
  const first = group.cycles[steps[0]!]!;
  const changes = steps.slice(1).map((step) => {
    const difference = group.differences[step]!;
    return difference === 0 ? '0' : `${signed(difference)} ${signedPercent(difference / first)}`;
  });
  const last = group.cycles[steps.at(-1)!]!;
  // A unit without layers has no cycles, and nothing that they could have changed by.
  return [name, integer(first), ...changes, integer(last), first === 0 ? '' : signedPercent((last - first) / first)];
}

function waterfallTable(report: CheckReport): string {
  const { steps, totals } = report;
  const header = [
    '',
    `${steps[0]!}\ncycles`,
    ...steps.slice(1).map((step) => `→ ${step}`),
    `${steps.at(-1)!}\ncycles`,
    'in all',
  ];
  const rows = Object.entries(report.byOperation).map(([op, group]) =>
    waterfallRow(`${op} (${group.layers})`, steps, group),
  );
  const sums = (['SA', 'SIMD', 'all'] as const).map((unit) => waterfallRow(unit, steps, totals[unit]));
  return plainTable(header, [...rows, header.map(() => ''), ...sums], ['']);
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
  const { waiting: wait } = why;
  return [
    name,
    integer(cycles),
    of(why.busyCycles),
    of(why.fillCycles),
    of(wait.weight),
    of(wait.bias),
    of(wait.ifmap),
    of(wait.psumLoad),
    of(wait.hazard),
    of(wait.outputSlot),
    of(wait.vmemLoad),
    of(wait.vmemStore),
    of(wait.drain),
    percent(why.computeUtilisation),
    why.useful.macs === 0 ? '' : percent(why.useful.peUtilisation),
    why.opsPerDramByte.toFixed(1),
    `${why.roof} ${percent(why.shareOfRoof)}`,
  ];
}

const WHY_COLUMNS = [
  'cycles',
  'busy',
  'fill',
  'weight',
  'bias',
  'ifmap',
  'psumLoad',
  'hazard',
  'outputSlot',
  'vmemLoad',
  'vmemStore',
  'drain',
  'PE/lane use\nissued',
  'PE use\nuseful',
  'ops per\nDRAM byte',
  'roof (share of\nthe time)',
];

function* whyTable({ explainedStep, layers, totals }: CheckReport): Generator<string> {
  const header = [`why it waited (step ${explainedStep})`, ...WHY_COLUMNS];
  const rows: Iterable<Row> = {
    *[Symbol.iterator]() {
      for (const layer of layers) yield whyRow(shownName(layer.name), layer.cycles[explainedStep]!, layer.why);
      yield header.map(() => '');
      for (const unit of ['SA', 'SIMD'] as const) {
        yield whyRow(unit, totals[unit].cycles[explainedStep]!, totals[unit].why);
      }
    },
  };
  yield* tableLines(header, rows, [header[0]!, header.at(-1)!]);
}

const AGAINST_HEADER = ['your prediction, worst first', 'predicted', 'simulated', 'error'];

function* againstTable({ layers, totals, notPredicted }: Comparison): Generator<string> {
  const rows: Iterable<Row> = {
    *[Symbol.iterator]() {
      for (const { name, predicted, simulated, error } of [...layers, totals]) {
        yield [shownName(name), integer(predicted), integer(simulated), signedPercent(error)];
      }
    },
  };
  yield* tableLines(AGAINST_HEADER, rows, [AGAINST_HEADER[0]!]);
  for (const [place, name] of notPredicted.entries())
    yield `${place === 0 ? 'not predicted: ' : ', '}${shownName(name)}`;
  if (notPredicted.length > 0) yield '\n';
}

/** The whole check for a reader, in pieces. */
export function* checkTable(report: CheckReport): Generator<string> {
  const { workload, phase, batch, hardware, expansion } = report;
  const what = expansion === undefined ? phase : `${phase} iteration (${expansion})`;
  const meanings = report.steps.map((step) => `  ${step.padEnd(14)} ${report.meanings[step]!}`);
  const sections = [
    `${shownName(workload)} ${what}, batch ${batch}, on ${shownName(hardware)}: from the published closed form to the hardware`,
    meanings.join('\n'),
    waterfallTable(report),
    worstLayers(report),
  ];
  yield `${sections.join('\n\n')}\n\n`;
  yield* whyTable(report);
  if (report.against === undefined) return;
  yield '\n';
  yield* againstTable(report.against);
}
