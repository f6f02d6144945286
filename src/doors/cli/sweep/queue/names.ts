/** What a sweep keeps in Redis, and under which names. */
import { createHash } from 'node:crypto';
import type { CostRecord, Job } from '../jobs.ts';

/** All keys begin so. */
export const PREFIX = 'systole';

/** The sweeps that are at work: builds by the sweeps' names. */
export const SWEEPS = `${PREFIX}:sweeps`;

/** Where a sweep's specification and files stand, as JSON. */
export const inputKey = (sweep: string): string => `${PREFIX}:input:${sweep}`;

/** What nobody asks for any more goes after a week. */
export const SECONDS_KEPT = 7 * 24 * 3600;

/** A batch of evaluations as it travels. */
export interface Batch extends Job {
  /** The sweep's fingerprint. */
  readonly sweep: string;
}

/** What a worker makes of a batch: cycles, joules and seconds each, or what is wrong with the sweep. */
export type BatchResult = {
  readonly milliseconds: number;
  /** How often the batch was begun. */
  readonly starts: number;
} & ({ readonly costs: readonly (readonly [number, number, number] | null)[] } | { readonly problems: string });

/** Costs as they travel. */
export const packed = (costs: CostRecord['costs']) =>
  costs.map((cost) => cost && ([cost.cycles, cost.joules, cost.seconds] as const));

/** Costs as the journal has them. */
export const unpacked = (costs: readonly (readonly [number, number, number] | null)[]): CostRecord['costs'] =>
  costs.map((cost) => cost && { cycles: cost[0], joules: cost[1], seconds: cost[2] });

const SWEEP_DIGITS = 16;
const BATCH_DIGITS = 24;

/** All ids of a sweep's batches begin so. */
export const idsOf = (sweep: string): string => `${sweep.slice(0, SWEEP_DIGITS)}-`;

/** The id of a batch: the same for the same evaluations, so that adding it twice does no harm. */
export function idOf({ sweep, model, part, keys }: Batch): string {
  const evaluations = createHash('sha256').update(JSON.stringify([model, part, keys]));
  return `${idsOf(sweep)}${evaluations.digest('hex').slice(0, BATCH_DIGITS)}`;
}
