/** A run as data: its JSON, and what table and CSV are made from. */
import { dramInWords } from '../../model/dram/model.ts';
import type { EnergyModel } from '../../model/energy/constants.ts';
import type { Energy } from '../../model/energy/energy.ts';
import { type ByModel, type NetworkEnergy, networkEnergy } from '../../model/energy/networkEnergy.ts';
import type { Fusion } from '../../model/fusion/groups.ts';
import type { Layer } from '../../model/layers/layer.ts';
import type { Result } from '../../model/layers/result.ts';
import { share } from '../../model/layers/share.ts';
import type { SimulatedResult } from '../../model/machine/statistics.ts';
import { type LayerOutcome, type NetworkRun, totalsOf } from '../../model/network/network.ts';
import { takenWeightBitsPerCycle } from '../../model/schemas/hardware.ts';
import { type DramCountsReport, dramCountsReport } from './dramCountsReport.ts';
import { type DramEnergyReport, dramEnergyReport } from './dramEnergyReport.ts';
import { arrayCyclesOf, fusionReport, type GroupReport } from './fusionReport.ts';
import type { RunSettings } from './runSettings.ts';
import { type Utilisation, utilisation } from './utilisation.ts';
import { FiguresWithWork, type ReportedTotals, type WithWork, withWork } from './workTotals.ts';

/** One layer of the report. */
export interface LayerReport {
  readonly name: string;
  readonly op: string;
  readonly unit: 'SA' | 'SIMD';
  readonly closedForm: WithWork<Result>;
  readonly simulated: WithWork<SimulatedResult>;
  readonly noStallCycles: number;
  readonly simplifiedCycles: number;
  /** Padded, as the accelerator runs it; of a group where the layer has several. */
  readonly sizes: Layer['sizes'];
  readonly tile: Layer['tile'];
  readonly loopOrder?: readonly string[];
  /** Where the layer has several: the tile is of one. */
  readonly groups?: number;
  /** Of a member of a fused group: its name. */
  readonly group?: string;
  /** With energy data only. */
  readonly energy?: ByModel<Energy>;
}

/** The energy of the run, and where its constants come from. */
export interface EnergyReport extends Omit<NetworkEnergy, 'layers' | 'groups'> {
  readonly name: string;
  readonly description: string;
}

/** The whole report; its shape is a contract: fields are added, never renamed. */
export interface RunReport {
  readonly hardware: string;
  readonly workload: string;
  readonly phase: 'inference' | 'training';
  readonly batch: number;
  readonly assumptions: readonly string[];
  readonly closedFormVariant: string;
  readonly expansion?: string;
  /** The DRAM model in words. */
  readonly dram: string;
  /** What is fused, where anything is. */
  readonly fuse?: Exclude<Fusion, 'none'>;
  readonly layers: readonly LayerReport[];
  readonly totals: Readonly<Record<'SA' | 'SIMD' | 'all', ReportedTotals>>;
  readonly seconds: { readonly closedForm: number; readonly simulated: number };
  readonly imagesPerSecond: { readonly closedForm: number; readonly simulated: number };
  readonly utilisation: Utilisation;
  /**
   * With `prefetch` only: each unit's busy and waiting cycles, which add up to the run's. A layer's `totalCycles` are then
   * what its last store comes later than all before, its `stallCycles` the waits of its unit for it.
   */
  readonly units?: NonNullable<NetworkRun['units']>;
  /**
   * With `--fuse` only: groups that run as one, whose members have counts but no cycles of their own, and the names of
   * those that no tile fits, whose layers run apart.
   */
  readonly groups?: readonly GroupReport[];
  readonly dissolvedGroups?: readonly string[];
  /** Of the weight interface: what it could bring, and what the array can take of that (J · b_w). */
  readonly weightBitsPerCycle: { readonly interface: number; readonly taken: number };
  /** With energy data only. */
  readonly energy?: EnergyReport;
  /** With banked DRAM only: what it did, by channel, interface and tensor. */
  readonly dramCounts?: DramCountsReport;
  /** With data of the memory's energy only, in joules. */
  readonly dramEnergy?: DramEnergyReport;
}

