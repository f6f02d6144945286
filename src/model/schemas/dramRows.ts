/**
 * The language in which a DRAM file states timing: rows "so many cycles from these commands to those, on the same node
 * of this level", each naming the parameters that its cycles come from, so that one effect can be taken away.
 */
import { z } from 'zod';
import { compileExpression, ExpressionError } from '../expressions/expression.ts';
import { BOUNDS, wholeWithin } from './bounds.ts';

/** The levels of a channel's tree, from the channel itself down to a bank. */
export const LEVELS = ['channel', 'pseudo channel', 'rank', 'stack', 'bank group', 'bank'] as const;
export type Level = (typeof LEVELS)[number];

/** The commands that rows are about; PREab and REFab act on all banks of a node, the others on one bank. */
export const COMMANDS = ['ACT', 'PREpb', 'PREab', 'RD', 'WR', 'REFab', 'REFpb'] as const;
export type Command = (typeof COMMANDS)[number];

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

/** Timing parameters by name, in cycles. */
export type Timing = Readonly<Record<string, number | undefined>>;

/**
 * The cycles of a row, before the lengths of its commands count. Throws an ExpressionError where the text is none or
 * names a parameter that there is not, or where what comes of it is no whole number.
 */
export function cyclesOf({ cycles }: Pick<Constraint, 'cycles'>, timing: Timing): number {
  const known = Object.keys(timing).filter((name) => timing[name] !== undefined);
  const { type, evaluate } = compileExpression(cycles, {
    known,
    read: (name) => (known.includes(name) ? { type: 'number', read: (from: Timing) => from[name]! } : undefined),
  });
  const value = evaluate(timing);
  if (type !== 'number' || !Number.isSafeInteger(value)) throw new ExpressionError('a whole number of cycles', 1);
  return value as number;
}

const row = (
  level: Level,
  from: Command[],
  to: Command[],
  cycles: string,
  more: Partial<Constraint> = {},
): Constraint => ({
  level,
  from,
  to,
  cycles,
  ...more,
});

/** The rows of a file that states none: what DDR4 and HBM2 have in common. */
export const COMMON_CONSTRAINTS: readonly Constraint[] = [
  row('channel', ['RD'], ['RD'], 'burst'),
  row('channel', ['WR'], ['WR'], 'burst'),
  row('rank', ['RD'], ['RD'], 'CCD_S'),
  row('rank', ['WR'], ['WR'], 'CCD_S'),
  row('rank', ['RD'], ['WR'], 'CL + burst + RTW - CWL'),
  row('rank', ['WR'], ['RD'], 'CWL + burst + WTR_S'),
  row('rank', ['RD'], ['PREab'], 'RTP'),
  row('rank', ['WR'], ['PREab'], 'CWL + burst + WR'),
  row('rank', ['ACT'], ['ACT'], 'RRD_S'),
  row('rank', ['ACT'], ['ACT'], 'FAW', { window: 4 }),
  row('rank', ['ACT'], ['PREab'], 'RAS'),
  row('rank', ['PREab'], ['ACT'], 'RP'),
  row('rank', ['ACT'], ['REFab'], 'RC'),
  row('rank', ['PREpb', 'PREab'], ['REFab'], 'RP'),
  row('rank', ['REFab'], ['ACT', 'PREab'], 'RFC'),
  row('bank group', ['RD'], ['RD'], 'CCD_L'),
  row('bank group', ['WR'], ['WR'], 'CCD_L'),
  row('bank group', ['WR'], ['RD'], 'CWL + burst + WTR_L'),
  row('bank group', ['ACT'], ['ACT'], 'RRD_L'),
  row('bank', ['ACT'], ['ACT'], 'RC'),
  row('bank', ['ACT'], ['RD'], 'RCD_RD'),
  row('bank', ['ACT'], ['WR'], 'RCD_WR'),
  row('bank', ['ACT'], ['PREpb'], 'RAS'),
  row('bank', ['PREpb'], ['ACT'], 'RP'),
  row('bank', ['RD'], ['PREpb'], 'RTP'),
  row('bank', ['WR'], ['PREpb'], 'CWL + burst + WR'),
];
