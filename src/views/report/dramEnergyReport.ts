/** The energy of a run's banked memory. */
import { type DramEnergy, dramCosts, dramEnergyOf, noDramEnergy } from '../../model/energy/dramEnergy.ts';
import { type Result, sumOf } from '../../model/layers/result.ts';
import { type BankedModel, channelsOf } from '../../model/machine/memoryShares.ts';
import type { SimulatedResult } from '../../model/machine/statistics.ts';
import type { LayerOutcome } from '../../model/network/network.ts';
import type { DramEnergyFile } from '../../model/schemas/dramEnergy.ts';
import { type DramEnergySum, dramEnergySum } from './dramEnergySum.ts';
import type { WithWork } from './workTotals.ts';

/** The energy of a banked memory by command and state, and where its currents come from. */
export interface DramEnergyReport extends DramEnergySum {
  /** In program order, for as long as each layer takes; of members of a fused group but for the background. */
  readonly layers: readonly DramEnergy[];
}

/** The memory's energy in a run whose sums over all layers are `all`, and in each of its layers. */
export function dramEnergyReport(
  file: DramEnergyFile,
  dram: BankedModel,
  outcomes: readonly LayerOutcome[],
  all: WithWork<SimulatedResult>,
  secondsOf: (result: Result) => number,
): DramEnergyReport {
  const costs = dramCosts(dram.spec, file);
  const { pseudoChannels, ranks } = dram.spec.organization;
  const inAll = channelsOf(dram) * pseudoChannels * ranks;
  const energyOf = (result: SimulatedResult): DramEnergy =>
    result.memory === undefined ? noDramEnergy() : dramEnergyOf(result.memory, secondsOf(result), inAll, costs);
  const total = energyOf(all);
  const bits = { bus: all.memory!.busBits, asked: sumOf(all.dramBits), useful: sumOf(all.useful.dramBits) };
  return {
    ...dramEnergySum(file, total, secondsOf(all), bits),
    layers: outcomes.map(({ simulated }) => energyOf(simulated)),
  };
}
