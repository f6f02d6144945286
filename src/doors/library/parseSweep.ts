/** Plain data → a sweep. */
import { parseSweep as parseSweepFile, type SweepSpec } from '../../studies/sweep/sweepSpec.ts';
import { expectInputs } from './kinds.ts';
import { type DataOrigin, ORIGIN } from './parse.ts';

/** What a sweep varies and seeks, from the data of a sweep file. Throws an InputError that names everything wrong. */
export function parseSweep(value: unknown, options: DataOrigin = {}): SweepSpec {
  expectInputs(ORIGIN, { options });
  const { file = 'sweep' } = options;
  return parseSweepFile(value, file);
}
