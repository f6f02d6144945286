/**
 * What the user got wrong, as data; the words are made here and nowhere else.
 * The command line prints a line per problem and exits with 2.
 */
import { didYouMean } from './nearest.ts';
import { printable, shortened, shownName } from './printable.ts';

export interface InputProblem {
  /** The file, or the command-line option, that holds the value. */
  readonly file: string;
  /** Where in the file: `sramKiB.wbuf`, `layers[3].stride`; empty for the whole file. */
  readonly path: string;
  /** The layer that it is about, by its name. */
  readonly layer?: string | undefined;
  /** The value found there; leave it out where nothing was found. */
  readonly value?: unknown;
  readonly expected: string;
}

const LONGEST_VALUE = 60;
/** Brackets of a value inside one another that are still shown. */
const DEEPEST_SHOWN = 8;
/** Problems that are told; the others are counted. */
const MOST_PROBLEMS = 20;

/** A number as it stands in the file or, where it is too large for one (1e999), not as null. */
function scalarInWords(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}

/** The beginning of a value as JSON: no more of it is looked at than is shown. */
function jsonOf(value: unknown, depth: number, most: number): string {
  if (typeof value !== 'object' || value === null) return scalarInWords(value);
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  if (depth === DEEPEST_SHOWN) return `${open}…${close}`;
  let text = open!;
  // Not Object.entries: a list of a million would be copied for the first few.
  for (const key in value) {
    const part = (value as Record<string, unknown>)[key];
    if (!Object.hasOwn(value, key) || part === undefined) continue;
    if (text.length > 1) text += ',';
    if (text.length > most) return `${text}…`;
    if (!Array.isArray(value)) text += `${JSON.stringify(shortened(key, LONGEST_VALUE))}:`;
    text += jsonOf(part, depth + 1, most - text.length);
  }
  return text + close;
}

/** A value in a few words: a text cut in the middle, a list or an object after its beginning. */
function valueInWords(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(shortened(value, LONGEST_VALUE));
  const text = jsonOf(value, 0, LONGEST_VALUE);
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}…` : text;
}

/** A problem in one line, in which nothing of the file is raw. */
function inWords({ file, path, layer, value, expected }: InputProblem): string {
  const where = [file, path].filter((part) => part !== '').join(': ');
  const got = value === undefined ? '' : `got ${valueInWords(value)}, `;
  const named = layer === undefined ? '' : ` (layer ${shownName(layer)})`;
  return printable(`${where}: ${got}expected ${expected}${named}`);
}

function isList(problem: InputProblem | readonly InputProblem[]): problem is readonly InputProblem[] {
  return Array.isArray(problem);
}

/** The user's input is wrong: names file, path, value and what was expected, of each thing that is wrong. */
export class InputError extends Error {
  readonly problems: readonly InputProblem[];

  /** One problem or more; the message is a line for each of the first twenty. */
  constructor(problem: InputProblem | readonly InputProblem[]) {
    const problems = isList(problem) ? problem : [problem];
    const told = problems.slice(0, MOST_PROBLEMS).map(inWords);
    const left = problems.length - told.length;
    super([...told, ...(left > 0 ? [`… and ${left} more`] : [])].join('\n'));
    this.name = 'InputError';
    this.problems = problems;
  }

  /** The first of them. */
  get problem(): InputProblem {
    return this.problems[0]!;
  }
}

/** Collects what is wrong with an input, so that all of it is told at once. */
export class Problems {
  private readonly found: InputProblem[] = [];

  /** `; did you mean conv1?`, or nothing where no word is near, or where nobody would see it. */
  didYouMean(word: string, words: Iterable<string>): string {
    return this.found.length < MOST_PROBLEMS ? didYouMean(word, words) : '';
  }

  add(problem: InputProblem): void {
    this.found.push(problem);
  }

  /** Throws an InputError with all of them, if there are any. */
  throwIfAny(): void {
    if (this.found.length > 0) throw new InputError(this.found);
  }
}

/** The simulator contradicts itself: our bug, never the user's. The command line exits with 70. */
export class InternalError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'InternalError';
  }
}
