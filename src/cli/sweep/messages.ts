/** What the main thread and the workers of a sweep say to each other. */
import type { Unit } from '../../explore/costKeys.ts';
import type { Cost } from '../../explore/networkCosts.ts';
import type { InputProblem } from '../../spec/inputError.ts';

/** Evaluate these. */
export interface Job {
  /** Its name in the sweep (see modelName). */
  readonly model: string;
  readonly unit: Unit;
  readonly keys: readonly number[];
}

/** How much of an evaluation that takes its time is done; the costs in the order of the job's keys; or what the user got wrong. */
export type Answer =
  | { readonly share: number }
  | { readonly costs: readonly (Cost | null)[] }
  | { readonly problem: InputProblem };