function layerReport(
  { layer, closedForm, simulated, estimates, work, group }: LayerOutcome,
  figures: FiguresWithWork,
  energy: ByModel<Energy> | undefined,
): LayerReport {
  return {
    name: layer.name,
    op: layer.op,
    unit: layer.unit,
    closedForm: figures.of(closedForm, work.closedForm),
    simulated: figures.of(simulated, work.simulated),
    ...estimates,
    sizes: layer.sizes,
    tile: layer.tile,
    ...(layer.unit === 'SA' ? { loopOrder: layer.loopOrder } : {}),
    ...(layer.unit === 'SA' && layer.groups > 1 ? { groups: layer.groups } : {}),
    ...(group === undefined ? {} : { group }),
    ...(energy === undefined ? {} : { energy }),
  };
}

const PICOSECONDS_PER_SECOND = 1e12;

/** Puts a run's outcomes together with its settings. */
export function runReport(settings: RunSettings, run: NetworkRun): RunReport {
  const { layers: outcomes, units, groups } = run;
  const { hardware, workload, phase, batch, assumptions, closedFormVariant, expansion, dram, fuse = 'none' } = settings;
  const sums = totalsOf(outcomes, groups, assumptions.includes('lockstep'));
  const ofUnit = (unit: 'SA' | 'SIMD'): LayerOutcome[] => outcomes.filter(({ layer }) => layer.unit === unit);
  const totals = {
    SA: withWork(sums.SA, ofUnit('SA'), hardware, arrayCyclesOf(groups)),
    SIMD: withWork(sums.SIMD, ofUnit('SIMD'), hardware, 0),
    all: withWork(sums.all, outcomes, hardware, arrayCyclesOf(groups)),
  };
  const secondsOf = (result: Result): number =>
    (result.totalCycles * hardware.clockPicoseconds) / PICOSECONDS_PER_SECOND;
  const seconds = { closedForm: secondsOf(totals.all.closedForm), simulated: secondsOf(totals.all.simulated) };
  const figures = new FiguresWithWork();
  const energy = settings.energy && networkEnergy(outcomes, settings.energy.constants, groups);
  return {
    hardware: hardware.name,
    workload,
    phase,
    batch,
    assumptions,
    closedFormVariant,
    ...(expansion === undefined ? {} : { expansion }),
    dram: dramInWords(dram),
    ...(fuse === 'none' ? {} : { fuse }),
    layers: outcomes.map((outcome, place) => layerReport(outcome, figures, energy?.layers[place])),
    totals,
    seconds,
    imagesPerSecond: { closedForm: share(batch, seconds.closedForm), simulated: share(batch, seconds.simulated) },
    utilisation: utilisation(totals, hardware, dram, run.dramCounts),
    ...(units === undefined ? {} : { units }),
    ...(groups === undefined ? {} : fusionReport(run, groups, hardware, energy?.groups)),
    weightBitsPerCycle: { interface: hardware.bitsPerCycle.weight, taken: takenWeightBitsPerCycle(hardware) },
    ...(settings.energy && energy ? { energy: energyReport(settings.energy, energy) } : {}),
    ...(dram.kind === 'banked' && run.dramCounts
      ? { dramCounts: dramCountsReport(run.dramCounts, 8 * dram.spec.organization.bytesPerAccess) }
      : {}),
    ...(settings.dramEnergy && dram.kind === 'banked'
      ? { dramEnergy: dramEnergyReport(settings.dramEnergy, dram, outcomes, totals.all.simulated, secondsOf) }
      : {}),
  };
}

function energyReport({ name, description }: EnergyModel, energy: NetworkEnergy): EnergyReport {
  const { kinds, totals, averageWatts, nonConvShare } = energy;
  return { name, description, averageWatts, nonConvShare, totals, kinds };
}
