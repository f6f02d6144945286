/** A run as data: its JSON, and what table and CSV are made from. */

import type { GroupClosedForm } from '../../model/analytical/groupClosedForm.ts';
import { type DramModel, dramInWords, peakBitsPerCycle } from '../../model/dram/model.ts';
import type { EnergyModel } from '../../model/energy/constants.ts';
import { type DramEnergy, dramCosts, dramEnergyOf, noDramEnergy } from '../../model/energy/dramEnergy.ts';
import type { Energy } from '../../model/energy/energy.ts';
import { type ByModel, type NetworkEnergy, networkEnergy } from '../../model/energy/networkEnergy.ts';
import { type Fusion, nameOfGroup } from '../../model/fusion/groups.ts';
import type { Layer } from '../../model/layers/layer.ts';
import { type Result, sumOf } from '../../model/layers/result.ts';
import type { DramCounts } from '../../model/machine/dramCounts.ts';
import { memorySharesOf } from '../../model/machine/memoryShares.ts';
import type { InterfaceName } from '../../model/machine/observer.ts';
import type { GroupResult } from '../../model/machine/programRun.ts';
import type { SimulatedResult } from '../../model/machine/statistics.ts';
import { totalWaiting } from '../../model/machine/waiting.ts';
import {
  type GroupOutcome,
  type LayerOutcome,
  type NetworkRun,
  type Totals,
  totalsOf,
} from '../../model/network/network.ts';
import { type Work, workInAll } from '../../model/network/work.ts';
import type { DramEnergyFile } from '../../model/schemas/dramEnergy.ts';
import { type Hardware, takenWeightBitsPerCycle, usableWeightBitsPerCycle } from '../../model/schemas/hardware.ts';
import { type DramCountsReport, dramCountsReport } from './dramCountsReport.ts';
import { type DramEnergySum, dramEnergySum } from './dramEnergySum.ts';

/** What was run. */
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

/** Shares of time, each with a name that says of what. */
export interface Utilisation {
  /** Issued MACs, those that only fill the array or multiply padding included, per J·K·cycle, over the SA's cycles. */
  readonly peMacsOverSaCycles: number;
  /** Useful MACs, the network's own, per J·K·cycle, over the SA's cycles. */
  readonly usefulPeMacsOverSaCycles: number;
  /** Cycles in which the array, or the SIMD pipeline, computes over the whole run's cycles. */
  readonly peArrayBusyOverAllCycles: number;
  readonly simdBusyOverAllCycles: number;
  /** Cycles in which an off-chip interface transfers over the whole run's cycles. */
  readonly interfaceBusyOverAllCycles: PerInterface;
  /** Bits that tiles asked an interface for over those that it could have moved while a transfer was under way. */
  readonly interfaceBitsOverBusyBits: PerInterface;
  /** With banked DRAM: the same of the bits that it moved, which are whole bursts. */
  readonly interfaceBurstBitsOverBusyBits?: PerInterface;
  /** With banked DRAM: bits over those that its data buses could have carried in the whole run. */
  readonly memoryBitsOverPeak?: MemoryUse;
}

/** What banked DRAM moved, said of what: each holds the next, but for what waiting writes answered. */
export interface MemoryUse {
  /** On its data buses, in whole bursts. */
  readonly bus: number;
  /** Asked for by tiles. */
  readonly asked: number;
  /** Asked for, and the network's own: no padding. */
  readonly useful: number;
}

type PerInterface = Readonly<Record<InterfaceName, number>>;

const share = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);

