/** A walk of the ladder as CSV: one row per layer, cycles per step and what each step adds. */
import type { ComparedPrediction } from '../../studies/check/against.ts';
import type { CheckedLayer, CheckReport } from './checkReport.ts';
import { type CsvRow, csvPieces } from './csvPieces.ts';
import { workColumns } from './workColumns.ts';

const prefixed = (prefix: string, values: Readonly<Record<string, number>>): Record<string, number> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [`${prefix}.${name}`, value]));

function rowOf(layer: CheckedLayer, prediction: ComparedPrediction | undefined): CsvRow {
  return {
    layer: layer.name,
    op: layer.op,
    unit: layer.unit,
    ...prefixed('cycles', layer.cycles),
    ...prefixed('difference', layer.differences),
    ...prefixed('waitingCycles', { ...layer.why.waiting }),
    ...Object.fromEntries(workColumns(layer.why)),
    opsPerDramByte: layer.why.opsPerDramByte,
    roof: layer.why.roof,
    predictedCycles: prediction?.predicted ?? '',
    predictionError: prediction?.error ?? '',
    words: layer.words.join('; '),
  };
}

function* rowsOf({ layers, totals, against }: CheckReport): Generator<CsvRow> {
  const predicted = new Map(against?.layers.map((layer) => [layer.name, layer]));
  for (const layer of layers) yield rowOf(layer, predicted.get(layer.name));
  for (const unit of ['SA', 'SIMD', 'all'] as const) {
    const { cycles, differences } = totals[unit];
    yield { layer: 'total', op: '', unit, ...prefixed('cycles', cycles), ...prefixed('difference', differences) };
  }
}

/** All layers, then the totals, in pieces; with `against`, the user's prediction beside them. */
export function* checkCsv(report: CheckReport): Generator<string> {
  yield* csvPieces(Object.keys(rowOf(report.layers[0]!, undefined)), rowsOf(report));
}
