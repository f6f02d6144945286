/** What was run, with which settings. */
import type { DramModel } from '../../model/dram/model.ts';
import type { EnergyModel } from '../../model/energy/constants.ts';
import type { Fusion } from '../../model/fusion/groups.ts';
import type { DramEnergyFile } from '../../model/schemas/dramEnergy.ts';
import type { Hardware } from '../../model/schemas/hardware.ts';

/** Hardware, network and options of a run, with the names that its report shows. */
export interface RunSettings {
  readonly hardware: Hardware;
  readonly workload: string;
  readonly phase: 'inference' | 'training';
  readonly batch: number;
  /** Names of the assumptions that hold. */
  readonly assumptions: readonly string[];
  readonly closedFormVariant: string;
  /** Of a training iteration: exact or published. */
  readonly expansion?: string;
  readonly dram: DramModel;
  /** Which layers are fused; none unless given. */
  readonly fuse?: Fusion;
  /** What a banked memory's commands cost, where that is asked for. */
  readonly dramEnergy?: DramEnergyFile;
  /** Energy data, where energy is asked for; the hardware's clock is theirs. */
  readonly energy?: EnergyModel;
}
