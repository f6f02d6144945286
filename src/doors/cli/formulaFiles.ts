/** Formulas by name or file. */
import type { Formula } from '../../model/formulas/formula.ts';
import { parseFormula } from '../../model/formulas/parseFormula.ts';
import { presetNames, readJson } from './files.ts';

/** Where the formulas that come along lie. */
export const FORMULA_FOLDER = 'hw/formulas';

/** Whether a name is that of a formula: one that comes along, or a formula file of the user's. */
export function isFormula(nameOrPath: string): boolean {
  const asked = nameOrPath.toLowerCase();
  return asked.endsWith('.json') || presetNames(FORMULA_FOLDER).some((name) => name.toLowerCase() === asked);
}

/** A formula that comes along, by its name, or a file of the user's. */
export function loadFormula(nameOrPath: string, option = 'formula'): Formula {
  const { value, file } = readJson(nameOrPath, FORMULA_FOLDER, option);
  return parseFormula(value, file);
}
