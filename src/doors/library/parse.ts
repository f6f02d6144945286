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
import type { DramChoice } from './dramChoice.ts';

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

/**
 * A hardware point from the data of a file, ours or SimDIT's. The result is plain data, of which a variant is a copy with
 * other numbers. Throws an InputError that names everything that is wrong.
 */
export function parseHardware(
  value: unknown,
  { file = 'hardware', name = file, phase = 'inference' }: HardwareOrigin = {},
): Hardware {
  return isSimditHardware(value) ? parseSimditHardware(value, file, name, phase) : parseOurHardware(value, file);
}

/**
 * A network from the data of a workload file, ours or SimDIT's, its shapes checked. The result is plain data. Throws an
 * InputError that names everything that is wrong, by the layers' names.
 */
export function parseWorkload(value: unknown, { file = 'workload', compiledFor }: WorkloadOrigin = {}): Workload {
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
export function parseDram(value: unknown, { file = 'dram', ...choice }: DataOrigin & DramChoice = {}): DramModel {
  return dramModelOf(value, file, choice, {
    choice: (name) => `options: ${name}`,
    changed: `${file} with the other options`,
    needsBanked: 'banked DRAM',
  });
}

/** Energy data from those of an energy file. Throws an InputError that names everything that is wrong. */
export function parseEnergy(value: unknown, { file = 'energy' }: DataOrigin = {}): EnergyFile {
  return parseEnergyFile(value, file);
}

/** The currents of a memory from the data of a file. Throws an InputError that names everything that is wrong. */
export function parseDramEnergy(value: unknown, { file = 'dram energy' }: DataOrigin = {}): DramEnergyFile {
  return parseDramEnergyFile(value, file);
}

/**
 * A formula from the data of a formula file, its expressions compiled. Throws an InputError that names everything that is
 * wrong: expression, place in it, and what was probably meant.
 */
export function parseFormula(value: unknown, { file = 'formula' }: DataOrigin = {}): Formula {
  return parseFormulaFile(value, file);
}
