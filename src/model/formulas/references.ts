/** Formulas that are code of ours. */
import { closedForm } from '../analytical/closedForm.ts';
import { cornerCycles } from '../analytical/corner.ts';
import type { Variant } from '../analytical/multipliers.ts';
import type { Reference } from '../schemas/formulaFile.ts';
import { type Estimate, FORMULA_COLUMNS, type FormulaCode } from './formula.ts';

function closedFormAs(variant: Variant): Pick<FormulaCode, 'columns' | 'evaluate'> {
  return {
    columns: FORMULA_COLUMNS,
    evaluate: (layer, hardware): Estimate => {
      const {
        totalCycles: cycles,
        computeCycles,
        stallCycles,
        dramBits,
        sramBits,
      } = closedForm(layer, hardware, variant);
      return { cycles, computeCycles, stallCycles, dramBits, sramBits };
    },
  };
}

/** The code by the name that a formula file calls it by. */
export const REFERENCE_CODE: Readonly<Record<Reference, Pick<FormulaCode, 'columns' | 'evaluate'>>> = {
  published: closedFormAs('published'),
  ceiling: closedFormAs('ceiling'),
  // The traffic of both is the same; how a reduction's cycles divide, `corner` does not say.
  corner: {
    columns: FORMULA_COLUMNS.filter((column) => column !== 'computeCycles' && column !== 'stallCycles'),
    evaluate: (layer, hardware) => {
      const { dramBits, sramBits } = closedForm(layer, hardware, 'ceiling');
      return { cycles: cornerCycles(layer, hardware), dramBits, sramBits };
    },
  },
};
