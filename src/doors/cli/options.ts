/** Options that several commands share, and what they mean. */
import { InvalidArgumentError } from '@commander-js/extra-typings';
import { assumptionsNamed } from '../../model/schedule/assumptionNames.ts';
import type { Assumptions } from '../../model/schedule/assumptions.ts';
import { atMost, type Bound } from '../../model/schemas/bounds.ts';
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

/** What the option of every command that prices a banked memory's commands is for. */
export function dramEnergyInHelp(): string {
  const presets = presetNames('hw/energy/dram').join(', ');
  return `what the commands of banked DRAM cost: ${presets}, or a JSON file with currents of yours`;
}
