/** A run as CSV: one row per layer, every column with its unit in its name. */
import { columnsOf, type Result } from '../../model/layers/result.ts';
import { csvText } from './csvText.ts';
import type { LayerReport, RunReport } from './runReport.ts';
import { workColumns } from './workColumns.ts';

function prefixed(prefix: string, values: Iterable<[string, number]>): [string, number][] {
  return [...values].map(([name, value]) => [`${prefix}.${name}`, value]);
}

/** With energy data, where they come from and the joules per component by both models. */
function energyColumns(layer: LayerReport, source: string | undefined): Record<string, string | number> {
  if (layer.energy === undefined || source === undefined) return {};
  const { closedForm, simulated } = layer.energy;
  return {
    energyData: source,
    ...Object.fromEntries([
      ...prefixed('closedForm.energy', columnsOf(closedForm)),
      ...prefixed('simulated.energy', columnsOf(simulated)),
    ]),
  };
}

function columnsOfLayer(layer: LayerReport, energyData: string | undefined): Record<string, string | number> {
  const { simulated } = layer;
  const common: Result = { ...simulated };
  const figures = [
    ...prefixed('closedForm', columnsOf(pick(layer.closedForm))),
    ...prefixed('closedForm', workColumns(layer.closedForm)),
    ...prefixed('simulated', columnsOf(pick(common))),
    ...prefixed('simulated', workColumns(simulated)),
    ...prefixed('simulated.waitingCycles', Object.entries(simulated.waiting)),
    ...prefixed('tile', Object.entries(layer.tile)),
  ];
  return {
    layer: layer.name,
    op: layer.op,
    unit: layer.unit,
    ...Object.fromEntries(figures),
    'simulated.tiles': simulated.tiles,
    'simulated.steppedTiles': simulated.steppedTiles,
    'simulated.jumpedTiles': simulated.jumpedTiles,
    'simulated.fillCycles': simulated.fillCycles,
    noStallCycles: layer.noStallCycles,
    simplifiedCycles: layer.simplifiedCycles,
    loopOrder: layer.loopOrder?.join(' ') ?? '',
    ...energyColumns(layer, energyData),
  };
}

/** The columns that both models have. */
function pick({ computeCycles, stallCycles, totalCycles, dramBits, sramBits, ops, opCounts }: Result): Result {
  return { computeCycles, stallCycles, totalCycles, dramBits, sramBits, ops, opCounts };
}

/** All layers of a run; SA and SIMD tiles have columns of their own. */
export function runCsv(report: RunReport): string {
  const rows = report.layers.map((layer) => columnsOfLayer(layer, report.energy?.name));
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  return csvText(rows, { header: true, columns });
}
