/** The energy of a network's layers by both models: per layer, per kind of layer, per unit and in all. */

import type { Layer } from '../layers/layer.ts';
import type { Result } from '../layers/result.ts';
import type { GroupResult } from '../machine/programRun.ts';
import type { LayerOutcome } from '../network/network.ts';
import type { EnergyConstants } from './constants.ts';
import { averageWatts, type Energy, energyOf, energyOfSide, noEnergy, nonConvShare, sumOfEnergies } from './energy.ts';

/** A figure by both models. */
export interface ByModel<Figure> {
  readonly closedForm: Figure;
  readonly simulated: Figure;
}

/** All layers of one operation, or what fused groups take beside their members' accesses: of both units. */
export interface KindEnergy extends ByModel<Energy> {
  readonly op: Layer['op'] | 'fused';
  readonly unit?: Layer['unit'];
  readonly layers: number;
}

/** A network's energy. The layers' energies, and those of groups, add up to `totals.all`. */
export interface NetworkEnergy {
  /** In program order; of members of fused groups what their accesses take. */
  readonly layers: readonly ByModel<Energy>[];
  /** Of fused groups, in program order: compute and leakage of both sides, by the simulation alone. */
  readonly groups: readonly ByModel<Energy>[];
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

/** Energy and power of a run network, and of the fused groups in it. */
export function networkEnergy(
  outcomes: readonly LayerOutcome[],
  constants: EnergyConstants,
  groups: readonly GroupResult[] = [],
): NetworkEnergy {
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
  const sidesOf = (unit: Layer['unit']): ByModel<Energy>[] =>
    groups.map(({ totalCycles, units }) => ({
      closedForm: noEnergy(),
      simulated: energyOfSide(unit, { totalCycles, busyCycles: units[unit].busyCycles }, constants),
    }));
  const sides = { SA: sidesOf('SA'), SIMD: sidesOf('SIMD') };
  const ofGroups = groups.map((_, place) => sums([sides.SA[place]!, sides.SIMD[place]!]));
  const totals = {
    SA: sums([...where((layer) => layer.unit === 'SA'), ...sides.SA]),
    SIMD: sums([...where((layer) => layer.unit === 'SIMD'), ...sides.SIMD]),
    all: sums([...layers, ...ofGroups]),
  };
  const firstOfKind = new Map(outcomes.map(({ layer }) => [layer.op, layer.unit] as const));
  const kinds = [...firstOfKind].map(([op, unit]): KindEnergy => {
    const ofKind = where((layer) => layer.op === op);
    return { op, unit, layers: ofKind.length, ...sums(ofKind) };
  });
  const fused: KindEnergy[] = groups.length === 0 ? [] : [{ op: 'fused', layers: groups.length, ...sums(ofGroups) }];
  const cycles = byModel((model) => outcomes.reduce((sum, outcome) => sum + outcome[model].totalCycles, 0));
  const inGroups = groups.reduce((sum, { totalCycles }) => sum + totalCycles, 0);
  const allCycles = { ...cycles, simulated: cycles.simulated + inGroups };
  return {
    layers,
    groups: ofGroups,
    kinds: [...kinds, ...fused],
    totals,
    averageWatts: byModel((model) => averageWatts(totals.all[model], allCycles[model], constants)),
    nonConvShare: byModel((model) => nonConvShare({ SA: totals.SA[model], SIMD: totals.SIMD[model] })),
  };
}
