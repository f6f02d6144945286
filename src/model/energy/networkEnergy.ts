/** The energy of a network's layers by both models: per layer, per kind of layer, per unit and in all. */

import type { Layer } from '../layers/layer.ts';
import type { Result } from '../layers/result.ts';
import type { LayerOutcome } from '../network/network.ts';
import type { EnergyConstants } from './constants.ts';
import { averageWatts, type Energy, energyOf, nonConvShare, sumOfEnergies } from './energy.ts';

/** A figure by both models. */
export interface ByModel<Figure> {
  readonly closedForm: Figure;
  readonly simulated: Figure;
}

/** All layers of one operation. */
export interface KindEnergy extends ByModel<Energy> {
  readonly op: Layer['op'];
  readonly unit: Layer['unit'];
  readonly layers: number;
}

/** A network's energy. The layers' energies add up to `totals.all`. */
export interface NetworkEnergy {
  /** In program order. */
  readonly layers: readonly ByModel<Energy>[];
  /** Operations in the order in which they first appear. */
  readonly kinds: readonly KindEnergy[];
  readonly totals: Readonly<Record<'SA' | 'SIMD' | 'all', ByModel<Energy>>>;
  readonly averageWatts: ByModel<number>;
  readonly nonConvShare: ByModel<number>;
}

const MODELS = ['closedForm', 'simulated'] as const;

/** A figure by either model. */
function byModel<Figure>(figure: (model: (typeof MODELS)[number]) => Figure): ByModel<Figure> {
  return { closedForm: figure('closedForm'), simulated: figure('simulated') };
}

function sums(energies: readonly ByModel<Energy>[]): ByModel<Energy> {
  return byModel((model) => sumOfEnergies(energies.map((energy) => energy[model])));
}

/** Energy and power of a run network. */
export function networkEnergy(outcomes: readonly LayerOutcome[], constants: EnergyConstants): NetworkEnergy {
  // Layers that are alike share their results.
  const known = new Map<Result, Energy>();
  const energyOfLayer = (unit: Layer['unit'], result: Result): Energy => {
    const energy = known.get(result) ?? energyOf(unit, result, constants);
    known.set(result, energy);
    return energy;
  };
  const layers = outcomes.map((outcome) => byModel((model) => energyOfLayer(outcome.layer.unit, outcome[model])));
  const where = (holds: (layer: Layer) => boolean): ByModel<Energy>[] =>
    layers.filter((_, place) => holds(outcomes[place]!.layer));
  const totals = {
    SA: sums(where((layer) => layer.unit === 'SA')),
    SIMD: sums(where((layer) => layer.unit === 'SIMD')),
    all: sums(layers),
  };
  const firstOfKind = new Map(outcomes.map(({ layer }) => [layer.op, layer.unit] as const));
  const kinds = [...firstOfKind].map(([op, unit]): KindEnergy => {
    const ofKind = where((layer) => layer.op === op);
    return { op, unit, layers: ofKind.length, ...sums(ofKind) };
  });
  const cycles = byModel((model) => outcomes.reduce((sum, outcome) => sum + outcome[model].totalCycles, 0));
  return {
    layers,
    kinds,
    totals,
    averageWatts: byModel((model) => averageWatts(totals.all[model], cycles[model], constants)),
    nonConvShare: byModel((model) => nonConvShare({ SA: totals.SA[model], SIMD: totals.SIMD[model] })),
  };
}
