/** What a layer costs, by the closed form or on the machine, with or without energy. */
import { closedForm, closedFormCycles } from '../../model/analytical/closedForm.ts';
import type { Variant } from '../../model/analytical/multipliers.ts';
import { type DramModel, IDEAL } from '../../model/dram/model.ts';
import { atClockOf, type EnergyConstants, type EnergyModel } from '../../model/energy/constants.ts';
import { energyOf } from '../../model/energy/energy.ts';
import { networkEnergy } from '../../model/energy/networkEnergy.ts';
import type { Fusion } from '../../model/fusion/groups.ts';
import type { Layer } from '../../model/layers/layer.ts';
import type { Result } from '../../model/layers/result.ts';
import { Machine } from '../../model/machine/machine.ts';
import { runNetwork, totalsOf } from '../../model/network/network.ts';
import type { Assumptions } from '../../model/schedule/assumptions.ts';
import type { Hardware } from '../../model/schemas/hardware.ts';
import { tileProgram } from '../../model/tiling/tileProgram.ts';
import type { Program } from '../../model/workload/program.ts';
import type { Cost, Watch } from './networkCosts.ts';

/** Prices the layers of a hardware point. */
type LayerPrices = (hardware: Hardware) => (layer: Layer, watch?: Watch) => Cost;

/** What the energy data say of a hardware, where energy is asked for. */
export type EnergyModelOf = (hardware: Hardware) => EnergyModel;

function costOf(layer: Layer, result: Result, constants: EnergyConstants | undefined): Cost {
  const cycles = result.totalCycles;
  if (constants === undefined) return { cycles, joules: 0, seconds: 0 };
  return {
    cycles,
    joules: energyOf(layer.unit, result, constants).totalJoules,
    seconds: cycles * constants.clockSeconds,
  };
}

/** Costs by the closed form: cycles alone where no energy is asked for, which is several times as fast. */
export function closedFormCosts(variant: Variant, energy?: EnergyModelOf): LayerPrices {
  if (energy === undefined) {
    return (hardware) => (layer) => {
      const { computeCycles, stallCycles } = closedFormCycles(layer, hardware, variant);
      return { cycles: computeCycles + stallCycles, joules: 0, seconds: 0 };
    };
  }
  return (hardware) => {
    const { constants } = energy(hardware);
    return (layer) => costOf(layer, closedForm(layer, hardware, variant), constants);
  };
}

/**
 * Costs by simulation: cycles alone, or joules and seconds too where there are energy data. What real DRAM remembers from
 * one layer to the next (open rows, the phase of refresh) is left out: each layer finds it at rest, or identical layers
 * would not cost the same.
 */
export function simulatedCosts(assumptions: Assumptions, energy?: EnergyModelOf, dram: DramModel = IDEAL): LayerPrices {
  return (hardware) => {
    const model = energy?.(hardware);
    const clocked = model === undefined ? hardware : atClockOf(model, hardware);
    const ideal = dram.kind === 'ideal' ? new Machine(clocked) : undefined;
    return (layer, watch) => {
      const machine = ideal ?? new Machine(clocked, { dram });
      const run = machine.runWithPauses(layer, assumptions);
      let step = run.next();
      for (; step.done !== true; step = run.next()) watch?.(step.value);
      return costOf(layer, step.value, model?.constants);
    };
  };
}

/** What a whole network runs with. */
export interface WholeRun {
  readonly hardware: Hardware;
  readonly assumptions: Assumptions;
  readonly fusion: Fusion;
  readonly dram: DramModel;
  readonly energy?: EnergyModel | undefined;
}

/** What a network takes whose layers overlap or are fused, as `systole run` has it. Throws an InputError where it does not fit. */
export function wholeCost(program: Program, settings: WholeRun, watch?: Watch): Cost {
  const { assumptions, fusion, dram, energy } = settings;
  const hardware = energy === undefined ? settings.hardware : atClockOf(energy, settings.hardware);
  const layers = tileProgram(program, hardware);
  const run = runNetwork(layers, hardware, assumptions, 'published', { dram, fusion });
  let step = run.next();
  for (; step.done !== true; step = run.next()) {
    watch?.((step.value.layersDone + step.value.layerShare) / step.value.layers);
  }
  const { layers: outcomes, groups } = step.value;
  const cycles = totalsOf(outcomes, groups).all.simulated.totalCycles;
  if (energy === undefined) return { cycles, joules: 0, seconds: 0 };
  return {
    cycles,
    joules: networkEnergy(outcomes, energy.constants, groups).totals.all.simulated.totalJoules,
    seconds: cycles * energy.constants.clockSeconds,
  };
}
