/** Formulas on trial as CSV: statistics, a row per formula and group of cases, or all cases. */

import { relativeError } from '../../studies/check/errorStatistics.ts';
import type { Validation } from '../../studies/check/validation.ts';
import { type CsvRow, csvPieces } from './csvPieces.ts';
import { placeOf, type ValidationReport } from './validationReport.ts';

const STATISTIC_COLUMNS = [
  ...['formula', 'by', 'group', 'cases', 'meanAbsolute', 'bias', 'total', 'worst'],
  ...['within1', 'within5', 'within10', 'spearman'],
];

function* statisticRows({ formulas }: ValidationReport): Generator<CsvRow> {
  for (const { name: formula, all, byOperation, byNetwork, byHardware, byColumn } of formulas) {
    const groups = {
      all: all === undefined ? {} : { all },
      operation: byOperation,
      network: byNetwork,
      hardware: byHardware,
      column: byColumn,
    };
    for (const [by, statistics] of Object.entries(groups)) {
      for (const [group, { spearman, ...figures }] of Object.entries(statistics)) {
        yield { formula, by, group, ...figures, spearman: spearman ?? '' };
      }
    }
  }
}

/** The statistics of all formulas: of all cases, by operation, network, hardware and column. */
export function* validationCsv(report: ValidationReport): Generator<string> {
  yield* csvPieces(STATISTIC_COLUMNS, statisticRows(report));
}

const CASE_COLUMNS = [
  ...['formula', 'network', 'hardware', 'phase', 'batch', 'layer', 'op'],
  ...['predictedCycles', 'simulatedCycles', 'error'],
];

function* caseRows({ formulas }: Validation): Generator<CsvRow> {
  for (const { estimator, cases } of formulas) {
    for (const each of cases) {
      yield {
        formula: estimator.name,
        ...placeOf(each),
        batch: each.run.batch,
        predictedCycles: each.predicted,
        simulatedCycles: each.simulated,
        error: relativeError(each) ?? '',
      };
    }
  }
}

/** Every layer by every formula and by the machine, in cycles. */
export function* validationCasesCsv(validation: Validation): Generator<string> {
  yield* csvPieces(CASE_COLUMNS, caseRows(validation));
}