function utilisation(
  totals: RunReport['totals'],
  hardware: Hardware,
  dram: DramModel,
  dramCounts: DramCounts | undefined,
): Utilisation {
  const { SA, SIMD, all } = totals;
  const cycles = all.simulated.totalCycles;
  const { weight, ifmap, psum, vmem } = all.simulated.interfaceBusyCycles;
  const couldMove = {
    weight: weight * usableWeightBitsPerCycle(hardware),
    ifmap: ifmap * hardware.bitsPerCycle.ifmap,
    psum: psum * hardware.bitsPerCycle.psum,
    vmem: vmem * hardware.bitsPerCycle.vmem,
  };
  return {
    peMacsOverSaCycles: SA.simulated.issued.peUtilisation,
    usefulPeMacsOverSaCycles: SA.simulated.useful.peUtilisation,
    peArrayBusyOverAllCycles: share(SA.simulated.computeCycles, cycles),
    simdBusyOverAllCycles: share(SIMD.simulated.computeCycles, cycles),
    interfaceBusyOverAllCycles: {
      weight: share(weight, cycles),
      ifmap: share(ifmap, cycles),
      psum: share(psum, cycles),
      vmem: share(vmem, cycles),
    },
    interfaceBitsOverBusyBits: {
      weight: share(SA.simulated.dramBits.weight + SA.simulated.dramBits.bias, couldMove.weight),
      ifmap: share(SA.simulated.dramBits.ifmap, couldMove.ifmap),
      psum: share(SA.simulated.dramBits.psum + SA.simulated.dramBits.ofmap, couldMove.psum),
      vmem: share(sumOf(SIMD.simulated.dramBits), couldMove.vmem),
    },
    ...(dram.kind === 'banked' && dramCounts !== undefined
      ? memoryUtilisation(all.simulated, couldMove, hardware, dram, dramCounts)
      : {}),
  };
}

/** What went over the interfaces and data buses of a banked memory. */
function memoryUtilisation(
  { totalCycles, dramBits, useful, memory }: WithWork<SimulatedResult>,
  couldMove: PerInterface,
  { clockPicoseconds }: Hardware,
  dram: Banked,
  { interfaces }: DramCounts,
): Pick<Utilisation, 'interfaceBurstBitsOverBusyBits' | 'memoryBitsOverPeak'> {
  const { spec } = dram;
  const memories = channelsOf(dram) / spec.organization.channels;
  const peakBits = totalCycles * memories * peakBitsPerCycle(spec, clockPicoseconds);
  const burstBits = 8 * spec.organization.bytesPerAccess;
  const moved = (name: InterfaceName): number =>
    share(interfaces.find((each) => each.interface === name)!.accepted * burstBits, couldMove[name]);
  return {
    interfaceBurstBitsOverBusyBits: {
      weight: moved('weight'),
      ifmap: moved('ifmap'),
      psum: moved('psum'),
      vmem: moved('vmem'),
    },
    memoryBitsOverPeak: {
      bus: share(memory!.busBits, peakBits),
      asked: share(sumOf(dramBits), peakBits),
      useful: share(sumOf(useful.dramBits), peakBits),
    },
  };
}

type Banked = Extract<DramModel, { kind: 'banked' }>;

/** Channels of all memories that a banked model stands for. */
function channelsOf(dram: Banked): number {
  return memorySharesOf(dram).reduce((sum, { channels }) => sum + channels, 0);
}

/** A model's figures, which are those of issued work, with the useful part beside them. */
export type WithWork<Figures extends Result> = Figures & Work;

/** The sums over some layers by both models. */
export interface ReportedTotals {
  readonly closedForm: WithWork<Result>;
  readonly simulated: WithWork<SimulatedResult>;
}

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

/** A fused group. */
export interface GroupReport {
  readonly name: string;
  readonly members: readonly string[];
  /** From the end of what runs before it to its own last store. */
  readonly totalCycles: number;
  /**
   * What it takes and moves in lockstep by our own formula, in whole tiles. Under the assumption `lockstep` that stands for
   * its members' closed forms in the run's sums.
   */
  readonly closedForm: GroupClosedForm;
  /** Busy and waiting cycles of its two sides. */
  readonly units: GroupResult['units'];
  /** Its members' work by both models; PEs are in use over the PE array's cycles in the group. */
  readonly issued: ByModel<Work['issued']>;
  readonly useful: ByModel<Work['useful']>;
  /** Its tile is smaller than that of its SA layer by itself, as a slot of VMem must hold it too. */
  readonly hasSmallerTile: boolean;
  /** With energy data only: compute and leakage of its two sides; accesses are its members'. */
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

/** The energy of a banked memory by command and state, and where its currents come from. */
export interface DramEnergyReport extends DramEnergySum {
  /** In program order, for as long as each layer takes; of members of a fused group but for the background. */
  readonly layers: readonly DramEnergy[];
}

/** Each model's figures of a layer with its work. Layers that are alike share their figures, here as before. */
class FiguresWithWork {
  private readonly known = new Map<Result, { readonly work: Work; readonly both: WithWork<Result> }>();

