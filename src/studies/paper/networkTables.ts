/** Tables VI and VII: what the non-conv layers of a network take, its power and its runtime on six hardware points. */

import type { EnergyModel } from '../../model/energy/constants.ts';
import type { ByModel } from '../../model/energy/networkEnergy.ts';
import { networkEnergy } from '../../model/energy/networkEnergy.ts';
import type { Fusion } from '../../model/fusion/groups.ts';
import type { Layer } from '../../model/layers/layer.ts';
import { type Result, sumOf } from '../../model/layers/result.ts';
import { type Progress, totalsOf } from '../../model/network/network.ts';
import type { Hardware } from '../../model/schemas/hardware.ts';
import { tileProgram } from '../../model/tiling/tileProgram.ts';
import type { Expansion } from '../../model/workload/expansion.ts';
import { inferenceProgram } from '../../model/workload/forward.ts';
import { trainingProgram } from '../../model/workload/training.ts';
import { type FusedRun, fusedNotes, nonConvRuntimePct, runFused } from './fusedRun.ts';
import {
  NETWORK_TABLE_HARDWARE,
  type NetworkTableHardware,
  type PrintedNetwork,
  TABLE_VI,
  TABLE_VII,
} from './printed.ts';
import { beside, isAsPrinted, largest, type PaperInputs, type PaperRow, type PaperTarget } from './target.ts';

const TABLES = {
  VI: { network: 'resnet50', inWords: 'ResNet-50', printed: TABLE_VI },
  VII: { network: 'resnet18', inWords: 'ResNet-18', printed: TABLE_VII },
} as const;

/** The paper's batches. */
const BATCH = { inference: 1, training: 32 } as const;

/** The layers that the paper ran on one of its hardware points: HT train, HI infer. */
export function paperLayers(
  network: string,
  name: string,
  inputs: PaperInputs,
  expansion: Expansion = 'published',
): { hardware: Hardware; layers: Layer[] } {
  const hardware = inputs.hardware(name);
  const graph = inputs.network(network);
  const program = name.startsWith('HT')
    ? trainingProgram(graph, BATCH.training, expansion)
    : inferenceProgram(graph, BATCH.inference);
  return { hardware, layers: tileProgram(program, hardware) };
}

/** The six columns of one row by both models. */
function columnsOfRow(run: FusedRun, model: EnergyModel): Record<keyof PrintedNetwork, ByModel<number>> {
  const { SA, SIMD, all } = totalsOf(run.layers, run.groups);
  const energy = networkEnergy(run.layers, model.constants, run.groups);
  const byModel = (figure: (totals: Record<'SA' | 'SIMD' | 'all', Result>) => number): ByModel<number> => ({
    closedForm: figure({ SA: SA.closedForm, SIMD: SIMD.closedForm, all: all.closedForm }),
    simulated: figure({ SA: SA.simulated, SIMD: SIMD.simulated, all: all.simulated }),
  });
  const nonConvPct = (amount: (result: Result) => number): ByModel<number> =>
    byModel((totals) => (100 * amount(totals.SIMD)) / amount(totals.all));
  const { closedForm, simulated } = energy.nonConvShare;
  return {
    runtimePct: nonConvRuntimePct(run),
    onChipPct: nonConvPct((result) => sumOf(result.sramBits)),
    offChipPct: nonConvPct((result) => sumOf(result.dramBits)),
    energyPct: { closedForm: 100 * closedForm, simulated: 100 * simulated },
    watts: energy.averageWatts,
    seconds: byModel((totals) => totals.all.totalCycles * model.constants.clockSeconds),
  };
}

const COLUMNS: Readonly<Record<keyof PrintedNetwork, { words: string; digits: (isTraining: boolean) => number }>> = {
  runtimePct: { words: 'non-conv runtime, %', digits: () => 1 },
  onChipPct: { words: 'non-conv on-chip access, %', digits: () => 1 },
  offChipPct: { words: 'non-conv off-chip access, %', digits: () => 1 },
  energyPct: { words: 'non-conv energy, %', digits: () => 1 },
  watts: { words: 'total power, W', digits: () => 2 },
  seconds: { words: 'total runtime, s', digits: (isTraining) => (isTraining ? 2 : 3) },
};

