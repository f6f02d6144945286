/** What the library's functions take, from presets by name and from files: in Node alone. */
import { type DramModel, IDEAL } from '../../model/dram/model.ts';
import type { Formula } from '../../model/formulas/formula.ts';
import { importedNetwork } from '../../model/importers/importedNetwork.ts';
import type { DramEnergyFile } from '../../model/schemas/dramEnergy.ts';
import type { EnergyFile } from '../../model/schemas/energy.ts';
import type { Hardware } from '../../model/schemas/hardware.ts';
import type { Workload } from '../../model/schemas/workload.ts';
import { namedDrams, namedEnergies, namedHardware, namedWorkloads } from '../../studies/sweep/named.ts';
import type { SweepSpec } from '../../studies/sweep/sweepSpec.ts';
import { DRAM_CHOICE, type DramChoice, refuseBankedChoices, refuseSeed } from './dramChoice.ts';
import { presetNames, readJson } from './files.ts';
import { HARDWARE } from './inputKinds.ts';
import { expectInputs, type KindsOf, kind, options as named, word } from './kinds.ts';
import { PHASES } from './network.ts';
import {
  dramWords,
  type HardwareOrigin,
  parseDram,
  parseDramEnergy,
  parseEnergy,
  parseFormula,
  parseHardware,
  type WorkloadOrigin,
} from './parse.ts';
import { parseSweep } from './parseSweep.ts';
import type { SweepParts } from './sweep.ts';
import { NO_TILES, prepareWorkload, readWorkload } from './workloadFile.ts';

/** What there are presets of. */
const PRESETS = {
  hardware: 'hw',
  workload: 'workloads',
  dram: 'hw/dram',
  energy: 'hw/energy',
  formula: 'hw/formulas',
  sweep: 'hw/sweeps',
} as const satisfies Record<string, string>;

const NAME = kind("a preset's name or a file's path", (value) => typeof value === 'string');
const HARDWARE_OPTIONS: KindsOf<Pick<HardwareOrigin, 'phase'>> = { phase: word(PHASES) };
const WORKLOAD_OPTIONS: KindsOf<Pick<WorkloadOrigin, 'compiledFor'>> = { compiledFor: HARDWARE };

/** The names of all presets of a kind, in alphabetical order. Throws an InputError for a kind of which there are none. */
export function presets(of: keyof typeof PRESETS): readonly string[] {
  expectInputs({ presets: word(Object.keys(PRESETS)) }, { presets: of });
  return presetNames(PRESETS[of]);
}

/**
 * A hardware point: a preset by its name (`HI1`–`HI3`, `HT1`–`HT3`), or a JSON file, ours or SimDIT's. Throws an
 * InputError that names everything that is wrong.
 */
export async function loadHardware(nameOrPath: string, options: Pick<HardwareOrigin, 'phase'> = {}): Promise<Hardware> {
  expectInputs({ loadHardware: NAME, options: named(HARDWARE_OPTIONS) }, { loadHardware: nameOrPath, options });
  const { value, file, name } = readJson(nameOrPath, 'hw', 'loadHardware');
  return parseHardware(value, { ...options, file, name });
}

/**
 * A network: a preset by its name (`resnet50`), or a file: JSON (ours or SimDIT's), ONNX, whose weights are not read, or
 * a SCALE-Sim topology. Throws an InputError that names everything that is wrong, by the layers' names.
 */
export async function loadWorkload(
  nameOrPath: string,
  options: Pick<WorkloadOrigin, 'compiledFor'> = {},
): Promise<Workload> {
  expectInputs({ loadWorkload: NAME, options: named(WORKLOAD_OPTIONS) }, { loadWorkload: nameOrPath, options });
  const { compiledFor } = options;
  await prepareWorkload(nameOrPath);
  const cutting = compiledFor === undefined ? NO_TILES : ({ tiles: 'file', array: compiledFor.array } as const);
  const read = readWorkload(nameOrPath, 'loadWorkload', cutting);
  return (read.kind === 'ours' ? importedNetwork(read.workload, read.source) : read.network).workload;
}

