/** Options that several commands share, and what they mean. */
import { InvalidArgumentError } from '@commander-js/extra-typings';
import type { DramModel, Sharing } from '../../model/dram/model.ts';
import type { Layout } from '../../model/dram/placement.ts';
import { type EnergyModel, energyModelFor } from '../../model/energy/constants.ts';
import { INTERFACES } from '../../model/machine/observer.ts';
import { ASSUMPTIONS, type Assumption, type Assumptions, assumptionsOf } from '../../model/schedule/assumptions.ts';
import { atMost, type Bound } from '../../model/schemas/bounds.ts';
import { type DramSpec, parseDram } from '../../model/schemas/dram.ts';
import { parseEnergy } from '../../model/schemas/energy.ts';
import { type Hardware, parseHardware } from '../../model/schemas/hardware.ts';
import { InputError } from '../../model/schemas/inputError.ts';
import { isLatencyFile, parseLatency } from '../../model/schemas/latency.ts';
import { isSimditHardware, parseSimditHardware } from '../../model/schemas/simditHardware.ts';
import { readJson } from './files.ts';

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
  throw new InputError({ file: option, path: '', value, expected: `${needs}, without which it changes nothing` });
}

/** `paper`, `hardware`, or switches by name; a list without `keep-resident` reloads operands. */
export function parseAssumptions(text: string): Assumptions {
  if (text === 'paper') return assumptionsOf(new Set(ASSUMPTIONS));
  const names = text === 'hardware' ? [] : text.split(',').map((name) => name.trim());
  const known: readonly string[] = [...ASSUMPTIONS, 'keep-resident'];
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new InvalidArgumentError(`expected paper, hardware, or a list of ${known.join(', ')}; got "${unknown}".`);
  }
  const keeps = names.includes('keep-resident');
  if (keeps && names.includes('reload-operands')) {
    throw new InvalidArgumentError('reload-operands and keep-resident exclude each other.');
  }
  const switches = names.filter((name): name is Assumption => name !== 'keep-resident');
  return assumptionsOf(new Set(keeps ? switches : [...switches, 'reload-operands']));
}

/** A hardware preset, a file of ours or one of SimDIT's. */
export function loadHardware(nameOrPath: string, phase: Phase, option = '--hardware'): Hardware {
  const { value, file, name } = readJson(nameOrPath, 'hw', option);
  return isSimditHardware(value) ? parseSimditHardware(value, file, name, phase) : parseHardware(value, file);
}

/** What the fit or a file of the user's says of the energy on a hardware. */
export function loadEnergy(nameOrPath: string, hardware: Hardware): EnergyModel {
  const { value, file } = readJson(nameOrPath, 'hw/energy', '--energy');
  return energyModelFor(parseEnergy(value, file), hardware, file);
}

/** How a network command names its DRAM. */
export interface DramOptions {
  readonly dram: string;
  /** `tiles` unless given. */
  readonly dramLayout?: Layout | undefined;
  /** `shared` unless given. */
  readonly dramSharing?: Sharing | undefined;
  readonly dramChannels?: number | undefined;
  readonly seed: string;
}

/** Refuses what only banked memory has. */
function refuseBankedOptions({ dram, dramLayout, dramSharing, dramChannels }: DramOptions): void {
  const needs = `banked DRAM, not --dram ${dram}`;
  refuseWithoutEffect('--dram-layout', dramLayout, needs);
  refuseWithoutEffect('--dram-sharing', dramSharing, needs);
  refuseWithoutEffect('--dram-channels', dramChannels, needs);
}

/** `ideal`, a preset or a file, banked or with latency. */
export function loadDramModel(options: DramOptions, option = '--dram'): DramModel {
  const { dram, dramLayout: layout = 'tiles', dramSharing: sharing = 'shared', seed } = options;
  if (dram === 'ideal') {
    refuseBankedOptions(options);
    return { kind: 'ideal' };
  }
  const { value, file } = readJson(dram, 'hw/dram', option);
  if (isLatencyFile(value)) {
    refuseBankedOptions(options);
    return { kind: 'latency', spec: parseLatency(value, file), seed };
  }
  const spec = loadDram(dram, { channels: options.dramChannels, refresh: true });
  if (sharing === 'split' && spec.organization.channels < INTERFACES.length) {
    throw new InputError({
      file: '--dram-sharing',
      path: '',
      value: sharing,
      expected: `a memory with at least ${INTERFACES.length} channels (${spec.name} has ${spec.organization.channels})`,
    });
  }
  return { kind: 'banked', spec, layout, sharing };
}

/** What the command line changes in a DRAM preset. */
export interface DramOverrides {
  readonly channels?: number | undefined;
  readonly mapping?: string | undefined;
  /** False: never refresh. */
  readonly refresh: boolean;
}

/** A DRAM preset or a file, with the command line's changes, validated as a whole. */
export function loadDram(nameOrPath: string, { channels, mapping, refresh }: DramOverrides): DramSpec {
  const { value, file } = readJson(nameOrPath, 'hw/dram', '--dram');
  const spec = parseDram(value, file);
  const changed = {
    ...spec,
    mapping: mapping ?? spec.mapping,
    organization: { ...spec.organization, channels: channels ?? spec.organization.channels },
    timing: { ...spec.timing, REFI: refresh ? spec.timing.REFI : 0 },
  };
  return parseDram(changed, `--dram ${nameOrPath} with the other options`);
}
