/** Files that are not ours are turned into ours before they are checked; messages speak of what stands in the file. */
import { InputError, type InputProblem } from './inputError.ts';

/** Places in our form, and where the value there comes from in the file: `program[0].stride` from `program[0].operation_parameters.sy`. */
export type FileWords = Readonly<Record<string, string>>;

/** A problem with the place in the file itself. */
export function inFileWords(problem: InputProblem, words: FileWords | undefined): InputProblem {
  const path = words !== undefined && Object.hasOwn(words, problem.path) ? words[problem.path]! : problem.path;
  return { ...problem, path };
}

/** What `read` returns; what it finds wrong is said in the file's own words. */
export function withFileWords<Result>(words: FileWords, read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(error.problems.map((problem) => inFileWords(problem, words)));
  }
}
