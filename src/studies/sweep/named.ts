/** The files that a sweep names: they are read before anything is evaluated. */
import { ExpressionError } from '../../model/expressions/expression.ts';
import { type Expression, parseExpression } from '../../model/expressions/syntax.ts';
import { InputError } from '../../model/schemas/inputError.ts';
import { KINDS, valuesOf } from './parameterValues.ts';
import { rerankPath, reranksOf, type SweepSpec } from './sweepSpec.ts';

/** Something that the spec names, and where. */
export interface Named {
  readonly name: string;
  readonly path: string;
}

/** The texts that an expression may come to; undefined where it is made of more than texts and choices between them. */
function textsOf(expression: Expression): string[] | undefined {
  const all = (parts: readonly Expression[]): string[] | undefined => {
    const texts = parts.map(textsOf);
    return texts.includes(undefined) ? undefined : texts.flatMap((text) => text!);
  };
  switch (expression.kind) {
    case 'text':
      return [expression.value];
    case 'choice':
      return all([...expression.cases.map(({ yes }) => yes), expression.otherwise]);
    case 'call':
      return expression.name === 'if' ? all(expression.values.slice(1)) : undefined;
    default:
      return undefined;
  }
}

/** The files that an expression chooses between: they are read before anything is evaluated. */
function chosenBy(text: string, path: string, file: string): Named[] {
  const complain = (why: string): never => {
    const expected = `names in quotes and choices between them, such as phase == 'training' ? 'a' : 'b'${why}`;
    throw new InputError({ file, path, value: text, expected });
  };
  try {
    const texts = textsOf(parseExpression(text)) ?? complain('');
    return [...new Set(texts)].map((name) => ({ name, path }));
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    return complain(` (${error.message} at character ${error.character})`);
  }
}

/** What a spec's parameter names, in place of the name that the spec itself gives. */
export function namedBy(
  { parameters }: SweepSpec,
  parameter: 'hardware' | 'workload' | 'dram' | 'energy',
  file: string,
): Named[] | undefined {
  const given = parameters[parameter];
  if (given === undefined) return undefined;
  const path = `parameters.${parameter}`;
  if (typeof given === 'string') return chosenBy(given, path, file);
  return valuesOf(parameter, given, KINDS[parameter], file).map((name, place) => ({
    name: name as string,
    path: `${path}[${place}]`,
  }));
}

/** The networks that a sweep runs. */
export function namedWorkloads(spec: SweepSpec, file: string): Named[] {
  return namedBy(spec, 'workload', file) ?? [{ name: spec.workload, path: 'workload' }];
}

/** The hardware that a sweep runs on: the first is where it starts from. */
export function namedHardware(spec: SweepSpec, file: string): Named[] {
  return namedBy(spec, 'hardware', file) ?? [{ name: spec.hardware, path: 'hardware' }];
}

/** The energy files of a sweep. */
export function namedEnergies(spec: SweepSpec, file: string): Named[] {
  const own = spec.energy === undefined ? [] : [{ name: spec.energy, path: 'energy' }];
  return namedBy(spec, 'energy', file) ?? own;
}

/**
 * The memories that a sweep simulates, its own first; throws an InputError where one is asked of the closed form, which
 * knows none.
 */
export function namedDrams(spec: SweepSpec, file: string): Named[] {
  const given = [
    { ...spec, path: 'dram' },
    ...reranksOf(spec).map((each, place) => ({ ...each, path: `${rerankPath(spec, place)}.dram` })),
  ];
  for (const { model, dram: value, path } of given) {
    if (model === 'closed-form' && value !== 'ideal') {
      const expected = 'ideal, because model is closed-form, which knows no other memory';
      throw new InputError({ file, path, value, expected });
    }
  }
  const [own, ...again] = given.map(({ dram: name, path }) => ({ name, path }));
  return [...(namedBy(spec, 'dram', file) ?? [own!]), ...again];
}
