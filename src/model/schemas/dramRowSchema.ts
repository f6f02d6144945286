/** A row of a DRAM file's timing, as it is written. */
import { z } from 'zod';
import { BOUNDS, wholeWithin } from './bounds.ts';
import { COMMANDS, LEVELS } from './dramNames.ts';

const commands = z.array(z.enum(COMMANDS)).min(1);

export const constraintSchema = z.strictObject({
  level: z.enum(LEVELS).describe('Where both commands are: on the same node of this level.'),
  from: commands.describe('Any of these commands, the earlier one.'),
  to: commands.describe('Any of these, the later one.'),
  cycles: z
    .string()
    .min(1)
    .describe('From the one to the other at least, by timing parameters: "CL + burst + 2 - CWL".'),
  window: wholeWithin(BOUNDS.window)
    .optional()
    .describe('Counted from the n-th last of the earlier commands: 4 for FAW.'),
  other: z
    .literal(true)
    .optional()
    .describe('The later command is on another node of the level, under the same node of the level above.'),
});

/** A row of a DRAM file. */
export type Constraint = Readonly<z.infer<typeof constraintSchema>>;
