/**
 * What the user got wrong, as data; the words are made here and nowhere else.
 * The command line prints the message and exits with 2.
 */
export interface InputProblem {
  /** The file, or the command-line option, that holds the value. */
  readonly file: string;
  /** Where in the file: `sramKiB.wbuf`, `layers[3].stride`; empty for the whole file. */
  readonly path: string;
  /** The value found there; leave it out where nothing was found. */
  readonly value?: unknown;
  readonly expected: string;
}

const LONGEST_VALUE = 60;

/** A value as JSON, but what is too large for a number, such as 1e999, is not null. */
function valueInWords(value: unknown): string {
  if (typeof value === 'number') return String(value);
  const finite = (_: string, part: unknown): unknown =>
    typeof part === 'number' && !Number.isFinite(part) ? String(part) : part;
  return JSON.stringify(value, finite) ?? String(value);
}

function inWords(problem: InputProblem): string {
  const place = problem.path === '' ? problem.file : `${problem.file}: ${problem.path}`;
  if (!('value' in problem) || problem.value === undefined) return `${place}: expected ${problem.expected}`;
  const value = valueInWords(problem.value);
  const shown = value.length > LONGEST_VALUE ? `${value.slice(0, LONGEST_VALUE)}…` : value;
  return `${place}: got ${shown}, expected ${problem.expected}`;
}

/** The user's input is wrong: names file, path, value and what was expected. */
export class InputError extends Error {
  readonly problem: InputProblem;

  constructor(problem: InputProblem) {
    super(inWords(problem));
    this.name = 'InputError';
    this.problem = problem;
  }
}

/** The simulator contradicts itself: our bug, never the user's. The command line exits with 70. */
export class InternalError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'InternalError';
  }
}
