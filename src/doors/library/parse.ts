/** Plain data, of JSON files say, → what the library's functions take; nothing here reads a file. */
import type { DramModel } from '../../model/dram/model.ts';
import type { Formula } from '../../model/formulas/formula.ts';
import { parseFormula as parseFormulaFile } from '../../model/formulas/parseFormula.ts';
import { type DramEnergyFile, parseDramEnergy as parseDramEnergyFile } from '../../model/schemas/dramEnergy.ts';
import { type EnergyFile, parseEnergy as parseEnergyFile } from '../../model/schemas/energy.ts';
import { type Hardware, parseHardware as parseOurHardware } from '../../model/schemas/hardware.ts';
import { isSimditHardware, parseSimditHardware } from '../../model/schemas/simditHardware.ts';
import { isSimditWorkload, parseSimditWorkload } from '../../model/schemas/simditWorkload.ts';
import { parseWorkload as parseOurWorkload, type Workload } from '../../model/schemas/workload.ts';
import { buildGraph } from '../../model/workload/graph.ts';
import { dramModelOf } from './dram.ts';
import { DRAM_CHOICE, type DramChoice, type DramWords } from './dramChoice.ts';
import { HARDWARE } from './inputKinds.ts';
import { expectInputs, type KindsOf, options as named, text, word } from './kinds.ts';
import { PHASES } from './network.ts';

/** Where data come from. */
export interface DataOrigin {
  /** What messages call them: a file's path, say. */
  readonly file?: string | undefined;
}

/** How data of a hardware point are read. */
export interface HardwareOrigin extends DataOrigin {
  /** SimDIT's files have no name: what the hardware is called. */
  readonly name?: string | undefined;
  /** SimDIT's files have no latencies and no clock: those of this phase are taken. `inference` unless given. */
  readonly phase?: 'inference' | 'training' | undefined;
}

/** How data of a network are read. */
export interface WorkloadOrigin extends DataOrigin {
  /** SimDIT's workloads hold tiles that a compiler has cut: they are kept, cut to this hardware's array. */
  readonly compiledFor?: Hardware | undefined;
}

const DATA_ORIGIN: KindsOf<DataOrigin> = { file: text };
const HARDWARE_ORIGIN: KindsOf<HardwareOrigin> = { ...DATA_ORIGIN, name: text, phase: word(PHASES) };
const WORKLOAD_ORIGIN: KindsOf<WorkloadOrigin> = { ...DATA_ORIGIN, compiledFor: HARDWARE };
const DRAM_OPTIONS: KindsOf<DataOrigin & DramChoice> = { ...DATA_ORIGIN, ...DRAM_CHOICE };

/** What messages about the choices call them. */
export const dramWords = (file: string): DramWords => ({
  choice: (name) => `options: ${name}`,
  changed: `${file} with the other options`,
  needsBanked: 'banked DRAM',
});

/** What a function is given that takes data with nothing but where they come from. */
export const ORIGIN = { options: named(DATA_ORIGIN) };
const OF_HARDWARE = { options: named(HARDWARE_ORIGIN) };
const OF_WORKLOAD = { options: named(WORKLOAD_ORIGIN) };
const OF_DRAM = { options: named(DRAM_OPTIONS) };

/**
 * A hardware point from the data of a file, ours or SimDIT's. The result is plain data, of which a variant is a copy with
 * other numbers. Throws an InputError that names everything that is wrong.
 */
export function parseHardware(value: unknown, options: HardwareOrigin = {}): Hardware {
  expectInputs(OF_HARDWARE, { options });
  const { file = 'hardware', name = file, phase = 'inference' } = options;
  return isSimditHardware(value) ? parseSimditHardware(value, file, name, phase) : parseOurHardware(value, file);
}

/**
 * A network from the data of a workload file, ours or SimDIT's, its shapes checked. The result is plain data. Throws an
 * InputError that names everything that is wrong, by the layers' names.
 */
export function parseWorkload(value: unknown, options: WorkloadOrigin = {}): Workload {
  expectInputs(OF_WORKLOAD, { options });
  const { file = 'workload', compiledFor } = options;
  if (!isSimditWorkload(value)) {
    const workload = parseOurWorkload(value, file);
    buildGraph(workload, file);
    return workload;
  }
  const tiles = compiledFor === undefined ? 'generator' : 'file';
  const array = compiledFor?.array ?? { rows: 1, columns: 1 };
  const { workload, words } = parseSimditWorkload(value, file, file, tiles, array);
  buildGraph(workload, file, 'program', words);
  return workload;
}

/**
 * A memory from the data of a DRAM file, banked or with latency, with what you change in it. Throws an InputError that
 * names what is wrong with the data or with the choices.
 */
export function parseDram(value: unknown, options: DataOrigin & DramChoice = {}): DramModel {
  expectInputs(OF_DRAM, { options });
  const { file = 'dram', ...choice } = options;
  return dramModelOf(value, file, choice, dramWords(file));
}

/** Energy data from those of an energy file. Throws an InputError that names everything that is wrong. */
export function parseEnergy(value: unknown, options: DataOrigin = {}): EnergyFile {
  expectInputs(ORIGIN, { options });
  const { file = 'energy' } = options;
  return parseEnergyFile(value, file);
}

/** The currents of a memory from the data of a file. Throws an InputError that names everything that is wrong. */
export function parseDramEnergy(value: unknown, options: DataOrigin = {}): DramEnergyFile {
  expectInputs(ORIGIN, { options });
  const { file = 'dram energy' } = options;
  return parseDramEnergyFile(value, file);
}

/**
 * A formula from the data of a formula file, its expressions compiled. Throws an InputError that names everything that is
 * wrong: expression, place in it, and what was probably meant.
 */
export function parseFormula(value: unknown, options: DataOrigin = {}): Formula {
  expectInputs(ORIGIN, { options });
  const { file = 'formula' } = options;
  return parseFormulaFile(value, file);
}
