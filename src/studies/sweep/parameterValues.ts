/** The values that a parameter of a sweep takes: lists as they are, ranges spelled out, each a valid one. */
import { VARIANTS } from '../../model/analytical/multipliers.ts';
import { LAYOUTS } from '../../model/dram/layout.ts';
import { type DramModel, SHARINGS } from '../../model/dram/model.ts';
import { FUSIONS } from '../../model/fusion/groups.ts';
import { assumptionsNamed } from '../../model/schedule/assumptionNames.ts';
import type { Assumptions } from '../../model/schedule/assumptions.ts';
import { BOUNDS } from '../../model/schemas/bounds.ts';
import type { Hardware } from '../../model/schemas/hardware.ts';
import { hardwareSchema } from '../../model/schemas/hardwareSchema.ts';
import { InputError } from '../../model/schemas/inputError.ts';
import { DEPTHWISE_UNITS } from '../../model/workload/depthwise.ts';
import { EXPANSIONS } from '../../model/workload/expansion.ts';
import { memoryField, memoryPaths } from './memories.ts';
import { isSetting, memoryPath, SETTINGS } from './setting.ts';
import type { SweepSpec } from './sweepSpec.ts';

const MOST_VALUES = 100_000;

/** A double has 15 decimal digits that are sure to be right. */
const DIGITS = 15;

/** A number without what binary fractions add to it: 0.1 + 2 · 0.1 is 0.3. */
export function withoutRoundingError(value: number): number {
  return Number.isInteger(value) ? value : Number(value.toPrecision(DIGITS));
}

type List = Exclude<SweepSpec['parameters'][string], string>;

/** A list as it is, a range spelled out; `to` is among the values if the steps meet it. */
function expand(given: List, file: string, path: string): readonly (number | string)[] {
  if (Array.isArray(given)) return given;
  const { from, to, step, factor } = given;
  const complain = (expected: string): never => {
    throw new InputError({ file, path, value: given, expected });
  };
  if ((step === undefined) === (factor === undefined)) complain('a range with either a step or a factor');
  if (to < from) complain('a range with to ≥ from');
  if (factor !== undefined && from <= 0) complain('a range with from > 0, as it has a factor');
  const spelled: number[] = [];
  for (let place = 0; spelled.length <= MOST_VALUES; place++) {
    const value = withoutRoundingError(factor === undefined ? from + place * step! : from * factor ** place);
    if (value > to) return spelled;
    spelled.push(value);
  }
  return complain(`a range of at most ${MOST_VALUES} values`);
}

/** What may be the value of a parameter. */
export interface Kind {
  readonly type: 'number' | 'string';
  readonly isValid: (value: unknown) => boolean;
  readonly inWords: string;
  /** All values, where they are few words. */
  readonly words?: readonly string[];
}

const oneOf = (words: readonly string[]): Kind => ({
  type: 'string',
  isValid: (value) => typeof value === 'string' && words.includes(value),
  inWords: words.join(' or '),
  words,
});

const nameOf = (what: string): Kind => ({
  type: 'string',
  isValid: (value) => typeof value === 'string',
  inWords: `the name of ${what}`,
});

/** Whether a text names assumptions, as on the command line. */
function areAssumptions(value: unknown): boolean {
  try {
    if (typeof value !== 'string') return false;
    assumptionsIn(value, 'assume');
    return true;
  } catch {
    return false;
  }
}

/** What the settings may be. */
export const KINDS: Readonly<Record<keyof typeof SETTINGS, Kind>> = {
  hardware: nameOf('a hardware'),
  workload: nameOf('a network'),
  phase: oneOf(['inference', 'training']),
  batch: {
    type: 'number',
    isValid: (value) => Number.isInteger(value) && (value as number) > 0 && (value as number) <= BOUNDS.batch.most,
    inWords: `a whole number from 1 to ${BOUNDS.batch.most}`,
  },
  expansion: oneOf(EXPANSIONS),
  depthwise: oneOf(DEPTHWISE_UNITS),
  closedForm: oneOf(VARIANTS),
  assume: { type: 'string', isValid: areAssumptions, inWords: 'assumptions as of systole run --assume' },
  fuse: oneOf(FUSIONS),
  energy: nameOf('an energy file'),
  dram: nameOf('a memory'),
};

/** Assumptions by their names, separated by commas; throws an InputError for one that there is not. */
export function assumptionsIn(text: string, file: string, path = ''): Assumptions {
  const names = text.split(',').map((name) => name.trim());
  return assumptionsNamed(names, ({ expected, unknown }) => {
    throw new InputError({ file, path, value: unknown?.name ?? text, expected: expected + (unknown?.meant ?? '') });
  });
}

