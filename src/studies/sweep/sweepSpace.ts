/** Sweep file → design space: lists and ranges become axes, budgets and relations become constraints. */
import {
  compileExpression,
  ExpressionError,
  type Parameter,
  TYPE_IN_WORDS,
  type ValueType,
} from '../../model/expressions/expression.ts';
import type { Hardware } from '../../model/schemas/hardware.ts';
import { InputError } from '../../model/schemas/inputError.ts';
import { DEFAULT_BATCH } from '../../model/workload/program.ts';
import { isParameter, parameterNames, valuesOf, withoutRoundingError } from './parameterValues.ts';
import {
  type Axis,
  type Constraint,
  type Digits,
  latticeSize,
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

function axesOf({ parameters }: SweepSpec, file: string): Axis[] {
  const axes = Object.entries(parameters).map(([parameter, given]): Axis => {
    return { parameter, values: valuesOf(parameter, given, file) };
  });
  if (axes.length === 0) {
    throw new InputError({ file, path: 'parameters', value: {}, expected: 'at least one parameter' });
  }
  // Points are numbered, and beyond this numbers leave some out.
  if (latticeSize(axes) > Number.MAX_SAFE_INTEGER) {
    const expected = `at most ${Number.MAX_SAFE_INTEGER} combinations of values`;
    throw new InputError({ file, path: 'parameters', value: latticeSize(axes), expected });
  }
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
    const known = [...parameterNames(), ...Object.keys(TOTALS)];
    const { type, evaluate } = compileExpression(text, { read: reader, known });
    if (type !== wanted.type) complain(`${wanted.inWords}; it is ${TYPE_IN_WORDS[type]}`);
    return { evaluate, parameters };
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    return complain(`an expression of parameters (${error.message}) at character ${error.character}`);
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
    const [least, most] = [-minusPercent, plusPercent].map((percent) =>
      withoutRoundingError(budget * (1 + percent / 100)),
    ) as [number, number];
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
