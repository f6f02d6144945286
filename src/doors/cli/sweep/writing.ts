/** What the system refuses to write, a full disk for instance, is no bug of ours. */
import { InputError, type InputProblem } from '../../../model/schemas/inputError.ts';

/** Does something with a file; an InputError about `where` says why it cannot be done. */
export function writing<Result>(where: Omit<InputProblem, 'path' | 'expected'>, action: () => Result): Result {
  try {
    return action();
  } catch (error) {
    const expected = `a file that can be written (${(error as Error).message})`;
    throw new InputError({ ...where, path: '', expected });
  }
}
