/** What a unit waited for, in words. */
import { percent } from './numbers.ts';

/** Causes below this share of the cycles are not worth a reader's time. */
const SMALLEST_SHARE = 0.005;

/** A cause with its share of some cycles. */
export interface SharedCause {
  readonly cause: string;
  readonly share: number;
}

/** The causes of waiting that take a share of some cycles worth a word, the largest first. */
export function largestCauses(waiting: Readonly<Record<string, number>>, cycles: number): SharedCause[] {
  return Object.entries(waiting)
    .map(([cause, waited]) => ({ cause, share: waited / cycles }))
    .filter(({ share }) => share >= SMALLEST_SHARE)
    .sort((a, b) => b.share - a.share);
}

/** The largest causes in a list: `psumLoad 41.0%, weight 3.2%`. */
export function waitedFor(waiting: Readonly<Record<string, number>>, cycles: number): string {
  return largestCauses(waiting, cycles)
    .map(({ cause, share }) => `${cause} ${percent(share)}`)
    .join(', ');
}
