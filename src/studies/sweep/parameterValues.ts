/** The values that a parameter of a sweep takes: lists as they are, ranges spelled out, each a valid one. */
import { BOUNDS } from '../../model/schemas/bounds.ts';
import { hardwareSchema } from '../../model/schemas/hardwareSchema.ts';
import { InputError } from '../../model/schemas/inputError.ts';
import type { Named, SweepSpec } from './sweepSpec.ts';

const MOST_VALUES = 100_000;

/** A double has 15 decimal digits that are sure to be right. */
const DIGITS = 15;

/** A number without what binary fractions add to it: 0.1 + 2 · 0.1 is 0.3. */
export function withoutRoundingError(value: number): number {
  return Number.isInteger(value) ? value : Number(value.toPrecision(DIGITS));
}

type Given = SweepSpec['parameters'][string];

/** A list as it is, a range spelled out; `to` is among the values if the steps meet it. */
function expand(given: Given, file: string, path: string): readonly (number | string)[] {
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

interface Kind {
  readonly isValid: (value: unknown) => boolean;
  readonly inWords: string;
}

const SETTINGS: Readonly<Record<string, Kind>> = {
  batch: {
    isValid: (value) => Number.isInteger(value) && (value as number) > 0 && (value as number) <= BOUNDS.batch.most,
    inWords: `a whole number from 1 to ${BOUNDS.batch.most}`,
  },
  workload: { isValid: (value) => typeof value === 'string', inWords: 'the name of a network' },
  phase: { isValid: (value) => value === 'inference' || value === 'training', inWords: 'inference or training' },
};

/** What the hardware schema takes for a parameter; undefined where it has no such number. */
function hardwareKind(parameter: string): Kind | undefined {
  if (['$schema', 'name', 'description'].includes(parameter)) return undefined;
  let at: unknown = hardwareSchema;
  for (const key of parameter.split('.')) {
    const { shape } = at as { shape?: Record<string, unknown> };
    if (shape === undefined || !Object.hasOwn(shape, key)) return undefined;
    at = shape[key];
  }
  const field = at as { shape?: unknown; safeParse: (value: unknown) => { success: boolean } };
  if (field.shape !== undefined) return undefined;
  return { isValid: (value) => field.safeParse(value).success, inWords: `a valid ${parameter}` };
}

function kindOf(parameter: string): Kind | undefined {
  return Object.hasOwn(SETTINGS, parameter) ? SETTINGS[parameter] : hardwareKind(parameter);
}

interface Field {
  readonly shape?: Readonly<Record<string, Field>>;
}

/** The paths of the fields of a schema that have none inside. */
function pathsOf(field: Field, path: string): string[] {
  if (field.shape === undefined) return [path];
  return Object.entries(field.shape).flatMap(([key, inner]) => pathsOf(inner, path === '' ? key : `${path}.${key}`));
}

/** All parameters that there are. */
export function parameterNames(): string[] {
  return [...Object.keys(SETTINGS), ...pathsOf(hardwareSchema as Field, '').filter(isParameter)];
}

/** Whether there is a parameter of a name. */
export function isParameter(name: string): boolean {
  return kindOf(name) !== undefined;
}

/** The values of a parameter as the file gives them; throws an InputError for the first that is wrong. */
export function valuesOf(parameter: string, given: Given, file: string): readonly (number | string)[] {
  const path = `parameters.${parameter}`;
  const kind = kindOf(parameter);
  if (kind === undefined) {
    const expected = 'a number of the hardware file, batch, workload or phase';
    throw new InputError({ file, path, value: given, expected });
  }
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

/** The networks that a sweep runs. */
export function namedWorkloads({ parameters, workload }: SweepSpec, file: string): Named[] {
  const given = parameters['workload'];
  if (given === undefined) return [{ name: workload, path: 'workload' }];
  return valuesOf('workload', given, file).map((name, place) => ({
    name: name as string,
    path: `parameters.workload[${place}]`,
  }));
}
