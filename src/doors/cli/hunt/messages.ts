/** What the main thread and the workers of a hunt say to each other. */
import type { InputProblem } from '../../../model/schemas/inputError.ts';
import type { HuntSpec } from '../../../studies/hunt/hunt.ts';
import type { SearchResult } from '../../../studies/hunt/search.ts';

/** All that decides what a search comes to, in plain data. */
export interface HuntWork {
  /** The data of the formula's file, and what to call that. */
  readonly formula: { readonly value: unknown; readonly file: string };
  readonly spec: HuntSpec;
}

/** Run the search of this number. */
export type Job = number;

/** What it has come to, or what the user got wrong. */
export type Answer = { readonly result: SearchResult } | { readonly problems: readonly InputProblem[] };
