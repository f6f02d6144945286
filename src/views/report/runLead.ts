/** What a run comes to, in ten lines. */
import type { SimulatedResult } from '../../model/machine/statistics.ts';
import { shownName } from '../../model/schemas/printable.ts';
import { change, integer, percent } from './numbers.ts';
import type { LayerReport, RunReport } from './runReport.ts';
import { largestCauses } from './waitedFor.ts';
import { cutInside, cutList, wrapped } from './wrapped.ts';

const MOST_LAYERS = 3;
const MOST_PLACES = 3;
/** Longer names leave no room for the rest of their line. */
const LONGEST_NAME = 28;

/** The lines, each with its end: what ran, cycles and time by both models, what dominates, which layers take most. */
export function runLead(report: RunReport, room: number): string {
  const lines = [
    whatRan(report),
    onWhat(report),
    ...fused(report),
    ...bothModels(report),
    byUnit(report),
    dominant(report, room),
    'layers that take most:',
    ...largestLayers(report),
    ...energy(report),
  ];
  return lines.map((line) => `${wrapped(line, room)}\n`).join('');
}

function whatRan({ workload, phase, batch, hardware, expansion }: RunReport): string {
  const what = expansion === undefined ? phase : `${phase} iteration (${expansion})`;
  return `${shownName(workload)} ${what}, batch ${batch}, on ${shownName(hardware)}`;
}

function onWhat({ assumptions, closedFormVariant, dram }: RunReport): string {
  return `machine: ${assumptions.join(', ')}; DRAM: ${shownName(dram)}; closed form: ${closedFormVariant}`;
}

function fused({ groups, dissolvedGroups = [] }: RunReport): string[] {
  if (groups === undefined) return [];
  const smaller = groups.filter(({ hasSmallerTile }) => hasSmallerTile).length;
  const members = groups.reduce((sum, group) => sum + group.members.length, 0);
  const more = [
    ...(smaller > 0 ? [`${integer(smaller)} with smaller tiles, to fit VMem`] : []),
    ...(dissolvedGroups.length > 0 ? [`${integer(dissolvedGroups.length)} more that no tile fits run apart`] : []),
  ];
  return [[`fused: ${integer(groups.length)} groups of ${integer(members)} layers`, ...more].join('; ')];
}

function bothModels({ totals, seconds, imagesPerSecond }: RunReport): string[] {
  const { closedForm, simulated } = totals.all;
  const time = (value: number): string => `${value.toPrecision(4)} s`;
  return [
    `cycles: ${integer(simulated.totalCycles)} simulated, ${integer(closedForm.totalCycles)} by the closed form (${change(closedForm.totalCycles, simulated.totalCycles)})`,
    `time: ${time(seconds.simulated)} simulated, ${time(seconds.closedForm)} by the closed form; ${imagesPerSecond.simulated.toFixed(1)} images/s`,
  ];
}

/** What a unit, or a layer, does and waits for, in cycles. */
interface Time {
  readonly busyCycles: number;
  readonly waiting: Readonly<Record<string, number>>;
}

const timeOf = ({ computeCycles, waiting }: SimulatedResult): Time => ({ busyCycles: computeCycles, waiting });

/** A unit's time: where layers overlap, from the run's beginning to its end. */
function timeOfUnit({ totals, units }: RunReport, unit: 'SA' | 'SIMD'): Time {
  return units?.[unit] ?? timeOf(totals[unit].simulated);
}

/** Where cycles go: what is computed, then what is waited for, each with its share of `cycles`. */
function placesOf({ busyCycles, waiting }: Time, cycles: number): { words: string; share: number }[] {
  return [
    { words: 'computes', share: busyCycles / cycles },
    ...largestCauses(waiting, cycles).map(({ cause, share }) => ({ words: `awaits ${cause}`, share })),
  ];
}

const UNITS = ['SA', 'SIMD'] as const;

/** How much of the run each unit takes or, where layers overlap, is busy. */
function byUnit(report: RunReport): string {
  const { totals, layers, units, groups } = report;
  const all = totals.all.simulated.totalCycles;
  const of = (unit: 'SA' | 'SIMD'): string => {
    const count = layers.filter((layer) => layer.unit === unit).length;
    const [words, cycles] =
      units === undefined && groups === undefined
        ? ['', totals[unit].simulated.totalCycles]
        : [' busy', units?.[unit].busyCycles ?? totals[unit].simulated.computeCycles];
    return `${unit}${words} ${percent(cycles / all)} (${integer(count)} layers)`;
  };
  return `units: ${UNITS.map(of).join(', ')}; PEs ${percent(totals.SA.simulated.useful.peUtilisation)} useful`;
}

/** Where most cycles go, in one line. */
function dominant(report: RunReport, room: number): string {
  const all = report.totals.all.simulated.totalCycles;
  const places = UNITS.flatMap((unit) =>
    placesOf(timeOfUnit(report, unit), all).map(({ words, share }) => ({ words: `${unit} ${words}`, share })),
  )
    .filter(({ share }) => share > 0)
    .sort((a, b) => b.share - a.share)
    .slice(0, MOST_PLACES)
    .map(({ words, share }) => `${words} ${percent(share)}`);
  const before = 'most of it: ';
  return before + cutList(places, room - before.length);
}

/** What a layer's unit does in most of its cycles. */
function mostly({ simulated }: LayerReport): string {
  const cycles = simulated.computeCycles + simulated.stallCycles;
  const [place] = placesOf(timeOf(simulated), cycles).sort((a, b) => b.share - a.share);
  return `${place!.words} ${percent(place!.share)}`;
}

/** The layers with the most simulated cycles, without sorting a million of them. */
function largestLayers({ layers, totals }: RunReport): string[] {
  const largest: LayerReport[] = [];
  for (const layer of layers) {
    const place = largest.findIndex(({ simulated }) => simulated.totalCycles < layer.simulated.totalCycles);
    if (place === -1 && largest.length >= MOST_LAYERS) continue;
    largest.splice(place === -1 ? largest.length : place, 0, layer);
    largest.length = Math.min(largest.length, MOST_LAYERS);
  }
  return largest.map((layer) => {
    const { totalCycles } = layer.simulated;
    const share = percent(totalCycles / totals.all.simulated.totalCycles);
    return `  ${cutInside(shownName(layer.name), LONGEST_NAME)}: ${integer(totalCycles)} cycles, ${share}; ${mostly(layer)}`;
  });
}

function energy({ energy: used }: RunReport): string[] {
  if (used === undefined) return [];
  const { simulated } = used.totals.all;
  const joules = (simulated.totalJoules * 1e3).toPrecision(4);
  return [`energy: ${joules} mJ simulated, ${used.averageWatts.simulated.toPrecision(4)} W on average`];
}
