/** Text of a file → a validated value, or an InputError. The only place where zod's issues become our words. */
import type { z } from 'zod';
import { InputError, type InputProblem, Problems } from './inputError.ts';
import { parseJsonText } from './jsonText.ts';
import { didYouMean } from './nearest.ts';
import { printable, shortened } from './printable.ts';

/** Parses JSON text; throws an InputError that names the file, the place and what is wrong where it is not JSON. */
export function parseJson(text: string, file: string): unknown {
  const parsed = parseJsonText(text);
  if ('value' in parsed) return parsed.value;
  const { line, column, what } = parsed.fault;
  throw new InputError({ file, path: '', expected: `JSON (line ${line}, column ${column}: ${what})` });
}

/** Where something is in a file. */
export type Path = readonly PropertyKey[];

const LONGEST_KEY = 40;
const PLAIN_KEY = /^[\w$@/+-]+(?:\.[\w$@/+-]+)*$/;

/** A key as it is, or in quotes where it could be taken for more than a key. */
function keyInWords(key: string): string {
  return PLAIN_KEY.test(key) && key.length <= LONGEST_KEY
    ? key
    : printable(JSON.stringify(shortened(key, LONGEST_KEY)));
}

/** `['layers', 3, 'stride']` → `layers[3].stride`. */
export function pathInWords(path: Path): string {
  let words = '';
  for (const key of path) {
    if (typeof key === 'number') words += `[${key}]`;
    else words += words === '' ? keyInWords(String(key)) : `.${keyInWords(String(key))}`;
  }
  return words;
}

/** What is found at a place of a value; undefined where there is nothing. */
export function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (at, key) =>
      typeof at === 'object' && at !== null && Object.hasOwn(at, key)
        ? (at as Record<PropertyKey, unknown>)[key]
        : undefined,
    value,
  );
}

/** A list's or a text's fewest, a number's least. */
function atLeast({ origin, minimum, inclusive }: z.core.$ZodIssueTooSmall): string {
  if (origin === 'array') return `at least ${minimum} entries`;
  if (origin === 'string') return minimum === 1 ? 'a text that is not empty' : `at least ${minimum} characters`;
  return `a number ${inclusive ? '≥' : '>'} ${minimum}`;
}

function atMost({ origin, maximum, inclusive }: z.core.$ZodIssueTooBig): string {
  if (origin === 'array') return `at most ${maximum} entries`;
  if (origin === 'string') return `at most ${maximum} characters`;
  return `a number ${inclusive ? '≤' : '<'} ${maximum}`;
}

/** What a schema's own message is made of where it has none of its own. */
function isOwnWords(issue: z.core.$ZodIssue): boolean {
  return !/^(Too (small|big)|Invalid )/.test(issue.message);
}

function expectation(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      if (typeof issue.input === 'number' && issue.expected === 'number') return 'a finite number';
      return issue.expected === 'int' ? 'an integer' : `a value of type ${issue.expected}`;
    case 'too_small':
      return isOwnWords(issue) ? issue.message : atLeast(issue);
    case 'too_big':
      return isOwnWords(issue) ? issue.message : atMost(issue);
    case 'invalid_value':
      return issue.values.length === 1
        ? JSON.stringify(issue.values[0])
        : `one of ${issue.values.map((value) => String(value)).join(', ')}`;
    case 'invalid_union':
      // A discriminated union knows its alternatives, another has words of its own, or says what each of them expects.
      if ('options' in issue && Array.isArray(issue.options)) {
        return `one of ${(issue.options as unknown[]).map(String).join(', ')}`;
      }
      return isOwnWords(issue)
        ? issue.message
        : [...new Set(issue.errors.flatMap(([first]) => (first === undefined ? [] : [expectation(first)])))].join(
            ', or ',
          );
    default:
      return issue.message;
  }
}

/**
 * The issue that says most. Where a value is one of several things and plainly meant as one of them (a list, an object),
 * the only alternative that looked into it knows better what is wrong.
 */
