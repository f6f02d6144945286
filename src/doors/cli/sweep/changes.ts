/** `systole sweep --set name=value`: what a user changes in a sweep file. */
import { InvalidArgumentError } from '@commander-js/extra-typings';
import { KINDS } from '../../../studies/sweep/parameterValues.ts';
import { isSetting, memoryPath } from '../../../studies/sweep/setting.ts';
import { adding } from '../repeatedOptions.ts';

/** A parameter or setting, and the values that it is to have in place of the file's. */
export interface SweepChange {
  readonly name: string;
  readonly values: readonly (number | string)[];
}

/** Settings of the file that are no parameters, and lists of them. */
const WORDS = ['name', 'description', 'model', 'sensitivity', 'plots', 'points'];
const LISTS = ['constraints', 'objectives', 'heatMap'];
/** What one word cannot say. */
const OBJECTS = ['parameters', 'budgets', 'rerank', '$schema'];

/** Assumptions have commas of their own, and so have words for readers. */
const WHOLE = ['assume', 'name', 'description'];

const isOfFile = (name: string): boolean => WORDS.includes(name) || LISTS.includes(name);

/** Whether numbers are words here: `--set name=5`. */
const isInWords = (name: string): boolean => isOfFile(name) || (isSetting(name) && KINDS[name].type === 'string');

/** The option again for another change. */
export const parseChange = adding<SweepChange[]>((text, before = []) => {
  const equals = text.indexOf('=');
  const name = text.slice(0, Math.max(0, equals)).trim();
  const given = text.slice(equals + 1);
  const parts = (WHOLE.includes(name) ? [given] : partsOf(given)).map((part) => part.trim());
  const values = parts.map((part) => (isNumber(part) && !isInWords(name) ? Number(part) : part));
  if (name === '' || values.includes('')) {
    throw new InvalidArgumentError('expected a parameter and its values, such as dram=HBM2,DDR4-2400.');
  }
  if (OBJECTS.includes(name)) {
    throw new InvalidArgumentError(
      `expected a parameter or a setting that is a word or a list of words; ${name} only the file itself can say.`,
    );
  }
  const earlier = before.find((change) => change.name === name);
  if (earlier !== undefined) {
    const both = [earlier.values, values].map((each) => each.join(',')).join(' and ');
    throw new InvalidArgumentError(`${name} is given twice: ${both}. Expected it once.`);
  }
  return [...before, { name, values }];
});

/** The parts of a text between its commas; those in brackets and in quotes are of an expression. */
function partsOf(text: string): string[] {
  const parts = [''];
  let depth = 0;
  for (const [token] of text.matchAll(/'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|./gs)) {
    if (token === '(') depth++;
    if (token === ')') depth--;
    if (token === ',' && depth === 0) parts.push('');
    else parts[parts.length - 1] += token;
  }
  return depth === 0 ? parts : text.split(',');
}

const isNumber = (text: string): boolean => text !== '' && Number.isFinite(Number(text));

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const without = (fields: Fields, name: string): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([key]) => key !== name));

/** A text in quotes, as only expressions have it. */
const QUOTED = /'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"/;
/** What words of a memory are made of, such as `as given`. */
const WORD = /^[\p{L}\p{N}_ ]+$/u;

/** Whether a text in place of values is an expression, as in a file, and no word: numbers have no words. */
function isExpression(name: string, text: string): boolean {
  if (QUOTED.test(text)) return true;
  if (isSetting(name)) return KINDS[name].type === 'number';
  return memoryPath(name) === undefined || !WORD.test(text);
}

/** The plots without a heat map of what does not vary any more. */
const withoutMapOf = (sweep: Fields, name: string): Fields =>
  Array.isArray(sweep['heatMap']) && sweep['heatMap'].includes(name) ? without(sweep, 'heatMap') : sweep;

/** A sweep file's data with one change. Settings that have but one value stand beside the parameters. */
function changed(given: Fields, { name, values }: SweepChange): Fields {
  const [first] = values;
  const isOne = values.length === 1;
  if (isOfFile(name)) return { ...given, [name]: isOne && !LISTS.includes(name) ? first : values };
  const { parameters = {}, sensitivity } = given;
  // Said by whoever reads it.
  if (!isFields(parameters)) return given;
  const sweep = isOne ? withoutMapOf(given, name) : given;
  if (isOne && typeof first === 'string' && isExpression(name, first)) {
    const around = isFields(sensitivity) && { sensitivity: without(sensitivity, name) };
    return { ...sweep, ...around, parameters: { ...parameters, [name]: first } };
  }
  const isFixed = isSetting(name) && isOne;
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

/** The texts that parameters and settings of a sweep file's data have as values, before any change. */
export function textsIn(value: unknown): string[] {
  if (!isFields(value)) return [];
  const { parameters } = value;
  const settings = Object.entries(value).filter(([name]) => isSetting(name));
  const lists = isFields(parameters) ? Object.values(parameters).filter((given) => Array.isArray(given)) : [];
  return [...settings.map(([, given]) => given), ...lists.flat()].filter((given) => typeof given === 'string');
}

/** The options that say so again. */
export function changesInWords(changes: readonly SweepChange[]): string[] {
  return changes.flatMap(({ name, values }) => ['--set', `${name}=${values.join(',')}`]);
}
