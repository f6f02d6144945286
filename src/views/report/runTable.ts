/** A run as a readable table. */
import { type Result, sumOf } from '../../model/layers/result.ts';
import type { SimulatedResult } from '../../model/machine/statistics.ts';
import type { Work } from '../../model/network/work.ts';
import { shownName } from '../../model/schemas/printable.ts';
import { amountInWords, weightCapInWords } from './bandwidthInWords.ts';
import { type Column, lists, names, numbers } from './columnFit.ts';
import { dramCountsTable } from './dramCountsTable.ts';
import { dramEnergyInWords } from './dramEnergySum.ts';
import { energyTable } from './energyTable.ts';
import { isGroup, sumOfEntries } from './groupEntries.ts';
import { change, integer, megabits, percent } from './numbers.ts';
import { type Row, tableLines } from './plainTable.ts';
import { runLead } from './runLead.ts';
import type { LayerReport, RunReport } from './runReport.ts';
import type { Utilisation } from './utilisation.ts';
import { waitedFor } from './waitedFor.ts';
import type { ReportedTotals, WithWork } from './workTotals.ts';
import { wrapped } from './wrapped.ts';

const COLUMNS: readonly Column[] = [
  names('layer'),
  names('operation', 1),
  numbers('closed form\ncycles'),
  numbers('simulated\ncycles'),
  numbers('change'),
  numbers('compute\ncycles', 5),
  numbers('stall\ncycles', 2),
  numbers('DRAM\nMbit', 4),
  numbers('of it\nuseful', 8),
  numbers('SRAM\nMbit', 7),
  numbers('PE use\nissued', 6),
  numbers('PE use\nuseful', 3),
  numbers('tiles', 9),
  lists('waited for\n(share of its cycles)'),
];

/** How busy the PEs are with issued and with useful MACs; nothing for layers that do not use them. */
function peUse({ issued, useful }: Work): string[] {
  return issued.peUtilisation === 0 ? ['', ''] : [percent(issued.peUtilisation), percent(useful.peUtilisation)];
}

function row(name: string, op: string, { closedForm, simulated }: ReportedTotals): string[] {
  return [
    name,
    op,
    integer(closedForm.totalCycles),
    integer(simulated.totalCycles),
    change(closedForm.totalCycles, simulated.totalCycles),
    integer(simulated.computeCycles),
    integer(simulated.stallCycles),
    megabits(sumOf(simulated.dramBits)),
    megabits(sumOf(simulated.useful.dramBits)),
    megabits(sumOf(simulated.sramBits)),
    ...peUse(simulated),
    integer(simulated.tiles),
    waitedFor(simulated.waiting, simulated.computeCycles + simulated.stallCycles),
  ];
}

/** A row per layer, then the sums of all; made anew each time that it is walked. */
function rowsOf({ layers: all, totals, groups }: RunReport, layers: readonly LayerReport[]): Iterable<Row> {
  const left = all.length - layers.length;
  return {
    *[Symbol.iterator]() {
      for (const layer of layers) yield row(shownName(layer.name), layer.op, layer);
      if (left > 0) yield COLUMNS.map((_, place) => (place === 0 ? `… and ${integer(left)} more layers` : ''));
      yield COLUMNS.map(() => '');
      if (groups === undefined) {
        yield row('all conv and gemm', 'SA', totals.SA);
        yield row('all others', 'SIMD', totals.SIMD);
      } else {
        yield row('all fused groups', '', sumOfEntries(all.filter(isGroup)));
        for (const [name, unit] of [
          ['other conv and gemm', 'SA'],
          ['all others', 'SIMD'],
        ] as const) {
          yield row(name, unit, sumOfEntries(all.filter((layer) => layer.unit === unit && !isGroup(layer))));
        }
      }
      yield row('total', '', totals.all);
    },
  };
}

/**
 * What the run comes to, then both models' cycles and what the simulation saw, per layer that is to be shown, in that
 * order, and in total; with `showsDram` what banked DRAM did, too. In pieces.
 */
export function* runTable(
  report: RunReport,
  shown: readonly LayerReport[],
  room: number,
  showsDram = false,
): Generator<string> {
  yield `${runLead(report, room)}\n`;
  yield* tableLines(COLUMNS, rowsOf(report, shown), room);
  yield `\n${wrapped(summary(report), room)}\n`;
  if (showsDram && report.dramCounts) yield `\n${dramCountsTable(report.dramCounts, room)}\n`;
  if (report.energy) yield `\n${energyTable(report, report.energy, room)}\n`;
}

