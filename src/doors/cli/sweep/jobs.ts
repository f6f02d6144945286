/** What a sweep evaluates, in pieces that threads and hosts take one by one. */
import type { Part } from '../../../studies/sweep/costKeys.ts';
import { type Cost, partsOf } from '../../../studies/sweep/networkCosts.ts';
import type { Sweep } from '../../../studies/sweep/sweep.ts';
import type { Need } from '../../library/sweepSearch.ts';

/** Evaluate these. */
export interface Job {
  /** Its name in the sweep (see modelName and ownModel). */
  readonly model: string;
  readonly part: Part;
  readonly keys: readonly number[];
}

/** What they cost, in the order of the keys; null where a layer does not fit. */
export interface CostRecord extends Job {
  readonly costs: readonly (Cost | null)[];
}

/** Evaluations per job: enough that messages cost little, few enough that a kill loses little. */
const keysPerJob = (model: string): number => (model === 'closed-form' ? 256 : 1);

/** All that a need comes to as jobs, whether known or not; neighbouring keys, which share tiles, stay together. */
export function jobsOf(sweep: Sweep, { model, evaluations }: Need): Job[] {
  return partsOf(sweep.costs(model)).flatMap(([part]) => {
    const keys = [...evaluations[part]].sort((a, b) => a - b);
    const jobs: Job[] = [];
    for (let from = 0; from < keys.length; from += keysPerJob(model)) {
      jobs.push({ model, part, keys: keys.slice(from, from + keysPerJob(model)) });
    }
    return jobs;
  });
}

/** What of some jobs is not known yet, as jobs. */
export function unknownOf(sweep: Sweep, jobs: readonly Job[]): Job[] {
  return jobs.flatMap((job) => {
    const { known } = sweep.costs(job.model).parts[job.part]!;
    const keys = job.keys.filter((key) => !known.has(key));
    return keys.length === 0 ? [] : [{ ...job, keys }];
  });
}

/** How many evaluations jobs come to. */
export function evaluationsIn(jobs: readonly Job[]): number {
  return jobs.reduce((sum, { keys }) => sum + keys.length, 0);
}

/** From now on the sweep knows what a record says. */
export function learn(sweep: Sweep, { model, part, keys, costs }: CostRecord): void {
  const { known } = sweep.costs(model).parts[part]!;
  keys.forEach((key, place) => {
    known.set(key, costs[place] ?? undefined);
  });
}

/** Does jobs, somewhere; `take` gets each answer as it comes and may throw what ends it all. Throws Interrupted on Ctrl-C. */
export type Evaluator = (jobs: readonly Job[], take: (record: CostRecord) => void) => Promise<void>;
