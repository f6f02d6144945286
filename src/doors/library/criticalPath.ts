/** What, cycle by cycle, the end of a network's run waits for. */
import type { Progress } from '../../model/network/network.ts';
import { type Assumptions, assumptionNames } from '../../model/schedule/assumptions.ts';
import type { Hardware } from '../../model/schemas/hardware.ts';
import type { Workload } from '../../model/schemas/workload.ts';
import { networkPath } from '../../studies/criticalPath/networkPath.ts';
import { type PathReport, pathReport } from '../../views/report/pathReport.ts';
import { ASSUME, type Assume, assumptionsMeant } from './assume.ts';
import { drive, JOB_OPTIONS, type JobOptions } from './drive.ts';
import { HARDWARE, WORKLOAD } from './inputKinds.ts';
import { expectInputs, flag, type KindsOf, options as named } from './kinds.ts';
import {
  MACHINE_OPTIONS,
  type MachineOptions,
  NETWORK_OPTIONS,
  type NetworkOptions,
  type PreparedNetwork,
  prepareNetwork,
} from './network.ts';
import { progressOf } from './networkProgress.ts';
import { type Versioned, versioned } from './version.ts';

/** How a critical path is sought. */
export interface CriticalPathOptions extends NetworkOptions, MachineOptions, JobOptions {
  /** The assumptions of the machine: `hardware` unless given. */
  readonly assume?: Assume | undefined;
  /** Keep every segment of the path: one per tile that moves or computes on it. */
  readonly segments?: boolean | undefined;
}

const OPTIONS: KindsOf<CriticalPathOptions> = {
  ...NETWORK_OPTIONS,
  ...MACHINE_OPTIONS,
  ...JOB_OPTIONS,
  assume: ASSUME,
  segments: flag,
};
const INPUTS = { workload: WORKLOAD, hardware: HARDWARE, options: named(OPTIONS) };

/** The critical path of a prepared network; yields progress now and then. */
export function* criticalPathPrepared(
  { layers, settings, machine }: PreparedNetwork,
  assumptions: Assumptions,
  segments: boolean,
): Generator<Progress, PathReport> {
  const path = yield* networkPath(layers, settings.hardware, assumptions, { ...machine, segments });
  return pathReport({ ...settings, assumptions: assumptionNames(assumptions) }, path);
}

/**
 * Finds the critical path of a network: what `systole critical-path --format json` prints. Its segments cover every cycle
 * once: what moved or computed then, and what that had waited for. With them each resource's cycles on the path, its least
 * slack, and what twice its speed would be worth at best and, of an interface, in a run. Throws an InputError for
 * whatever is wrong with the workload on this hardware or with the options, and the signal's reason once that is aborted.
 */
export async function criticalPath(
  workload: Workload,
  hardware: Hardware,
  options: CriticalPathOptions = {},
): Promise<Versioned<PathReport>> {
  expectInputs(INPUTS, { workload, hardware, options });
  const { assume = 'hardware', segments = false } = options;
  const prepared = prepareNetwork(workload, hardware, options);
  return versioned(
    await drive(criticalPathPrepared(prepared, assumptionsMeant(assume), segments), progressOf, options),
  );
}
