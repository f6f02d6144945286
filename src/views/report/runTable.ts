/** A run as a readable table. */
import { type Result, sumOf } from '../../model/layers/result.ts';
import type { SimulatedResult } from '../../model/machine/statistics.ts';
import type { Work } from '../../model/network/work.ts';
import { shownName } from '../../model/schemas/printable.ts';
import { energyTable } from './energyTable.ts';
import { amountInWords, weightCapInWords } from './explainNames.ts';
import { change, integer, megabits, percent } from './numbers.ts';
import { type Row, tableLines } from './plainTable.ts';
import type { ReportedTotals, RunReport, Utilisation, WithWork } from './runReport.ts';

const HEADER = [
  'layer',
  'operation',
  'closed form\ncycles',
  'simulated\ncycles',
  'change',
  'compute\ncycles',
  'stall\ncycles',
  'DRAM\nMbit',
  'of it\nuseful',
  'SRAM\nMbit',
  'PE use\nissued',
  'PE use\nuseful',
  'tiles',
  'waited for (share of its cycles)',
];

const LEFT = [HEADER[0]!, HEADER[1]!, HEADER.at(-1)!];
/** Causes below this share of a layer's cycles are not worth a reader's time. */
const SMALLEST_SHARE = 0.005;
const MOST_CAUSES = 3;

/** The largest causes of waiting, e.g. `psumLoad 41.0%, weight 3.2%`. */
function causes(simulated: SimulatedResult): string {
  return Object.entries(simulated.waiting)
    .map(([cause, cycles]) => ({ cause, share: cycles / simulated.totalCycles }))
    .filter(({ share }) => share >= SMALLEST_SHARE)
    .sort((a, b) => b.share - a.share)
    .slice(0, MOST_CAUSES)
    .map(({ cause, share }) => `${cause} ${percent(share)}`)
    .join(', ');
}

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
    causes(simulated),
  ];
}

/** A row per layer, then the sums; made anew each time that it is walked. */
function rowsOf({ layers, totals }: RunReport): Iterable<Row> {
  return {
    *[Symbol.iterator]() {
      for (const layer of layers) yield row(shownName(layer.name), layer.op, layer);
      yield HEADER.map(() => '');
      yield row('all conv and gemm', 'SA', totals.SA);
      yield row('all others', 'SIMD', totals.SIMD);
      yield row('total', '', totals.all);
    },
  };
}

/** Per layer and in total: both models' cycles, then what the simulation saw. In pieces. */
export function* runTable(report: RunReport): Generator<string> {
  yield `${headline(report)}\n\n`;
  yield* tableLines(HEADER, rowsOf(report), LEFT);
  yield `\n${summary(report)}\n`;
  if (report.energy) yield `\n${energyTable(report, report.energy)}\n`;
}

function headline(report: RunReport): string {
  const { workload, batch, hardware, assumptions, closedFormVariant, expansion, dram } = report;
  const phase = expansion === undefined ? report.phase : `${report.phase} iteration (${expansion})`;
  return `${shownName(workload)} ${phase}, batch ${batch}, on ${shownName(hardware)}; machine: ${assumptions.join(', ')}; DRAM: ${shownName(dram)}; closed form: ${closedFormVariant}`;
}

function summary(report: RunReport): string {
  const { totals, seconds, imagesPerSecond, utilisation: use } = report;
  const { closedForm, simulated } = totals.all;
  const difference = change(closedForm.totalCycles, simulated.totalCycles);
  const traffic = (name: string, bits: (result: WithWork<Result>) => number): string =>
    `${name} ${megabits(bits(closedForm))} Mbit by the closed form, ${megabits(bits(simulated))} simulated`;
  const peUtilisation = ({ issued, useful }: Work): string =>
    `${percent(issued.peUtilisation)} with issued MACs, ${percent(useful.peUtilisation)} with useful ones`;
  return [
    `cycles: ${integer(closedForm.totalCycles)} by the closed form, ${integer(simulated.totalCycles)} simulated (${difference})`,
    `time: ${seconds.closedForm.toPrecision(4)} s by the closed form, ${seconds.simulated.toPrecision(4)} s simulated (${imagesPerSecond.simulated.toFixed(1)} images/s)`,
    `MACs: ${integer(simulated.opCounts.mac)} issued, ${integer(simulated.useful.macs)} of them useful`,
    traffic('DRAM traffic:', (result) => sumOf(result.dramBits)),
    traffic('  of it useful:', (result) => sumOf(result.useful.dramBits)),
    traffic('SRAM traffic:', (result) => sumOf(result.sramBits)),
    ...memoryInWords(simulated),
    `tiles: ${integer(simulated.tiles)}, of which ${integer(simulated.steppedTiles)} stepped and ${integer(simulated.jumpedTiles)} jumped over (fast-forward)`,
    `pipeline fill: ${integer(totals.SA.simulated.fillCycles)} cycles on the SA, ${integer(totals.SIMD.simulated.fillCycles)} on the SIMD array (part of compute)`,
    `utilisation: PEs ${peUtilisation(simulated)} (over J·K·SA cycles; by the closed form ${peUtilisation(closedForm)});`,
    `  of all cycles the PE array computes ${percent(use.peArrayBusyOverAllCycles)}, SIMD ${percent(use.simdBusyOverAllCycles)};`,
    `  interfaces transfer: ${perInterface(use.interfaceBusyOverAllCycles)};`,
    `  and move, of what they could meanwhile: ${perInterface(use.interfaceBitsOverBusyBits)}`,
    ...weightCap(report),
  ].join('\n');
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
function memoryInWords({ memory }: SimulatedResult): string[] {
  if (memory === undefined) return [];
  const { bursts, rowHits, rowMisses, activates, refreshes } = memory;
  return [
    `banked DRAM: ${integer(bursts)} bursts, ${percent(rowHits / Math.max(1, rowHits + rowMisses))} of them in an open row; ${integer(activates)} activates, ${integer(refreshes)} refreshes`,
  ];
}
