/** Plain data → a sweep. */
import { parseSweep as parseSweepFile, type SweepSpec } from '../../studies/sweep/sweepSpec.ts';
import type { DataOrigin } from './parse.ts';

/** What a sweep varies and seeks, from the data of a sweep file. Throws an InputError that names everything wrong. */
export function parseSweep(value: unknown, { file = 'sweep' }: DataOrigin = {}): SweepSpec {
  return parseSweepFile(value, file);
}
