/** A network ready to run on a hardware point, and its run by both models: what the library and the command line share. */
import type { Variant } from '../../model/analytical/multipliers.ts';
import { type DramModel, IDEAL } from '../../model/dram/model.ts';
import { atClockOf, type EnergyModel, energyModelFor } from '../../model/energy/constants.ts';
import { expectCurrents } from '../../model/energy/dramEnergy.ts';
import { FUSIONS, type Fusion } from '../../model/fusion/groups.ts';
import type { Layer } from '../../model/layers/layer.ts';
import type { CycleStepping } from '../../model/machine/components.ts';
import { type Progress, runNetwork } from '../../model/network/network.ts';
import { type Assumptions, assumptionNames } from '../../model/schedule/assumptions.ts';
import { BATCH } from '../../model/schemas/bounds.ts';
import type { DramEnergyFile } from '../../model/schemas/dramEnergy.ts';
import type { EnergyFile } from '../../model/schemas/energy.ts';
import type { Hardware } from '../../model/schemas/hardware.ts';
import { InputError } from '../../model/schemas/inputError.ts';
import type { Workload } from '../../model/schemas/workload.ts';
import { tileProgram } from '../../model/tiling/tileProgram.ts';
import {
  DEPTHWISE_UNITS,
  type DepthwiseUnit,
  depthwiseUnitOf,
  withDepthwiseOn,
} from '../../model/workload/depthwise.ts';
import { EXPANSIONS, type Expansion } from '../../model/workload/expansion.ts';
import { inferenceProgram } from '../../model/workload/forward.ts';
import { buildGraph, type Graph, type GraphNode } from '../../model/workload/graph.ts';
import { DEFAULT_BATCH, type Program } from '../../model/workload/program.ts';
import { trainingProgram } from '../../model/workload/training.ts';
import { type RunReport, runReport } from '../../views/report/runReport.ts';
import { completed, DRAM } from './inputKinds.ts';
import { flag, type KindsOf, whole, word } from './kinds.ts';
import { layerNamed } from './layerNames.ts';

/** What of a network runs. */
export interface NetworkOptions {
  /** A forward pass (the default), or an iteration of training. */
  readonly phase?: Program['phase'] | undefined;
  /** Images per batch; 1 in inference and 32 in training unless given. */
  readonly batch?: number | undefined;
  /** What an iteration of training consists of: what the mathematics needs (`exact`), or what the paper ran. */
  readonly expansion?: Expansion | undefined;
  /** Where depthwise convolutions run, whatever the workload says: the SIMD array, or the PE array (`SA`). */
  readonly depthwise?: DepthwiseUnit | undefined;
}

/** The two phases, by name. */
export const PHASES = ['inference', 'training'] as const satisfies readonly Program['phase'][];

/** What these may be. */
export const NETWORK_OPTIONS: KindsOf<NetworkOptions> = {
  phase: word(PHASES),
  batch: whole(1, BATCH.most),
  expansion: word(EXPANSIONS),
  depthwise: word(DEPTHWISE_UNITS),
};

/** What it runs on, beside the hardware. */
export interface MachineOptions {
  /** The memory behind the off-chip interfaces; ideal unless given. */
  readonly dram?: DramModel | undefined;
  /** False: every tile is stepped. Stretches that repeat are jumped over otherwise, with the same result. */
  readonly fastForward?: boolean | undefined;
  /** Which SIMD layers take the tiles of the layer before them over on chip: none (the default), pairs or chains. */
  readonly fuse?: Fusion | undefined;
}

/** What these may be. */
export const MACHINE_OPTIONS: KindsOf<MachineOptions> = { dram: DRAM, fastForward: flag, fuse: word(FUSIONS) };

/** Of training unless another is asked for. */
export const DEFAULT_EXPANSION: Expansion = 'exact';

/** The operations of a network in program order. Throws an InputError for what cannot run. */
export function programOf(given: Graph, options: NetworkOptions): Program {
  const { phase = 'inference', batch, expansion, depthwise } = options;
  const graph = depthwise === undefined ? given : withDepthwiseOn(given, () => depthwise);
  const images = batch ?? DEFAULT_BATCH[phase];
  return phase === 'inference'
    ? inferenceProgram(graph, images)
    : trainingProgram(graph, images, expansion ?? DEFAULT_EXPANSION);
}

/**
 * The layers of depthwise convolutions, their gradients included, on the array on which they do not run as it is; none
 * where there are no such layers.
 */
export function depthwiseElsewhere(graph: Graph, options: NetworkOptions, hardware: Hardware): Layer[] {
  if (!graph.nodes.some((node) => depthwiseUnitOf(node) !== undefined)) return [];
  const { depthwise, ...others } = options;
  const unitOf = (node: GraphNode): DepthwiseUnit => ((depthwise ?? depthwiseUnitOf(node)) === 'SA' ? 'SIMD' : 'SA');
  const here = new Map(tileProgram(programOf(graph, options), hardware).map(({ name, unit }) => [name, unit]));
  const there = tileProgram(programOf(withDepthwiseOn(graph, unitOf), others), hardware);
  return there.filter(({ name, unit }) => here.has(name) && here.get(name) !== unit);
}

