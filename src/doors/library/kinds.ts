/** What a value that a caller gives must be, without the library that checks files: workers in browsers check too. */
import { Problems } from '../../model/schemas/inputError.ts';
import { didYouMean } from '../../model/schemas/nearest.ts';
import { shownName } from '../../model/schemas/printable.ts';

/** Is told what is wrong, and where in the input: `batch`, `array.rows`; in a layer with a name, by that too. */
export type Complain = (path: string, value: unknown, expected: string, layer?: string) => void;

/** Looks at a value and complains of what is wrong with it. */
export type Kind = (value: unknown, path: string, complain: Complain) => void;

/** A kind for each field of a type: a field that is added to the type does not compile until it has one. */
export type KindsOf<Type> = { readonly [Name in keyof Required<Type>]: Kind };

const orMissing = (value: unknown, expected: string): string =>
  value === undefined ? `${expected} (it is missing)` : expected;

/** A value of which one sentence says what it must be. */
export function kind(expected: string, holds: (value: unknown) => boolean): Kind {
  return (value, path, complain) => {
    if (!holds(value)) complain(path, value, orMissing(value, expected));
  };
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isWhole = (value: unknown, least: number, most: number): boolean =>
  Number.isInteger(value) && (value as number) >= least && (value as number) <= most;

/** What is looked at elsewhere. */
export const anything: Kind = () => {};
export const text = kind('a text', (value) => typeof value === 'string');
export const flag = kind('true or false', (value) => typeof value === 'boolean');
export const positive = kind('a number > 0', (value) => Number.isFinite(value) && (value as number) > 0);
export const amount = kind('a number ≥ 0', (value) => Number.isFinite(value) && (value as number) >= 0);
export const count = kind('a whole number ≥ 1', (value) => isWhole(value, 1, Number.MAX_SAFE_INTEGER));
export const callback = kind('a function', (value) => typeof value === 'function');
export const object = kind('an object', isObject);

/** A whole number between two, both included. */
export const whole = (least: number, most: number): Kind =>
  kind(`a whole number from ${least} to ${most}`, (value) => isWhole(value, least, most));

/** One of some words; a misspelt one is answered by what was probably meant. */
export function word(words: readonly string[]): Kind {
  const expected = words.join(', ').replace(/, ([^,]*)$/, ' or $1');
  return (value, path, complain) => {
    if (typeof value !== 'string') complain(path, value, orMissing(value, expected));
    else if (!words.includes(value)) complain(path, value, expected + didYouMean(value, words));
  };
}

/** A kind where something may be left out. */
export const maybe =
  (of: Kind): Kind =>
  (value, path, complain) => {
    if (value !== undefined) of(value, path, complain);
  };

/** A list; `of` is what each of its entries must be, `least` how many there must be. */
export function list(expected: string, of: Kind, least = 0): Kind {
  const whole = kind(expected, (value) => Array.isArray(value) && value.length >= least);
  return (value, path, complain) => {
    whole(value, path, complain);
    if (!Array.isArray(value)) return;
    for (const [place, entry] of value.entries()) of(entry, `${path}[${place}]`, complain);
  };
}

/** Where a field is: `array.rows` of `array`. */
export const within = (path: string, name: string): string => (path === '' ? name : `${path}.${name}`);

/** A kind that looks further, `into` a value with which nothing is wrong so far. */
export function sound(of: Kind, into: Kind): Kind {
  return (value, path, complain) => {
    let isSound = true;
    of(value, path, (...problem) => {
      isSound = false;
      complain(...problem);
    });
    if (isSound) into(value, path, complain);
  };
}

/** An object by names that the caller chooses; `of` is what each value must be. */
export const byName =
  (of: Kind): Kind =>
  (value, path, complain) => {
    if (!isObject(value)) object(value, path, complain);
    else for (const [name, entry] of Object.entries(value)) of(entry, within(path, shownName(name)), complain);
  };

/**
 * An object with some fields, and perhaps more. What has none of them is told once what it should be: `expected`, such as
 * `the data of a memory, as loadDram gives`.
 */
export function data(expected: string, fields: Readonly<Record<string, Kind>>): Kind {
  const kinds = Object.entries(fields);
  return (value, path, complain) => {
    if (!isObject(value) || kinds.every(([name]) => value[name] === undefined)) {
      complain(path, value, orMissing(value, expected));
      return;
    }
    for (const [name, of] of kinds) of(value[name], within(path, name), complain);
  };
}

/** An object that has no other fields, all of which may be left out but those `needed`. */
export function options<Options>(
  kinds: KindsOf<Options>,
  what = 'option',
  needed: readonly (keyof Options & string)[] = [],
): Kind {
  const names = Object.keys(kinds);
  const known = kinds as Readonly<Record<string, Kind>>;
  return (value, path, complain) => {
    if (!isObject(value)) {
      complain(path, value, orMissing(value, `an object with ${what}s by name: ${names.join(', ')}`));
      return;
    }
    for (const [name, entry] of Object.entries(value)) {
      if (!Object.hasOwn(known, name)) {
        const expected = `no such ${what}, but one of ${names.join(', ')}${didYouMean(name, names)}`;
        complain(within(path, shownName(name)), entry, expected);
      } else if (entry !== undefined) known[name]!(entry, within(path, name), complain);
    }
    for (const name of needed) if (value[name] === undefined) known[name]!(undefined, within(path, name), complain);
  };
}

/**
 * Checks what a function of the library is given, by what it calls it: `workload`, `options`. Throws an InputError that
 * names everything that is wrong.
 */
export function expectInputs<Name extends string>(
  kinds: Readonly<Record<Name, Kind>>,
  given: Readonly<Record<Name, unknown>>,
): void {
  const problems = new Problems();
  for (const file of Object.keys(kinds) as Name[]) {
    kinds[file](given[file], '', (path, value, expected, layer) =>
      problems.add({ file, path, layer, value, expected }),
    );
  }
  problems.throwIfAny();
}
