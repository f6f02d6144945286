/** A walk of the ladder as CSV: one row per layer, cycles per step and what each step adds. */
import type { CheckReport } from './checkReport.ts';
import { csvText } from './csvText.ts';
import { workColumns } from './workColumns.ts';

/** All layers, then the totals; with `against`, the user's prediction beside them. */
export function checkCsv(report: CheckReport): string {
  const predicted = new Map(report.against?.layers.map((layer) => [layer.name, layer]));
  const prefixed = (prefix: string, values: Readonly<Record<string, number>>): Record<string, number> =>
    Object.fromEntries(Object.entries(values).map(([name, value]) => [`${prefix}.${name}`, value]));
  const rows: Record<string, string | number>[] = report.layers.map((layer) => ({
    layer: layer.name,
    op: layer.op,
    unit: layer.unit,
    ...prefixed('cycles', layer.cycles),
    ...prefixed('difference', layer.differences),
    ...prefixed('waitingCycles', { ...layer.why.waiting }),
    ...Object.fromEntries(workColumns(layer.why)),
    opsPerDramByte: layer.why.opsPerDramByte,
    roof: layer.why.roof,
    predictedCycles: predicted.get(layer.name)?.predicted ?? '',
    predictionError: predicted.get(layer.name)?.error ?? '',
    words: layer.words.join('; '),
  }));
  for (const unit of ['SA', 'SIMD', 'all'] as const) {
    const { cycles, differences } = report.totals[unit];
    rows.push({ layer: 'total', op: '', unit, ...prefixed('cycles', cycles), ...prefixed('difference', differences) });
  }
  return csvText(rows, { header: true, columns: Object.keys(rows[0]!) });
}
