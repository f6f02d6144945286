/**
 * The language in which a DRAM file states timing: rows "so many cycles from these commands to those, on the same node
 * of this level", each naming the parameters that its cycles come from, so that one effect can be taken away.
 */
import { compileExpression, ExpressionError } from '../expressions/expression.ts';
import type { Command, Level } from './dramNames.ts';
import type { Constraint } from './dramRowSchema.ts';

export { COMMANDS, type Command, LEVELS, type Level } from './dramNames.ts';
export type { Constraint } from './dramRowSchema.ts';

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
