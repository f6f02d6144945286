/** What a worker thread of a sweep answers to a job. */

import type { InputProblem } from '../../../model/schemas/inputError.ts';
import type { CostRecord } from './jobs.ts';

/** How much of an evaluation that takes its time is done; the costs in the order of the job's keys; or what the user got wrong. */
export type Answer =
  | { readonly share: number }
  | { readonly costs: CostRecord['costs'] }
  | { readonly problems: readonly InputProblem[] };
