/** `systole sweep --set name=value`: what a user changes in a sweep file. */
import { InvalidArgumentError } from '@commander-js/extra-typings';
import { isSetting } from '../../../studies/sweep/setting.ts';

/** A parameter or setting, and the values that it is to have in place of the file's. */
export interface SweepChange {
  readonly name: string;
  readonly values: readonly (number | string)[];
}

/** The option again for another change. */
export function parseChange(text: string, before: readonly SweepChange[] = []): SweepChange[] {
  const equals = text.indexOf('=');
  const name = text.slice(0, Math.max(0, equals)).trim();
  // Assumptions have commas of their own.
  const parts = name === 'assume' ? [text.slice(equals + 1)] : text.slice(equals + 1).split(',');
  const values = parts.map((part) => part.trim()).map((part) => (isNumber(part) ? Number(part) : part));
  if (name === '' || values.includes('')) {
    throw new InvalidArgumentError('expected a parameter and its values, such as dram=HBM2,DDR4-2400.');
  }
  return [...before, { name, values }];
}

const isNumber = (text: string): boolean => text !== '' && Number.isFinite(Number(text));

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const without = (fields: Fields, name: string): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([key]) => key !== name));

/** A sweep file's data with one change. Settings that have but one value stand beside the parameters. */
function changed(sweep: Fields, { name, values }: SweepChange): Fields {
  const { parameters = {}, sensitivity } = sweep;
  // Said by whoever reads it.
  if (!isFields(parameters)) return sweep;
  const [first] = values;
  const isFixed = isSetting(name) && values.length === 1;
  const around = isFields(sensitivity) && {
    sensitivity: isFixed ? without(sensitivity, name) : { ...sensitivity, [name]: first },
  };
  if (isFixed) return { ...sweep, ...around, [name]: first, parameters: without(parameters, name) };
  return { ...sweep, ...around, parameters: { ...parameters, [name]: values } };
}

/** A sweep file's data with all changes, in their order. */
export function changedSweep(value: unknown, changes: readonly SweepChange[]): unknown {
  return isFields(value) ? changes.reduce(changed, value) : value;
}

/** The options that say so again. */
export function changesInWords(changes: readonly SweepChange[]): string[] {
  return changes.flatMap(({ name, values }) => ['--set', `${name}=${values.join(',')}`]);
}