  of<Figures extends Result>(figures: Figures, work: Work): WithWork<Figures> {
    const known = this.known.get(figures);
    if (known?.work === work) return known.both as WithWork<Figures>;
    const both = { ...figures, ...work };
    this.known.set(figures, { work, both });
    return both;
  }
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

/** The sums of both models with the useful part of each; `ofGroups`: the array's cycles in fused groups. */
function withWork(
  totals: Totals,
  outcomes: readonly LayerOutcome[],
  hardware: Hardware,
  ofGroups: number,
): ReportedTotals {
  const workBy = (model: 'closedForm' | 'simulated'): Work =>
    workInAll(
      outcomes.map((each) => ({ layer: each.layer, result: each[model], work: each.work[model] })),
      hardware,
      model === 'simulated' ? ofGroups : 0,
    );
  return {
    closedForm: { ...totals.closedForm, ...workBy('closedForm') },
    simulated: { ...totals.simulated, ...workBy('simulated') },
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

function dramEnergyReport(
  file: DramEnergyFile,
  dram: Banked,
  outcomes: readonly LayerOutcome[],
  all: WithWork<SimulatedResult>,
  secondsOf: (result: Result) => number,
): DramEnergyReport {
  const costs = dramCosts(dram.spec, file);
  const { pseudoChannels, ranks } = dram.spec.organization;
  const inAll = channelsOf(dram) * pseudoChannels * ranks;
  const energyOf = (result: SimulatedResult): DramEnergy =>
    result.memory === undefined ? noDramEnergy() : dramEnergyOf(result.memory, secondsOf(result), inAll, costs);
  const total = energyOf(all);
  const bits = { bus: all.memory!.busBits, asked: sumOf(all.dramBits), useful: sumOf(all.useful.dramBits) };
  return {
    ...dramEnergySum(file, total, secondsOf(all), bits),
    layers: outcomes.map(({ simulated }) => energyOf(simulated)),
  };
}

/** Cycles of the PE array's side of fused groups. */
function arrayCyclesOf(groups: readonly GroupResult[] = []): number {
  return groups.reduce((sum, { units: { SA } }) => sum + SA.busyCycles + totalWaiting(SA.waiting), 0);
}

function fusionReport(
  { layers, retiled = [], dissolved = [] }: NetworkRun,
  groups: readonly GroupOutcome[],
  hardware: Hardware,
  energies: readonly ByModel<Energy>[] | undefined,
): Pick<RunReport, 'groups' | 'dissolvedGroups'> {
  const members = new Map<string, LayerOutcome[]>();
  for (const outcome of layers) {
    if (outcome.group === undefined) continue;
    const known = members.get(outcome.group);
    if (known === undefined) members.set(outcome.group, [outcome]);
    else known.push(outcome);
  }
  return {
    groups: groups.map((result, place): GroupReport => {
      const name = nameOfGroup(result.group);
      const outcomes = members.get(name)!;
      const workBy = (model: 'closedForm' | 'simulated', cycles: number): Work =>
        workInAll(
          outcomes.map((each) => ({ layer: each.layer, result: each[model], work: each.work[model] })),
          hardware,
          cycles,
        );
      const work = { closedForm: workBy('closedForm', 0), simulated: workBy('simulated', arrayCyclesOf([result])) };
      return {
        name,
        members: outcomes.map(({ layer }) => layer.name),
        totalCycles: result.totalCycles,
        closedForm: result.closedForm,
        units: result.units,
        issued: { closedForm: work.closedForm.issued, simulated: work.simulated.issued },
        useful: { closedForm: work.closedForm.useful, simulated: work.simulated.useful },
        hasSmallerTile: retiled.includes(name),
        ...(energies === undefined ? {} : { energy: energies[place]! }),
      };
    }),
    dissolvedGroups: dissolved,
  };
}

function energyReport({ name, description }: EnergyModel, energy: NetworkEnergy): EnergyReport {
  const { kinds, totals, averageWatts, nonConvShare } = energy;
  return { name, description, averageWatts, nonConvShare, totals, kinds };
}
