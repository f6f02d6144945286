/** What the main thread and the workers of a sweep say to each other. */

import type { InputProblem } from '../../../model/schemas/inputError.ts';
import type { Part } from '../../../studies/sweep/costKeys.ts';
import type { Cost } from '../../../studies/sweep/networkCosts.ts';

/** Evaluate these. */
export interface Job {
  /** Its name in the sweep (see modelName). */
  readonly model: string;
  readonly part: Part;
  readonly keys: readonly number[];
}

/** How much of an evaluation that takes its time is done; the costs in the order of the job's keys; or what the user got wrong. */
export type Answer =
  | { readonly share: number }
  | { readonly costs: readonly (Cost | null)[] }
  | { readonly problems: readonly InputProblem[] };
