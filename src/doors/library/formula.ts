/** Formulas: what messages say of one that is none, and formulas that are a user's functions. */
import {
  FORMULA_COLUMNS,
  type Formula,
  type FormulaCode,
  formulaOf as formulaOfCode,
} from '../../model/formulas/formula.ts';
import { callback, data, expectInputs, type KindsOf, list, maybe, text, word } from './kinds.ts';

/** A formula that is ready to be asked. */
export const FORMULA = data('a formula, as loadFormula, parseFormula or formulaOf give', {
  name: text,
  description: maybe(text),
  source: maybe(text),
  columns: list('a list of columns', text),
  on: callback,
} satisfies KindsOf<Formula>);

const CODE = data('an object with a name and a function that evaluates', {
  name: text,
  description: maybe(text),
  source: maybe(text),
  columns: maybe(list('a list of columns', word(FORMULA_COLUMNS))),
  evaluate: callback,
} satisfies KindsOf<FormulaCode>);

/**
 * A formula from code. What it returns is checked: each column must be a finite number. Throws an InputError for what is
 * no such code.
 */
export function formulaOf(code: FormulaCode): Formula {
  expectInputs({ formula: CODE }, { formula: code });
  return formulaOfCode(code);
}