function summary(report: RunReport): string {
  const { totals, utilisation: use } = report;
  const { closedForm, simulated } = totals.all;
  const traffic = (name: string, bits: (result: WithWork<Result>) => number): string =>
    `${name} ${megabits(bits(closedForm))} Mbit by the closed form, ${megabits(bits(simulated))} simulated`;
  const peUtilisation = ({ issued, useful }: Work): string =>
    `${percent(issued.peUtilisation)} with issued MACs, ${percent(useful.peUtilisation)} with useful ones`;
  return [
    `MACs: ${integer(simulated.opCounts.mac)} issued, ${integer(simulated.useful.macs)} of them useful`,
    traffic('DRAM traffic:', (result) => sumOf(result.dramBits)),
    traffic('  of it useful:', (result) => sumOf(result.useful.dramBits)),
    traffic('SRAM traffic:', (result) => sumOf(result.sramBits)),
    ...memoryInWords(simulated, use),
    ...(report.dramEnergy === undefined ? [] : dramEnergyInWords(report.dramEnergy)),
    `tiles: ${integer(simulated.tiles)}, of which ${integer(simulated.steppedTiles)} stepped and ${integer(simulated.jumpedTiles)} jumped over (fast-forward)`,
    `pipeline fill: ${integer(totals.SA.simulated.fillCycles)} cycles on the SA, ${integer(totals.SIMD.simulated.fillCycles)} on the SIMD array (part of compute)`,
    `utilisation: PEs ${peUtilisation(simulated)} (over J·K·SA cycles; by the closed form ${peUtilisation(closedForm)});`,
    `  of all cycles the PE array computes ${percent(use.peArrayBusyOverAllCycles)}, SIMD ${percent(use.simdBusyOverAllCycles)};`,
    `  interfaces transfer: ${perInterface(use.interfaceBusyOverAllCycles)};`,
    ...movedMeanwhile(use),
    ...weightCap(report),
  ].join('\n');
}

/** What interfaces move while they transfer: what is asked for and, of banked DRAM, the bursts that this takes. */
function movedMeanwhile({ interfaceBitsOverBusyBits, interfaceBurstBitsOverBusyBits: bursts }: Utilisation): string[] {
  const asked = perInterface(interfaceBitsOverBusyBits);
  if (bursts === undefined) return [`  and move, of what they could meanwhile: ${asked}`];
  return [
    `  of what they could move meanwhile, tiles ask for: ${asked};`,
    `  and whole bursts are: ${perInterface(bursts)}`,
  ];
}

/** That more bandwidth would not bring the weights sooner, where the array waits for them and takes no more. */
function weightCap({ totals, weightBitsPerCycle }: RunReport): string[] {
  const { waiting, totalCycles } = totals.SA.simulated;
  const { interface: brought, taken } = weightBitsPerCycle;
  if (waiting.weight === 0 || brought <= taken) return [];
  const share = percent(waiting.weight / totalCycles);
  return [
    `${weightCapInWords(taken)}, of the ${amountInWords(brought)} that its interface could bring: it waits for weights in ${share} of its cycles, and more bandwidth would not change that.`,
  ];
}

function perInterface({ weight, ifmap, psum, vmem }: Utilisation['interfaceBusyOverAllCycles']): string {
  return `weight ${percent(weight)}, ifmap ${percent(ifmap)}, psum ${percent(psum)}, vmem ${percent(vmem)}`;
}

/** What a banked memory did; nothing without one. */
function memoryInWords(
  { memory, dramBits, useful }: WithWork<SimulatedResult>,
  { memoryBitsOverPeak: use }: Utilisation,
): string[] {
  if (memory === undefined || use === undefined) return [];
  const { bursts, rowHits, rowMisses, rowConflicts, turnarounds, activates, refreshes, busBits } = memory;
  const traffic = (bits: number, ofPeak: number): string => `${megabits(bits)} Mbit, ${percent(ofPeak)} of the peak`;
  return [
    `banked DRAM: ${integer(bursts)} bursts, ${percent(rowHits / Math.max(1, rowHits + rowMisses))} of them in an open row; ${integer(activates)} activates, ${integer(refreshes)} refreshes`,
    `  ${integer(rowConflicts)} bursts needed another row closed; the data buses turned ${integer(turnarounds)} times`,
    `  on the data buses: ${traffic(busBits, use.bus)}`,
    `  asked for by tiles: ${traffic(sumOf(dramBits), use.asked)}`,
    `  of it useful: ${traffic(sumOf(useful.dramBits), use.useful)}`,
  ];
}
