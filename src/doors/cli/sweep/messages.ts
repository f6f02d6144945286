/** What a worker thread of a sweep answers to a job. */
import type { Answered } from './answer.ts';

/** How much of an evaluation that takes its time is done; or the answer. */
export type Answer = { readonly share: number } | Answered;