/**
 * A memory: `ideal`, a preset by its name (`HBM2`), or a JSON file, banked or with latency, with what you change in it.
 * Throws an InputError that names what is wrong with the file or with the choices.
 */
export async function loadDram(nameOrPath: string, choice: DramChoice = {}): Promise<DramModel> {
  expectInputs({ loadDram: NAME, options: named(DRAM_CHOICE) }, { loadDram: nameOrPath, options: choice });
  if (nameOrPath.toLowerCase() === 'ideal') {
    refuseBankedChoices(choice, dramWords('ideal'));
    refuseSeed(choice, dramWords('ideal'));
    return IDEAL;
  }
  const { value, file } = readJson(nameOrPath, 'hw/dram', 'loadDram');
  return parseDram(value, { ...choice, file });
}

/** Energy data: `fit` (constants fitted to the paper), or a JSON file. Throws an InputError for whatever is wrong. */
export async function loadEnergy(nameOrPath: string): Promise<EnergyFile> {
  expectInputs({ loadEnergy: NAME }, { loadEnergy: nameOrPath });
  const { value, file } = readJson(nameOrPath, 'hw/energy', 'loadEnergy');
  return parseEnergy(value, { file });
}

/** The currents of a memory: `HBM2`, `DDR4-2400`, `DDR3-1600K`, or a JSON file. Throws an InputError for whatever is wrong. */
export async function loadDramEnergy(nameOrPath: string): Promise<DramEnergyFile> {
  expectInputs({ loadDramEnergy: NAME }, { loadDramEnergy: nameOrPath });
  const { value, file } = readJson(nameOrPath, 'hw/energy/dram', 'loadDramEnergy');
  return parseDramEnergy(value, { file });
}

/**
 * A formula: one that comes along by its name (`published`, `roofline`), or a JSON file. Throws an InputError that names
 * everything that is wrong, before anything is evaluated.
 */
export async function loadFormula(nameOrPath: string): Promise<Formula> {
  expectInputs({ loadFormula: NAME }, { loadFormula: nameOrPath });
  const { value, file } = readJson(nameOrPath, 'hw/formulas', 'loadFormula');
  return parseFormula(value, { file });
}

/** A sweep that is ready for `sweep(spec, parts)`. */
export interface LoadedSweep {
  readonly spec: SweepSpec;
  readonly parts: SweepParts;
}

/**
 * A sweep, a preset by its name or a JSON file, with all files that it names. Throws an InputError for whatever is wrong
 * with any of them.
 */
export async function loadSweep(nameOrPath: string): Promise<LoadedSweep> {
  expectInputs({ loadSweep: NAME }, { loadSweep: nameOrPath });
  const { value, file } = readJson(nameOrPath, 'hw/sweeps', 'loadSweep');
  const spec = parseSweep(value, { file });
  const { phase, parameters } = spec;
  const workloads: Record<string, Workload> = {};
  const drams: Record<string, DramModel> = {};
  const hardwares: Record<string, Hardware> = {};
  const energies: Record<string, EnergyFile> = {};
  for (const { name } of namedWorkloads(spec, file)) workloads[name] = await loadWorkload(name);
  for (const { name } of namedDrams(spec, file)) drams[name] = await loadDram(name);
  for (const { name } of namedHardware(spec, file)) hardwares[name] = await loadHardware(name, { phase });
  for (const { name } of namedEnergies(spec, file)) energies[name] = await loadEnergy(name);
  const hardware = hardwares[namedHardware(spec, file)[0]!.name]!;
  const energy = 'energy' in parameters || spec.energy === undefined ? undefined : energies[spec.energy];
  return { spec, parts: { hardware, hardwares, workloads, drams, energy, energies } };
}
