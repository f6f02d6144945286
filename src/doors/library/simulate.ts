/** Networks on the machine, tile by tile, alone or with the closed form beside it. */
import { VARIANTS, type Variant } from '../../model/analytical/multipliers.ts';
import { bankedAtHand } from '../../model/machine/bankedMemory.ts';
import type { SimulatedResult } from '../../model/machine/statistics.ts';
import type { DramEnergyFile } from '../../model/schemas/dramEnergy.ts';
import type { EnergyFile } from '../../model/schemas/energy.ts';
import type { Hardware } from '../../model/schemas/hardware.ts';
import type { Workload } from '../../model/schemas/workload.ts';
import type { DramCountsReport } from '../../views/report/dramCountsReport.ts';
import type { LayerReport, RunReport } from '../../views/report/runReport.ts';
import type { Utilisation } from '../../views/report/utilisation.ts';
import type { WithWork } from '../../views/report/workTotals.ts';
import { ASSUME, type Assume, assumptionsMeant } from './assume.ts';
import { drive, JOB_OPTIONS, type JobOptions } from './drive.ts';
import { DRAM_ENERGY, ENERGY, HARDWARE, WORKLOAD } from './inputKinds.ts';
import { expectInputs, flag, type KindsOf, list, options as named, text, word } from './kinds.ts';
import {
  MACHINE_OPTIONS,
  type MachineOptions,
  NETWORK_OPTIONS,
  type NetworkOptions,
  prepareNetwork,
  runPrepared,
  withCycleStepped,
  withDramEnergy,
  withDramLatencies,
  withEnergy,
} from './network.ts';
import { progressOf } from './networkProgress.ts';
import { type LayerHead, layerHead, type ModelEnergy, type NetworkHead, networkHead } from './results.ts';
import { type Versioned, versioned } from './version.ts';

/** How a network is simulated. */
export interface SimulateOptions extends NetworkOptions, MachineOptions, JobOptions {
  /** The assumptions of the machine: `hardware` unless given. */
  readonly assume?: Assume | undefined;
  /** Names of layers whose tiles are computed register by register, with the same result. */
  readonly cycleStepped?: readonly string[] | undefined;
  /** Energy data: with them the result has energies too, and the clock is theirs. */
  readonly energy?: EnergyFile | undefined;
  /** Currents of the banked memory: with them the result says what its commands cost. */
  readonly dramEnergy?: DramEnergyFile | undefined;
  /** True: the result's `dramCounts` has the latencies of the banked memory's bursts too, for a few percent more time. */
  readonly dramLatencies?: boolean | undefined;
}

const SIMULATE_OPTIONS: KindsOf<SimulateOptions> = {
  ...NETWORK_OPTIONS,
  ...MACHINE_OPTIONS,
  ...JOB_OPTIONS,
  assume: ASSUME,
  cycleStepped: list('a list of layer names', text),
  energy: ENERGY,
  dramEnergy: DRAM_ENERGY,
  dramLatencies: flag,
};

/** How a network is run by both models. */
export interface RunOptions extends SimulateOptions {
  /** How the closed form rounds: `published` unless given. */
  readonly closedForm?: Variant | undefined;
}

const RUN_OPTIONS: KindsOf<RunOptions> = { ...SIMULATE_OPTIONS, closedForm: word(VARIANTS) };

const RUN_INPUTS = { workload: WORKLOAD, hardware: HARDWARE, options: named(RUN_OPTIONS) };
const SIMULATE_INPUTS = { ...RUN_INPUTS, options: named(SIMULATE_OPTIONS) };

/** One layer of a simulation: its tile, its figures (cycles, bits, accesses) and what of its work is useful. */
export type SimulatedLayer = LayerHead & WithWork<SimulatedResult>;

/** A simulated network. */
export interface SimulatedNetwork extends NetworkHead {
  /** Names of the assumptions that held. */
  readonly assumptions: readonly string[];
  /** The DRAM in words. */
  readonly dram: string;
  /** In program order. */
  readonly layers: readonly SimulatedLayer[];
  /** The sums over the layers of the systolic array, of the SIMD array, and of both. */
  readonly totals: Readonly<Record<'SA' | 'SIMD' | 'all', WithWork<SimulatedResult>>>;
  readonly seconds: number;
  readonly imagesPerSecond: number;
  readonly utilisation: Utilisation;
  /** What banked DRAM did, by channel, interface and tensor. */
  readonly dramCounts?: DramCountsReport;
  /** Where energy data were given. */
  readonly energy?: ModelEnergy;
}

/**
 * Runs a network by both models: what `systole run --format json` prints. Throws an InputError for whatever is wrong
 * with the workload on this hardware or with the options, and the signal's reason once that is aborted.
 */
export async function run(
  workload: Workload,
  hardware: Hardware,
  options: RunOptions = {},
): Promise<Versioned<RunReport>> {
  expectInputs(RUN_INPUTS, { workload, hardware, options });
  const {
    assume = 'hardware',
    closedForm = 'published',
    energy,
    dramEnergy,
    dramLatencies,
    cycleStepped = [],
  } = options;
  const assumptions = assumptionsMeant(assume);
  const network = prepareNetwork(workload, hardware, options);
  const prepared =
    cycleStepped.length === 0 ? network : await withCycleStepped(network, cycleStepped, 'options: cycleStepped');
  const powered = energy === undefined ? prepared : withEnergy(prepared, energy);
  const priced = dramEnergy === undefined ? powered : withDramEnergy(powered, dramEnergy, 'options: dramEnergy');
  const watched = dramLatencies ? withDramLatencies(priced, 'options: dramLatencies') : priced;
  if (watched.machine.dram.kind === 'banked') await bankedAtHand();
  return versioned(await drive(runPrepared(watched, assumptions, closedForm), progressOf, options));
}

function simulatedLayer(layer: LayerReport): SimulatedLayer {
  const { simulated, energy } = layer;
  return { ...layerHead(layer, energy?.simulated), ...simulated };
}

/**
 * Simulates a network tile by tile. The hardware and the workload are what `loadHardware` and `loadWorkload`, or
 * `parseHardware` and `parseWorkload`, give; neither is changed. Throws an InputError for whatever is wrong with the
 * workload on this hardware or with the options, and the signal's reason once that is aborted.
 */
export async function simulate(
  workload: Workload,
  hardware: Hardware,
  options: SimulateOptions = {},
): Promise<Versioned<SimulatedNetwork>> {
  expectInputs(SIMULATE_INPUTS, { workload, hardware, options });
  const report = await run(workload, hardware, options);
  const { assumptions, dram, layers, totals, seconds, imagesPerSecond, utilisation, dramCounts, energy } = report;
  return {
    version: report.version,
    ...networkHead(report),
    assumptions,
    dram,
    layers: layers.map(simulatedLayer),
    totals: { SA: totals.SA.simulated, SIMD: totals.SIMD.simulated, all: totals.all.simulated },
    seconds: seconds.simulated,
    imagesPerSecond: imagesPerSecond.simulated,
    utilisation,
    ...(dramCounts === undefined ? {} : { dramCounts }),
    ...(energy === undefined
      ? {}
      : {
          energy: {
            name: energy.name,
            description: energy.description,
            totals: {
              SA: energy.totals.SA.simulated,
              SIMD: energy.totals.SIMD.simulated,
              all: energy.totals.all.simulated,
            },
            averageWatts: energy.averageWatts.simulated,
          },
        }),
  };
}
