/** Sweep file → design space: lists and ranges become axes, budgets and relations become constraints. */
import { type Hardware, hardwareSchema } from '../spec/hardware.ts';
import { InputError } from '../spec/inputError.ts';
import { compileExpression, ExpressionError, type Parameter, TYPE_IN_WORDS, type ValueType } from './expression.ts';
import {
  type Axis,
  type Constraint,
  type Digits,
  parameterReader,
  type Setting,
  type Space,
  validityConstraints,
} from './space.ts';
import type { SweepSpec } from './sweepSpec.ts';

/** Sums that stand for themselves in expressions: the paper's budgets count these four SRAMs and interfaces. */
export const TOTALS = {
  totalSramKiB: ['sramKiB.wbuf', 'sramKiB.ibuf', 'sramKiB.obuf', 'sramKiB.vmem'],
  totalBitsPerCycle: ['bitsPerCycle.weight', 'bitsPerCycle.ifmap', 'bitsPerCycle.psum', 'bitsPerCycle.vmem'],
} as const satisfies Record<string, readonly string[]>;

const DEFAULT_BATCH = { inference: 1, training: 32 } as const;
const MOST_VALUES = 100_000;

type Values = SweepSpec['parameters'][string];

/** A list as it is, a range spelled out. */
function expand(values: Values, file: string, path: string): readonly (number | string)[] {
  if (Array.isArray(values)) return values;
  const { from, to, step, factor } = values;
  const complain = (expected: string): never => {
    throw new InputError({ file, path, value: values, expected });
  };
  if ((step === undefined) === (factor === undefined)) complain('a range with either a step or a factor');
  if (to < from) complain('a range with to ≥ from');
  if (factor !== undefined && from <= 0) complain('a range with from > 0, as it has a factor');
  const spelled: number[] = [];
  for (let place = 0; spelled.length <= MOST_VALUES; place++) {
    const value = factor === undefined ? from + place * step! : from * factor ** place;
    if (value > to) return spelled;
    spelled.push(value);
  }
  return complain(`a range of at most ${MOST_VALUES} values`);
}

/** Where zod finds the value of a hardware parameter; undefined where there is no such number. */
function hardwareField(parameter: string): { safeParse: (value: unknown) => { success: boolean } } | undefined {
  const [group, field, ...rest] = parameter.split('.');
  const shape: Record<string, unknown> = hardwareSchema.shape;
  const at = Object.hasOwn(shape, group!) ? shape[group!] : undefined;
  const inner = (at as { shape?: Record<string, unknown> } | undefined)?.shape;
  const found =
    field === undefined
      ? inner === undefined
        ? at
        : undefined
      : Object.hasOwn(inner ?? {}, field)
        ? inner![field]
        : undefined;
  if (rest.length > 0 || ['$schema', 'name', 'description'].includes(parameter)) return undefined;
  return found as ReturnType<typeof hardwareField>;
}

const SETTINGS: Readonly<Record<string, (value: unknown) => boolean>> = {
  batch: (value) => Number.isSafeInteger(value) && (value as number) > 0,
  workload: (value) => typeof value === 'string',
  phase: (value) => value === 'inference' || value === 'training',
};

/** Whether expressions may use a name. */
function isParameter(name: string): boolean {
  return Object.hasOwn(SETTINGS, name) || hardwareField(name) !== undefined;
}

function axesOf(spec: SweepSpec, file: string): Axis[] {
  const axes = Object.entries(spec.parameters).map(([parameter, given]): Axis => {
    const path = `parameters.${parameter}`;
    const isSetting = Object.hasOwn(SETTINGS, parameter);
    const field = hardwareField(parameter);
    if (!isSetting && field === undefined) {
      throw new InputError({
        file,
        path,
        value: given,
        expected: 'a number of the hardware file, batch, workload or phase',
      });
    }
    const values = expand(given, file, path);
    values.forEach((value, place) => {
      const isFine = isSetting ? SETTINGS[parameter]!(value) : field!.safeParse(value).success;
      if (!isFine) throw new InputError({ file, path: `${path}[${place}]`, value, expected: `a valid ${parameter}` });
      if (values.indexOf(value) !== place)
        throw new InputError({ file, path: `${path}[${place}]`, value, expected: 'each value once' });
    });
    return { parameter, values };
  });
  if (axes.length === 0)
    throw new InputError({ file, path: 'parameters', value: {}, expected: 'at least one parameter' });
  return axes;
}

