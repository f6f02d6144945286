/** The layers of a run in the order of a column of its CSV. */
import { noMemoryCounts } from '../../model/dram/memory.ts';
import type { Layer } from '../../model/layers/layer.ts';
import { emptyResult } from '../../model/layers/result.ts';
import { emptySimulatedResult } from '../../model/machine/statistics.ts';
import type { LayerOutcome } from '../../model/network/network.ts';
import { InputError } from '../../model/schemas/inputError.ts';
import { didYouMean } from '../../model/schemas/nearest.ts';
import { columnsOfLayer, columnsOfRun } from './runCsv.ts';
import { type LayerReport, type RunReport, runReport } from './runReport.ts';
import type { RunSettings } from './runSettings.ts';

/** What is meant where a column does not say by which model. */
const MODEL = 'simulated.';
/** The relative change from the closed form to the simulation, which tables show. */
const CHANGE = 'change';

/** A layer that has not run: its columns are those that it will have, with banked memory or without. */
function notRun(layer: Layer, isBanked: boolean): LayerOutcome {
  const { dramBits } = emptyResult();
  const work = { issued: { peUtilisation: 0 }, useful: { macs: 0, dramBits, peUtilisation: 0 } };
  return {
    layer,
    closedForm: emptyResult(),
    simulated: { ...emptySimulatedResult(), ...(isBanked ? { memory: noMemoryCounts() } : {}) },
    estimates: { noStallCycles: 0, simplifiedCycles: 0 },
    work: { closedForm: work, simulated: work },
  };
}

/**
 * The column that a user means, before anything has run: whatever the case of its letters, `totalCycles` for
 * `simulated.totalCycles`. Throws an InputError that names `option` for one that no layer will have.
 */
export function columnMeant(
  layers: readonly Layer[],
  settings: Omit<RunSettings, 'assumptions' | 'closedFormVariant'>,
  asked: string,
  option: string,
): string {
  const kinds = new Map(layers.map((layer) => [`${layer.unit} ${layer.op}`, layer] as const));
  const isBanked = settings.dram.kind === 'banked';
  const outcomes = [...kinds.values()].map((layer) => notRun(layer, isBanked));
  const report = runReport({ ...settings, assumptions: [], closedFormVariant: '' }, { layers: outcomes });
  const known = [...columnsOfRun(report), CHANGE];
  const named = (name: string): string | undefined => known.find((each) => each.toLowerCase() === name.toLowerCase());
  const found = named(asked) ?? named(MODEL + asked);
  if (found !== undefined) return found;
  const short = known.map((each) => (each.startsWith(MODEL) ? each.slice(MODEL.length) : each));
  throw new InputError({
    file: option,
    path: '',
    value: asked,
    expected: `${CHANGE}, or a column of --format csv such as totalCycles, stallCycles, dramBits.weight, closedForm.totalCycles${didYouMean(asked, [...short, ...known])}`,
  });
}

type Value = string | number;

function changeOf({ closedForm, simulated }: LayerReport): number {
  const [from, to] = [closedForm.totalCycles, simulated.totalCycles];
  return from === to ? 0 : to / from - 1;
}

/** Large numbers first, then words by their letters; what is empty last. */
function compare(a: Value, b: Value): number {
  if (typeof a === 'number' && typeof b === 'number') return b - a;
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : a > b ? 1 : 0;
  return typeof a === 'number' ? -1 : 1;
}

/**
 * The layers by a column that `columnMeant` has found: those with the largest number first, words by their letters.
 * Layers that are equal stay in program order; those without such a figure come last.
 */
export function sortedLayers({ layers, energy }: RunReport, column: string): LayerReport[] {
  // Layers that share their figures are alike but for their names.
  const known = new Map<LayerReport['simulated'], Value>();
  const valueIn = (layer: LayerReport): Value => {
    if (column === 'layer') return layer.name;
    if (column === CHANGE) return changeOf(layer);
    const value = known.get(layer.simulated) ?? columnsOfLayer(layer, energy?.name)[column] ?? '';
    known.set(layer.simulated, value);
    return value;
  };
  return layers
    .map((layer) => ({ layer, value: valueIn(layer) }))
    .sort((a, b) => compare(a.value, b.value))
    .map(({ layer }) => layer);
}