/** Columns that rest on the energy constants, and those that the closed form alone gives. */
const ENERGY_COLUMNS: ReadonlySet<string> = new Set<keyof PrintedNetwork>(['energyPct', 'watts']);

/** A row of ours is one figure of a row of theirs. */
interface Figure {
  readonly column: keyof PrintedNetwork;
  readonly row: PaperRow;
}

function figuresOf(
  name: NetworkTableHardware,
  printed: PrintedNetwork,
  columns: ReturnType<typeof columnsOfRow>,
  energy: EnergyModel,
): Figure[] {
  const energyData = `${energy.name}: ${energy.description}`;
  return (Object.keys(COLUMNS) as (keyof PrintedNetwork)[]).map((column) => {
    const { words, digits } = COLUMNS[column];
    const { closedForm, simulated } = columns[column];
    const row = beside(`${name} ${words}`, printed[column], closedForm, digits(name.startsWith('HT')), simulated);
    return { column, row: ENERGY_COLUMNS.has(column) ? { ...row, energyData } : row };
  });
}

/** How near what is not fused comes, in words. */
function verdicts(figures: readonly Figure[]): string[] {
  const closedForm = figures.filter(({ column }) => !ENERGY_COLUMNS.has(column)).map(({ row }) => row);
  const of = (wanted: keyof PrintedNetwork): PaperRow[] =>
    figures.filter(({ column }) => column === wanted).map(({ row }) => row);
  const relative = (row: PaperRow): number => Math.abs(row.difference! / row.printed!);
  const power = largest(of('watts'), relative);
  const share = largest(of('energyPct'), (row) => Math.abs(row.difference!));
  const twice = closedForm.filter((row) => row.note !== undefined).map((row) => row.name);
  return [
    `runtime and accesses: ${closedForm.filter(isAsPrinted).length} of ${closedForm.length} figures as printed; rounded twice in print: ${twice.join('; ')}`,
    `power: within ${(100 * relative(power)).toFixed(2)} % (${power.name}); non-conv energy: within ${Math.abs(share.difference!).toFixed(2)} points (${share.name})`,
  ];
}

/** Table VI or VII, from the published closed form with the simulation beside it; its layers fused, if asked for. */
export function* networkTable(
  target: keyof typeof TABLES,
  inputs: PaperInputs,
  fusion: Fusion = 'none',
): Generator<Progress, PaperTarget> {
  const { network, inWords, printed } = TABLES[target];
  const points = NETWORK_TABLE_HARDWARE.map((name) => ({ name, ...paperLayers(network, name, inputs) }));
  const layers = points.reduce((sum, point) => sum + point.layers.length, 0);
  const figures: Figure[] = [];
  let layersDone = 0;
  for (const { name, hardware, layers: layersHere } of points) {
    const run = runFused(layersHere, hardware, fusion);
    let step = run.next();
    for (; step.done !== true; step = run.next()) {
      const layerName = `${network} on ${name}, ${step.value.layerName}`;
      yield { ...step.value, layersDone: layersDone + step.value.layersDone, layers, layerName };
    }
    layersDone += layersHere.length;
    const energy = inputs.energy(hardware);
    figures.push(...figuresOf(name, printed[name], columnsOfRow(step.value, energy), energy));
  }
  const energy = inputs.energy(points[0]!.hardware);
  const isFused = fusion !== 'none';
  return {
    target,
    ...(isFused && { fuse: fusion }),
    title: `Table ${target}: ${inWords}, what the non-conv layers take, power and runtime${isFused ? `, layers fused in ${fusion}` : ''}`,
    notes: [
      'computed: the published closed form and training iteration; simulated: the machine under its default assumptions',
      ...(isFused ? fusedNotes(fusion) : []),
      `energy and power with the constants "${energy.name}": ${energy.description}`,
      ...(isFused ? [] : verdicts(figures)),
    ],
    rows: figures.map(({ row }) => row),
  };
}
