/** Every cycle between the closed form and the machine, one assumption at a time. */
import type { DramModel } from '../../model/dram/model.ts';
import type { Fusion } from '../../model/fusion/groups.ts';
import type { Layer } from '../../model/layers/layer.ts';
import type { Progress } from '../../model/network/network.ts';
import type { Hardware } from '../../model/schemas/hardware.ts';
import { InputError } from '../../model/schemas/inputError.ts';
import { shownName } from '../../model/schemas/printable.ts';
import type { Workload } from '../../model/schemas/workload.ts';
import { buildGraph } from '../../model/workload/graph.ts';
import {
  type Comparison,
  comparePredictions,
  isOfRun,
  type Prediction,
  parsePredictions,
} from '../../studies/check/against.ts';
import { dramSteps } from '../../studies/check/dramLadder.ts';
import { checkedGroups } from '../../studies/check/groupForms.ts';
import {
  fusedStep,
  HARDWARE_STEP,
  KEEP_RESIDENT,
  LADDER,
  type LayerLadder,
  prefetchStep,
  walkLadder,
} from '../../studies/check/ladder.ts';
import { type CheckReport, checkReport } from '../../views/report/checkReport.ts';
import { drive, JOB_OPTIONS, type JobOptions } from './drive.ts';
import { HARDWARE, WORKLOAD } from './inputKinds.ts';
import { expectInputs, flag, type KindsOf, options as named, object } from './kinds.ts';
import {
  depthwiseElsewhere,
  MACHINE_OPTIONS,
  type MachineOptions,
  NETWORK_OPTIONS,
  type NetworkOptions,
  type PreparedNetwork,
  prepareNetwork,
} from './network.ts';
import { progressOf } from './networkProgress.ts';
import { type Versioned, versioned } from './version.ts';

/** Steps of the ladder beyond the machine as it is. */
export interface FurtherSteps {
  /** One more step: tiles that a slot still holds are not loaded again. */
  readonly keepResident?: boolean | undefined;
  /** One more step: no barrier between layers, each waits for its own inputs only. */
  readonly prefetch?: boolean | undefined;
  /** One more step: pairs or chains of layers hand their tiles over on chip. */
  readonly fuse?: Fusion | undefined;
}

/** How a closed form, or a user's own formula, is checked. */
export interface CheckOptions extends NetworkOptions, MachineOptions, JobOptions, FurtherSteps {
  /** Cycles that a formula of yours predicts, by the layer's name: they are compared with the last step. */
  readonly against?: Readonly<Record<string, number>> | undefined;
}

const OPTIONS: KindsOf<CheckOptions> = {
  ...NETWORK_OPTIONS,
  ...MACHINE_OPTIONS,
  ...JOB_OPTIONS,
  keepResident: flag,
  prefetch: flag,
  against: object,
};
const INPUTS = { workload: WORKLOAD, hardware: HARDWARE, options: named(OPTIONS) };

/** Predictions of a user's, and the file that they come from. */
export interface Predictions {
  readonly predictions: readonly Prediction[];
  readonly file: string;
}

/** The run that predictions must be of, as a file of several runs names it. */
type RunName = Parameters<typeof isOfRun>[1];

/** The predictions of this run beside the ladder's end: the run that was asked for, with its resident tiles and its DRAM. */
function compared({ predictions, file }: Predictions, of: RunName, ladders: readonly LayerLadder[]): Comparison {
  const own = predictions.filter((each) => isOfRun(each, of));
  if (own.length === 0) {
    const { network, hardware, phase, batch } = of;
    const expected = `a line of ${shownName(network)} on ${shownName(hardware)}, ${phase}, batch ${batch}`;
    throw new InputError({ file, path: '', expected });
  }
  const simulated = ladders.map(({ layer, cycles }) => [layer.name, cycles.at(-1)!] as const);
  return comparePredictions(own, new Map(simulated), file);
}

/**
 * Walks the ladder of a prepared network; yields progress now and then. `elsewhere`: its depthwise layers on the array on
 * which they do not run.
 */
export function* checkPrepared(
  { layers, settings, machine }: PreparedNetwork,
  { keepResident, prefetch, fuse = 'none' }: FurtherSteps,
  against: Predictions | undefined,
  elsewhere: readonly Layer[] = [],
): Generator<Progress, CheckReport> {
  const dram: DramModel = settings.dram;
  const resident = keepResident ? [KEEP_RESIDENT] : [];
  const overlapped = prefetch ? [...resident, prefetchStep(resident.at(-1) ?? HARDWARE_STEP)] : resident;
  const fused = fuse === 'none' ? overlapped : [...overlapped, fusedStep(overlapped.at(-1) ?? HARDWARE_STEP, fuse)];
  const { assumptions } = fused.at(-1) ?? HARDWARE_STEP;
  const onMemory = dramSteps(dram, assumptions, settings.hardware).map((step) => ({ ...step, fusion: fuse }));
  const steps = [...LADDER, ...fused, ...onMemory];
  const ladders = yield* walkLadder(layers, settings.hardware, steps, machine.fastForward);
  const there = yield* walkLadder(elsewhere, settings.hardware, [HARDWARE_STEP], machine.fastForward);
  const { workload: network, hardware, phase, batch } = settings;
  const place = steps.findIndex(({ name }) => name === 'fused');
  const groups = fuse === 'none' ? undefined : checkedGroups(layers, hardware, fuse, ladders, place);
  const run = { network, hardware: hardware.name, phase, batch: String(batch) };
  return checkReport(settings, steps, ladders, there, against && compared(against, run, ladders), groups);
}

function predictionsOf(cycles: Readonly<Record<string, number>>): Predictions {
  const file = 'against';
  const rows = Object.entries(cycles).map(([layer, value]) => [layer, String(value)]);
  return { predictions: parsePredictions([['layer', 'cycles'], ...rows], file), file };
}

/**
 * Walks from the published closed form to the machine, one assumption at a time: what `systole check --format json`
 * prints. Each step's cycles add up to the whole difference. Throws an InputError for whatever is wrong with the workload
 * on this hardware, with the options or with the predictions, and the signal's reason once that is aborted.
 */
export async function check(
  workload: Workload,
  hardware: Hardware,
  options: CheckOptions = {},
): Promise<Versioned<CheckReport>> {
  expectInputs(INPUTS, { workload, hardware, options });
  const { against } = options;
  const prepared = prepareNetwork(workload, hardware, options);
  const predictions = against && predictionsOf(against);
  const elsewhere = depthwiseElsewhere(buildGraph(workload, workload.name), options, prepared.settings.hardware);
  return versioned(await drive(checkPrepared(prepared, options, predictions, elsewhere), progressOf, options));
}
