/**
 * The language in which a DRAM file states timing: rows "so many cycles from these commands to those, on the same node
 * of this level", each naming the parameters that its cycles come from, so that one effect can be taken away.
 */
import { compileExpression, ExpressionError } from '../expressions/expression.ts';
import type { Constraint } from './dramRowSchema.ts';

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