interface Field {
  readonly shape?: Readonly<Record<string, Field>>;
  readonly unwrap?: () => Field;
}

/** The fields inside of a group, which the file may leave out. */
const fieldsIn = (field: Field): Readonly<Record<string, Field>> | undefined => (field.unwrap?.() ?? field).shape;

/** What the hardware schema takes for a parameter; undefined where it has no such number. */
function hardwareKind(parameter: string, isThere: (group: string) => boolean): Kind | undefined {
  if (['$schema', 'name', 'description'].includes(parameter)) return undefined;
  let at: Field = hardwareSchema as unknown as Field;
  const keys = parameter.split('.');
  if (keys.length > 1 && !isThere(keys[0]!)) return undefined;
  for (const key of keys) {
    const fields = fieldsIn(at);
    if (fields === undefined || !Object.hasOwn(fields, key)) return undefined;
    at = fields[key]!;
  }
  const field = at as { safeParse?: (value: unknown) => { success: boolean } };
  if (fieldsIn(at) !== undefined || field.safeParse === undefined) return undefined;
  return {
    type: 'number',
    isValid: (value) => field.safeParse!(value).success,
    inWords: `a valid ${parameter}`,
  };
}

/** A field that some memory has: numbers stay numbers, words words. What it may be shows when the memory is made. */
function memoryKind(parameter: string, drams: readonly DramModel[]): Kind | undefined {
  const path = memoryPath(parameter);
  if (path === undefined) return undefined;
  if (path === 'layout') return drams.some(({ kind }) => kind === 'banked') ? oneOf(LAYOUTS) : undefined;
  if (path === 'sharing') return drams.some(({ kind }) => kind === 'banked') ? oneOf(SHARINGS) : undefined;
  const found = drams.map((dram) => memoryField(dram, path)).find((field) => field !== undefined);
  if (found === undefined) return undefined;
  return typeof found === 'number'
    ? { type: 'number', isValid: (value) => typeof value === 'number', inWords: 'a number' }
    : { type: 'string', isValid: (value) => typeof value === 'string', inWords: 'a text' };
}

/** The paths of the fields of a schema that have none inside. */
function pathsOf(field: Field, path: string): string[] {
  const fields = fieldsIn(field);
  if (fields === undefined) return [path];
  return Object.entries(fields).flatMap(([key, inner]) => pathsOf(inner, path === '' ? key : `${path}.${key}`));
}

/** Which parameters there are. */
export interface Parameters {
  readonly kindOf: (parameter: string) => Kind | undefined;
  readonly names: () => string[];
}

/** The parameters of hardware and memories: fields that only some memories have are parameters too. */
export function parametersOf(hardwares: readonly Hardware[], drams: readonly DramModel[]): Parameters {
  const isThere = (group: string): boolean =>
    group !== 'instructionLoading' || (hardwares.length > 0 && hardwares.every((each) => each.instructionLoading));
  const kindOf = (parameter: string): Kind | undefined =>
    isSetting(parameter) ? KINDS[parameter] : (memoryKind(parameter, drams) ?? hardwareKind(parameter, isThere));
  return {
    kindOf,
    names: () => [
      ...Object.keys(SETTINGS),
      ...pathsOf(hardwareSchema as unknown as Field, '').filter((path) => kindOf(path) !== undefined),
      ...new Set(drams.flatMap(memoryPaths).map((path) => `dram.${path}`)),
    ],
  };
}

/** Whether there is a parameter of a name, whatever hardware and memory. */
export function isParameter(name: string): boolean {
  return parametersOf([], []).kindOf(name) !== undefined;
}

/** The values of a parameter of a kind as the file gives them; throws an InputError for the first that is wrong. */
export function valuesOf(parameter: string, given: List, kind: Kind, file: string): readonly (number | string)[] {
  const path = `parameters.${parameter}`;
  const values = expand(given, file, path);
  const seen = new Set<unknown>();
  values.forEach((value, place) => {
    const complain = (expected: string): never => {
      throw Array.isArray(given)
        ? new InputError({ file, path: `${path}[${place}]`, value, expected })
        : new InputError({ file, path, value: given, expected: `${expected}, not ${value}` });
    };
    if (!kind.isValid(value)) complain(kind.inWords);
    if (seen.has(value)) complain('each value once');
    seen.add(value);
  });
  return values;
}
