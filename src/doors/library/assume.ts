/** Which assumptions the machine makes, by name. */
import { assumptionsNamed } from '../../model/schedule/assumptionNames.ts';
import type { Assumption, Assumptions } from '../../model/schedule/assumptions.ts';
import { InputError } from '../../model/schemas/inputError.ts';
import { anything } from './kinds.ts';

/**
 * A switch of the machine: an assumption, or `keep-resident`, the opposite of `reload-operands`; or several: the
 * `paper`'s four, or those of the `hardware`, which are what holds where nothing is said.
 */
export type AssumptionName = Assumption | 'keep-resident' | 'paper' | 'hardware';

/** One name or several; without `keep-resident` operands are reloaded. */
export type Assume = AssumptionName | readonly AssumptionName[];

/** What names of assumptions may be: `assumptionsMeant` says. */
export const ASSUME = anything;

/** The assumptions meant; throws an InputError for a name that is none and for two that exclude each other. */
export function assumptionsMeant(assume: Assume): Assumptions {
  const asked: readonly string[] = Array.isArray(assume) ? assume : [assume];
  return assumptionsNamed(asked, ({ expected, unknown }) => {
    const value = unknown?.name ?? assume;
    throw new InputError({ file: 'options', path: 'assume', value, expected: expected + (unknown?.meant ?? '') });
  });
}
