/** Text of a file → a validated value, or an InputError. The only place where zod's issues become our words. */
import type { z } from 'zod';
import { InputError } from './inputError.ts';

/** Parses JSON text; throws an InputError that names the file when it is not JSON. */
export function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new InputError({ file, path: '', expected: `JSON (${(error as Error).message})` });
  }
}

/** `['layers', 3, 'stride']` → `layers[3].stride`. */
function pathInWords(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (words, key) =>
      typeof key === 'number' ? `${words}[${key}]` : words === '' ? String(key) : `${words}.${String(key)}`,
    '',
  );
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key], value);
}

function expectation(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      if (typeof issue.input === 'number' && issue.expected === 'number') return 'a finite number';
      return issue.expected === 'int' ? 'an integer' : `a value of type ${issue.expected}`;
    case 'too_small':
      return issue.origin === 'array'
        ? `at least ${issue.minimum} entries`
        : `a number ${issue.inclusive ? '≥' : '>'} ${issue.minimum}`;
    case 'too_big':
      return issue.origin === 'array'
        ? `at most ${issue.maximum} entries`
        : `a number ${issue.inclusive ? '≤' : '<'} ${issue.maximum}`;
    case 'invalid_value':
      return issue.values.length === 1
        ? JSON.stringify(issue.values[0])
        : `one of ${issue.values.map((value) => String(value)).join(', ')}`;
    case 'unrecognized_keys':
      return 'no such field';
    case 'invalid_union':
      // A discriminated union knows its alternatives; without them there is nothing better to say.
      return 'options' in issue && Array.isArray(issue.options)
        ? `one of ${(issue.options as unknown[]).map(String).join(', ')}`
        : issue.message;
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
  const lookedInto = ({ path, code }: z.core.$ZodIssue): boolean =>
    path.length > 0 || (code !== 'invalid_type' && code !== 'invalid_value');
  const within = issue.errors.flatMap(([first]) => (first !== undefined && lookedInto(first) ? [first] : []));
  const [only, ...others] = within;
  if (only === undefined || others.length > 0) return issue;
  return mostTelling({ ...only, path: [...issue.path, ...only.path] });
}

/** Validates `value` against `schema`; the first problem is thrown as an InputError. */
export function validate<Schema extends z.ZodType>(schema: Schema, value: unknown, file: string): z.output<Schema> {
  const parsed = schema.safeParse(value, { reportInput: true });
  if (parsed.success) return parsed.data;
  const issue = mostTelling(parsed.error.issues[0]!);
  if (issue.code === 'unrecognized_keys') {
    const path = [...issue.path, issue.keys[0]!];
    throw new InputError({ file, path: pathInWords(path), value: valueAt(value, path), expected: 'no such field' });
  }
  const found = valueAt(value, issue.path);
  const expected =
    found === undefined && issue.path.length > 0 ? `${expectation(issue)} (it is missing)` : expectation(issue);
  throw new InputError({ file, path: pathInWords(issue.path), value: found, expected });
}