/** Compiles an expression of the file to the type wanted; the names that it reads are parameters, totals spelled out. */
function compiled(
  text: string,
  wanted: { readonly type: ValueType; readonly inWords: string },
  { base, axes }: Pick<Space, 'base' | 'axes'>,
  file: string,
  path: string,
) {
  const parameters: string[] = [];
  const reader = (name: string): Parameter<Digits> | undefined => {
    const parts: readonly string[] = Object.hasOwn(TOTALS, name) ? TOTALS[name as keyof typeof TOTALS] : [name];
    if (!parts.every(isParameter)) return undefined;
    parameters.push(...parts);
    const readers = parts.map((part) => parameterReader(base, axes, part));
    const type = name === 'workload' || name === 'phase' ? 'string' : 'number';
    return readers.length === 1
      ? { type, read: readers[0]! }
      : { type, read: (digits) => readers.reduce((sum, read) => sum + (read(digits) as number), 0) };
  };
  const complain = (expected: string): never => {
    throw new InputError({ file, path, value: text, expected });
  };
  try {
    const { type, evaluate } = compileExpression(text, reader);
    if (type !== wanted.type) complain(`${wanted.inWords}; it is ${TYPE_IN_WORDS[type]}`);
    return { evaluate, parameters };
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    return complain(`an expression of parameters (${error.message})`);
  }
}

const RELATION = { type: 'boolean', inWords: 'a relation, such as a <= b' } as const;
const QUANTITY = { type: 'number', inWords: 'a number, such as totalSramKiB' } as const;

function constraintsOf(spec: SweepSpec, space: Pick<Space, 'base' | 'axes'>, file: string): Constraint[] {
  const relations = spec.constraints.map((text, place): Constraint => {
    const { evaluate, parameters } = compiled(text, RELATION, space, file, `constraints[${place}]`);
    return { text, parameters, holds: (digits) => evaluate(digits) === true };
  });
  const budgets = spec.budgets.map(({ quantity, budget, minusPercent, plusPercent }, place): Constraint => {
    const { evaluate, parameters } = compiled(quantity, QUANTITY, space, file, `budgets[${place}].quantity`);
    const [least, most] = [budget * (1 - minusPercent / 100), budget * (1 + plusPercent / 100)];
    // As it could stand among the constraints.
    const middle = quantity.includes('?') ? `(${quantity})` : quantity;
    return {
      text: `${least} <= ${middle} <= ${most}`,
      parameters,
      holds: (digits) => {
        const value = evaluate(digits) as number;
        return value >= least && value <= most;
      },
    };
  });
  return [...relations, ...budgets];
}

/** The design space of a sweep file; throws an InputError for the first thing wrong in it. */
export function sweepSpace(spec: SweepSpec, hardware: Hardware, file: string): Space {
  if (spec.batch === undefined && 'phase' in spec.parameters && !('batch' in spec.parameters)) {
    throw new InputError({ file, path: 'batch', expected: 'a number, because phase varies' });
  }
  const { workload, phase, batch = DEFAULT_BATCH[phase] } = spec;
  const base: Setting = { hardware, workload, phase, batch };
  const axes = axesOf(spec, file);
  return {
    base,
    axes,
    constraints: [...constraintsOf(spec, { base, axes }, file), ...validityConstraints(base, axes)],
  };
}

/** The point of the sweep file around which parameters are varied; undefined where that is the best. */
export function centreOf({ sensitivity }: SweepSpec, { axes }: Space, file: string): Digits | undefined {
  if (sensitivity === 'best') return undefined;
  const unknown = Object.keys(sensitivity).find((name) => !axes.some(({ parameter }) => parameter === name));
  if (unknown !== undefined) {
    throw new InputError({
      file,
      path: `sensitivity.${unknown}`,
      value: sensitivity[unknown],
      expected: 'a parameter that varies',
    });
  }
  return Int32Array.from(axes, ({ parameter, values }) => {
    const value = sensitivity[parameter];
    const digit = value === undefined ? -1 : values.indexOf(value);
    if (digit < 0) {
      throw new InputError({
        file,
        path: `sensitivity.${parameter}`,
        value,
        expected: `one of ${values.join(', ')}`,
      });
    }
    return digit;
  });
}
