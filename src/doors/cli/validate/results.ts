/** The folder of a validation: its result, all cases, and plots. */
import { join } from 'node:path';
import type { FormulaValidation, Validation } from '../../../studies/check/validation.ts';
import { validationCasesCsv, validationCsv } from '../../../views/report/validationCsv.ts';
import type { ValidationReport } from '../../../views/report/validationReport.ts';
import { validationSvgs } from '../figureSvg.ts';
import { jsonResult } from '../jsonResult.ts';
import { emit } from '../output/emit.ts';

/** A formula's name as part of a file's. */
const inFileName = (name: string): string =>
  name.replaceAll(/[^\p{L}\p{N}._-]+/gu, '-').replace(/^[.-]+/, '') || 'formula';

/** Names for files, of which no two are the same. */
function fileNames(formulas: readonly FormulaValidation[]): string[] {
  const seen = new Map<string, number>();
  return formulas.map(({ estimator }) => {
    const name = inFileName(estimator.name);
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    return count === 1 ? name : `${name}-${count}`;
  });
}

/** `result.json`, `statistics.csv`, `cases.csv`, and two plots of each formula. */
export async function writeResults(folder: string, validation: Validation, report: ValidationReport): Promise<void> {
  await emit(jsonResult(report), join(folder, 'result.json'));
  await emit(validationCsv(report), join(folder, 'statistics.csv'));
  await emit(validationCasesCsv(validation), join(folder, 'cases.csv'));
  const names = fileNames(validation.formulas);
  for (const [place, formula] of validation.formulas.entries()) {
    if (formula.cases.length === 0) continue;
    for (const [kind, svg] of await validationSvgs(formula)) {
      await emit(svg, join(folder, `${kind}-${names[place]}.svg`));
    }
  }
}
