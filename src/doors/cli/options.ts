/** Options that several commands share, and what they mean. */
import { InvalidArgumentError } from '@commander-js/extra-typings';
import { type EnergyModel, energyModelFor } from '../../model/energy/constants.ts';
import type { Formula } from '../../model/formulas/formula.ts';
import { parseFormula } from '../../model/formulas/parseFormula.ts';
import { assumptionsNamed } from '../../model/schedule/assumptionNames.ts';
import type { Assumptions } from '../../model/schedule/assumptions.ts';
import { atMost, type Bound } from '../../model/schemas/bounds.ts';
import { type DramEnergyFile, parseDramEnergy } from '../../model/schemas/dramEnergy.ts';
import { parseEnergy } from '../../model/schemas/energy.ts';
import type { Hardware } from '../../model/schemas/hardware.ts';
import { InputError } from '../../model/schemas/inputError.ts';
import { parseHardware } from '../library/parse.ts';
import { presetNames, readJson } from './files.ts';

export type Phase = 'inference' | 'training';

/** Parses a whole number from `least` to the bound. */
function wholeFrom(least: number, bound: Bound): (text: string) => number {
  return (text) => {
    const value = text.trim() === '' ? Number.NaN : Number(text);
    if (!Number.isInteger(value) || value < least) {
      throw new InvalidArgumentError(`expected a whole number ≥ ${least}.`);
    }
    if (value > bound.most) throw new InvalidArgumentError(`expected a whole number ${atMost(bound)}.`);
    return value;
  };
}

/** A parser of whole numbers ≥ 1, up to a bound. */
export const countOption = (bound: Bound): ((text: string) => number) => wholeFrom(1, bound);

/** A parser of whole numbers ≥ 0, up to a bound. */
export const naturalOption = (bound: Bound): ((text: string) => number) => wholeFrom(0, bound);

/** Throws an InputError about an option that is given where it can change nothing. */
export function refuseWithoutEffect(option: string, value: unknown, needs: string): void {
  if (value === undefined) return;
  const got = value === true ? undefined : value; // a flag has no value
  throw new InputError({ file: option, path: '', value: got, expected: `${needs}, without which it changes nothing` });
}

/** `paper`, `hardware`, or switches by name; a list without `keep-resident` reloads operands. */
export function parseAssumptions(text: string): Assumptions {
  const names = text.split(',').map((name) => name.trim());
  return assumptionsNamed(names, ({ expected, unknown }) => {
    const got = unknown === undefined ? '' : `; got "${unknown.name}"${unknown.meant}`;
    throw new InvalidArgumentError(`expected ${expected}${got}`);
  });
}

/** A hardware preset, a file of ours or one of SimDIT's. */
export function loadHardware(nameOrPath: string, phase: Phase, option = '--hardware'): Hardware {
  const { value, file, name } = readJson(nameOrPath, 'hw', option);
  return parseHardware(value, { file, name, phase });
}

/** What the fit or a file of the user's says of the energy on a hardware. */
export function loadEnergy(nameOrPath: string, hardware: Hardware): EnergyModel {
  const { value, file } = readJson(nameOrPath, 'hw/energy', '--energy');
  return energyModelFor(parseEnergy(value, file), hardware, file);
}

/** Where the formulas that come along lie. */
export const FORMULA_FOLDER = 'hw/formulas';

/** Whether a name is that of a formula: one that comes along, or a formula file of the user's. */
export function isFormula(nameOrPath: string): boolean {
  const asked = nameOrPath.toLowerCase();
  return asked.endsWith('.json') || presetNames(FORMULA_FOLDER).some((name) => name.toLowerCase() === asked);
}

/** What the option of every command that prices a banked memory's commands is for. */
export function dramEnergyInHelp(): string {
  const presets = presetNames('hw/energy/dram').join(', ');
  return `what the commands of banked DRAM cost: ${presets}, or a JSON file with currents of yours`;
}

/** What a file says of the currents of a memory. */
export function loadDramEnergy(nameOrPath: string): DramEnergyFile {
  const { value, file } = readJson(nameOrPath, 'hw/energy/dram', '--dram-energy');
  return parseDramEnergy(value, file);
}

/** A formula that comes along, by its name, or a file of the user's. */
export function loadFormula(nameOrPath: string, option = 'formula'): Formula {
  const { value, file } = readJson(nameOrPath, FORMULA_FOLDER, option);
  return parseFormula(value, file);
}
