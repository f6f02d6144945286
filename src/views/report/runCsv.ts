/** A run as CSV: one row per layer, every column with its unit in its name. */
import { columnsOf, type Result } from '../../model/layers/result.ts';
import { type CsvRow, csvPieces } from './csvPieces.ts';
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

/** A layer as a row of the CSV: its columns by name. */
export function columnsOfLayer(layer: LayerReport, energyData: string | undefined): Record<string, string | number> {
  const { simulated } = layer;
  const common: Result = { ...simulated };
  const figures = [
    ...prefixed('closedForm', columnsOf(pick(layer.closedForm))),
    ...prefixed('closedForm', workColumns(layer.closedForm)),
    ...prefixed('simulated', columnsOf(pick(common))),
    ...prefixed('simulated', workColumns(simulated)),
    ...prefixed('simulated.waitingCycles', Object.entries(simulated.waiting)),
    ...prefixed('sizes', Object.entries(layer.sizes)),
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
    ...Object.fromEntries(prefixed('simulated.memory', Object.entries(simulated.memory ?? {}))),
    noStallCycles: layer.noStallCycles,
    simplifiedCycles: layer.simplifiedCycles,
    loopOrder: layer.loopOrder?.join(' ') ?? '',
    groups: layer.groups ?? '',
    ...energyColumns(layer, energyData),
  };
}

/** The columns that both models have. */
function pick({ computeCycles, stallCycles, totalCycles, dramBits, sramBits, ops, opCounts }: Result): Result {
  return { computeCycles, stallCycles, totalCycles, dramBits, sramBits, ops, opCounts };
}

/** All columns, in the order in which the layers first have them: the unit and the operation decide what a layer has. */
export function columnsOfRun({ layers, energy }: RunReport): string[] {
  const firstOfKind = new Map<string, LayerReport>();
  for (const layer of layers) {
    const kind = `${layer.unit} ${layer.op}`;
    if (!firstOfKind.has(kind)) firstOfKind.set(kind, layer);
  }
  return [...new Set([...firstOfKind.values()].flatMap((layer) => Object.keys(columnsOfLayer(layer, energy?.name))))];
}

/** Kinds of layers whose columns are kept, so that each is not computed for a thousand layers that are alike. */
const MOST_REMEMBERED = 256;

function* rowsOf({ layers, energy }: RunReport): Generator<CsvRow> {
  const remembered = new Map<LayerReport['simulated'], CsvRow>();
  for (const layer of layers) {
    // Layers that share their figures are alike but for their names.
    let row = remembered.get(layer.simulated);
    if (row === undefined) {
      row = columnsOfLayer(layer, energy?.name);
      if (remembered.size === MOST_REMEMBERED) remembered.clear();
      remembered.set(layer.simulated, row);
    }
    yield { ...row, layer: layer.name };
  }
}

/** The columns that say of which run a row is. */
export function runColumns({ workload: network, hardware, phase, batch }: RunReport): Record<string, string | number> {
  return { network, hardware, phase, batch };
}

/**
 * All layers of a run, in pieces; SA and SIMD tiles have columns of their own. The last columns say of which run a row is,
 * so that several files can be one.
 */
export function* runCsv(report: RunReport): Generator<string> {
  const run = runColumns(report);
  const rows = {
    *[Symbol.iterator]() {
      for (const row of rowsOf(report)) yield { ...row, ...run };
    },
  };
  yield* csvPieces([...columnsOfRun(report), ...Object.keys(run)], rows);
}