/** A network that is tiled for a hardware point, and the machine that it runs on. */
export interface PreparedNetwork {
  /** Before padding and tiling. */
  readonly program: Program;
  readonly layers: readonly Layer[];
  readonly machine: {
    readonly dram: DramModel;
    readonly fastForward: boolean;
    readonly fusion?: Fusion;
    readonly cycleStepping?: CycleStepping;
    readonly countsLatencies?: boolean;
  };
  /** For the heads of reports. */
  readonly settings: {
    readonly hardware: Hardware;
    readonly workload: string;
    readonly phase: Program['phase'];
    readonly batch: number;
    readonly expansion?: Expansion;
    readonly dram: DramModel;
    /** Where energy is asked for; the hardware's clock is then that of the data. */
    readonly energy?: EnergyModel;
    /** Where the energy of a banked memory's commands is asked for. */
    readonly dramEnergy?: DramEnergyFile;
  };
}

/** Tiles a program for a hardware point; throws an InputError that names every layer that cannot be tiled. */
export function prepareProgram(
  program: Program,
  hardware: Hardware,
  {
    expansion = DEFAULT_EXPANSION,
    dram = IDEAL,
    fastForward = true,
    fuse = 'none',
  }: NetworkOptions & MachineOptions = {},
): PreparedNetwork {
  const { name: workload, phase, batch } = program;
  return {
    program,
    layers: tileProgram(program, hardware),
    machine: { dram, fastForward, fusion: fuse },
    settings: { hardware, workload, phase, batch, ...(phase === 'training' ? { expansion } : {}), dram },
  };
}

/** A workload ready to run; throws an InputError for whatever is wrong with it, by the workload's name. */
export function prepareNetwork(
  workload: Workload,
  hardware: Hardware,
  options: NetworkOptions & MachineOptions,
): PreparedNetwork {
  return prepareProgram(programOf(buildGraph(workload, workload.name), options), completed(hardware), options);
}

/** The network with energy data, on the hardware at the clock at which those hold. */
export function withEnergy(prepared: PreparedNetwork, energy: EnergyFile, file = energy.name): PreparedNetwork {
  const model = energyModelFor(energy, prepared.settings.hardware, file);
  const hardware = atClockOf(model, prepared.settings.hardware);
  return { ...prepared, settings: { ...prepared.settings, hardware, energy: model } };
}

/** The network with the currents of its banked memory; throws an InputError where they do not go with it. */
export function withDramEnergy(prepared: PreparedNetwork, dramEnergy: DramEnergyFile, option: string): PreparedNetwork {
  const { dram } = prepared.settings;
  if (dram.kind !== 'banked') {
    const expected = 'banked DRAM, whose commands it prices';
    throw new InputError({ file: option, path: '', value: dramEnergy.name, expected });
  }
  expectCurrents(dram.spec, dramEnergy, option);
  return { ...prepared, settings: { ...prepared.settings, dramEnergy } };
}

/** The network with the latencies of all bursts counted; throws an InputError where its memory has no bursts. */
export function withDramLatencies(prepared: PreparedNetwork, option: string): PreparedNetwork {
  if (prepared.settings.dram.kind !== 'banked') {
    throw new InputError({ file: option, path: '', expected: 'banked DRAM, whose bursts it counts' });
  }
  return { ...prepared, machine: { ...prepared.machine, countsLatencies: true } };
}

/**
 * The network with some layers' tiles computed register by register, each compared with what the tile-grained units take
 * for it; of a fused group the side of its array. Throws an InputError for a name that no layer has; `option` is what
 * messages call the list.
 */
export async function withCycleStepped(
  prepared: PreparedNetwork,
  names: readonly string[],
  option: string,
): Promise<PreparedNetwork> {
  const chosen = new Set(names.map((name) => layerNamed(prepared.layers, name, option).name));
  const units = await import('../../model/machine/cycleStepped/steppedUnits.ts');
  const cycleStepping: CycleStepping = { ...units, isStepped: ({ name }) => chosen.has(name) };
  return { ...prepared, machine: { ...prepared.machine, cycleStepping } };
}

/** Runs a network by both models; yields progress now and then. */
export function* runPrepared(
  prepared: PreparedNetwork,
  assumptions: Assumptions,
  closedFormVariant: Variant,
): Generator<Progress, RunReport> {
  const { layers, settings, machine } = prepared;
  const run = yield* runNetwork(layers, settings.hardware, assumptions, closedFormVariant, machine);
  const { fusion = 'none' } = machine;
  const named = { ...settings, assumptions: assumptionNames(assumptions), closedFormVariant, fuse: fusion };
  return runReport(named, run);
}
