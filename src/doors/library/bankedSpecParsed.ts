/** What `bankedSpec.ts` is where memories have been parsed before: on the command line, and in a browser's worker. */
import { anything } from './kinds.ts';

/** Nothing more is asked than that all fields are there. */
export const SOUND_SPEC = anything;
