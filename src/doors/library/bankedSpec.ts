/**
 * Whether the data of a banked memory are a memory as a whole: by the schema that files go through. Where that would be
 * loaded for nothing, as all memories have been parsed, `bankedSpecParsed.ts` is in place of this one.
 */
import { parseDram } from '../../model/schemas/dram.ts';
import { InputError } from '../../model/schemas/inputError.ts';
import { type Kind, within } from './kinds.ts';

/** The specification of a banked memory, whose fields are all there: each in its bounds, and all of them together. */
export const SOUND_SPEC: Kind = (value, path, complain) => {
  try {
    parseDram(value, '');
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    for (const { path: at, value: found, expected } of error.problems) complain(within(path, at), found, expected);
  }
};