function mostTelling(issue: z.core.$ZodIssue): z.core.$ZodIssue {
  if (issue.code !== 'invalid_union') return issue;
  const lookedInto = (each: z.core.$ZodIssue): boolean =>
    each.path.length > 0 ||
    (each.code === 'invalid_type' ? (each.expected as string) === 'int' : each.code !== 'invalid_value');
  const within = issue.errors.flatMap(([first]) => (first !== undefined && lookedInto(first) ? [first] : []));
  const [only, ...others] = within;
  if (only === undefined || others.length > 0) return issue;
  return mostTelling({ ...only, path: [...issue.path, ...only.path] });
}

/** The word among those that could stand here that was probably meant: `; did you mean max-pool?`, or nothing. */
function meant(issue: z.core.$ZodIssue, found: unknown): string {
  if (typeof found !== 'string') return '';
  if (issue.code === 'invalid_value') return didYouMean(found, issue.values.map(String));
  if (issue.code !== 'invalid_union' || !('options' in issue) || !Array.isArray(issue.options)) return '';
  return didYouMean(found, (issue.options as unknown[]).map(String));
}

/** What a file calls things, where that is not what the schema calls them. */
export interface Wording {
  /** The layer that a place belongs to, by the name that the value there has. */
  readonly layerAt?: (value: unknown, path: Path) => string | undefined;
}

/** The problems that an issue stands for: one for each key that should not be there. */
function* problemsOf(raw: z.core.$ZodIssue, value: unknown, file: string, wording: Wording): Generator<InputProblem> {
  const issue = mostTelling(raw);
  const layer = wording.layerAt?.(value, issue.path);
  const at = (path: Path) => ({ file, path: pathInWords(path), layer, value: valueAt(value, path) });
  if (issue.code === 'unrecognized_keys') {
    for (const key of issue.keys) {
      const expected = `no such field${didYouMean(key, issue.message.split('\n'))}`;
      yield { ...at([...issue.path, key]), expected };
    }
    return;
  }
  const found = at(issue.path);
  const isMissing = found.value === undefined && issue.path.length > 0;
  const expected = isMissing ? `${expectation(issue)} (it is missing)` : expectation(issue);
  yield { ...found, expected: expected + meant(issue, found.value) };
}

/**
 * The first issue of each place: a number that is not positive is not at least a thousandth either. Of two that say that
 * it is too large, the one that knows why: the other is that of all whole numbers.
 */
function onePerPlace(issues: readonly z.core.$ZodIssue[]): z.core.$ZodIssue[] {
  const kept: z.core.$ZodIssue[] = [];
  for (const issue of issues) {
    const before = kept.at(-1);
    const isSamePlace =
      before !== undefined &&
      before.code !== 'unrecognized_keys' &&
      before.path.length === issue.path.length &&
      before.path.every((key, place) => key === issue.path[place]);
    if (!isSamePlace) kept.push(issue);
    else if (before.code === 'too_big' && !isOwnWords(before) && issue.code === 'too_big')
      kept[kept.length - 1] = issue;
  }
  return kept;
}

/** Whether most of what a file holds is nothing that it should hold: of a file of another kind one problem says enough. */
function isOfAnotherKind(issues: readonly z.core.$ZodIssue[], value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const unknown = issues.find((issue) => issue.code === 'unrecognized_keys' && issue.path.length === 0);
  return unknown?.code === 'unrecognized_keys' && 2 * unknown.keys.length > Object.keys(value).length;
}

/** The message about a field that an object may not have: those that it may have, a line each. */
const FIELDS_AS_MESSAGE: z.core.$ZodErrorMap = ({ code, inst }) =>
  code === 'unrecognized_keys' && inst !== undefined && 'shape' in inst
    ? Object.keys(inst.shape as object).join('\n')
    : undefined;

/** Validates `value` against `schema`; throws an InputError that names everything that is wrong. */
export function validate<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  file: string,
  wording: Wording = {},
): z.output<Schema> {
  const parsed = schema.safeParse(value, { reportInput: true, error: FIELDS_AS_MESSAGE });
  if (parsed.success) return parsed.data;
  const problems = new Problems();
  const issues = onePerPlace(parsed.error.issues);
  for (const issue of isOfAnotherKind(issues, value) ? issues.slice(0, 1) : issues) {
    for (const problem of problemsOf(issue, value, file, wording)) problems.add(problem);
  }
  problems.throwIfAny();
  throw new InputError({ file, path: '', expected: 'something else' });
}
