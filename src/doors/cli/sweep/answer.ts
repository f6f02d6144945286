/** Answers jobs of one sweep, in whichever thread. */
import { InputError, type InputProblem } from '../../../model/schemas/inputError.ts';
import type { Watch } from '../../../studies/sweep/networkCosts.ts';
import { prepareSweep, type SweepInput } from '../../../studies/sweep/sweep.ts';
import type { CostRecord, Job } from './jobs.ts';

/** The costs in the order of the job's keys; or what the user got wrong. */
export type Answered = { readonly costs: CostRecord['costs'] } | { readonly problems: readonly InputProblem[] };

/** Prepares a sweep and answers its jobs; `watch` is told how far the evaluation that runs has come. */
export function answering(input: SweepInput, watch: Watch): (job: Job) => Answered {
  const sweep = prepareSweep(input, watch);
  return ({ model, part, keys }) => {
    const { key, at, known } = sweep.costs(model).parts[part]!;
    known.clear(); // whoever asks remembers, and asks for nothing twice
    try {
      return { costs: keys.map((number) => at(key.digits(number)) ?? null) };
    } catch (error) {
      if (error instanceof InputError) return { problems: error.problems };
      throw error;
    }
  };
}
