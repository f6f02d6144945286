/** Fused groups of a run as data. */
import type { GroupClosedForm } from '../../model/analytical/groupClosedForm.ts';
import type { Energy } from '../../model/energy/energy.ts';
import type { ByModel } from '../../model/energy/networkEnergy.ts';
import { nameOfGroup } from '../../model/fusion/groups.ts';
import type { GroupResult } from '../../model/machine/programRun.ts';
import { totalWaiting } from '../../model/machine/waiting.ts';
import type { GroupOutcome, LayerOutcome, NetworkRun } from '../../model/network/network.ts';
import { type Work, workInAll } from '../../model/network/work.ts';
import type { Hardware } from '../../model/schemas/hardware.ts';

/** A fused group. */
export interface GroupReport {
  readonly name: string;
  readonly members: readonly string[];
  /** From the end of what runs before it to its own last store. */
  readonly totalCycles: number;
  /**
   * What it takes and moves in lockstep by our own formula, in whole tiles. Under the assumption `lockstep` that stands for
   * its members' closed forms in the run's sums.
   */
  readonly closedForm: GroupClosedForm;
  /** Busy and waiting cycles of its two sides. */
  readonly units: GroupResult['units'];
  /** Its members' work by both models; PEs are in use over the PE array's cycles in the group. */
  readonly issued: ByModel<Work['issued']>;
  readonly useful: ByModel<Work['useful']>;
  /** Its tile is smaller than that of its SA layer by itself, as a slot of VMem must hold it too. */
  readonly hasSmallerTile: boolean;
  /** With energy data only: compute and leakage of its two sides; accesses are its members'. */
  readonly energy?: ByModel<Energy>;
}

/** What is reported of a run with fused groups: the groups, and the names of those that no tile fits. */
export interface FusionReport {
  readonly groups: readonly GroupReport[];
  readonly dissolvedGroups: readonly string[];
}

/** Cycles of the PE array's side of fused groups. */
export function arrayCyclesOf(groups: readonly GroupResult[] = []): number {
  return groups.reduce((sum, { units: { SA } }) => sum + SA.busyCycles + totalWaiting(SA.waiting), 0);
}

/** Puts a run's groups together with their members' work; `energies`: the groups' own, with energy data only. */
export function fusionReport(
  { layers, retiled = [], dissolved = [] }: NetworkRun,
  groups: readonly GroupOutcome[],
  hardware: Hardware,
  energies: readonly ByModel<Energy>[] | undefined,
): FusionReport {
  const members = new Map<string, LayerOutcome[]>();
  for (const outcome of layers) {
    if (outcome.group === undefined) continue;
    const known = members.get(outcome.group);
    if (known === undefined) members.set(outcome.group, [outcome]);
    else known.push(outcome);
  }
  return {
    groups: groups.map((result, place): GroupReport => {
      const name = nameOfGroup(result.group);
      const outcomes = members.get(name)!;
      const workBy = (model: 'closedForm' | 'simulated', cycles: number): Work =>
        workInAll(
          outcomes.map((each) => ({ layer: each.layer, result: each[model], work: each.work[model] })),
          hardware,
          cycles,
        );
      const work = { closedForm: workBy('closedForm', 0), simulated: workBy('simulated', arrayCyclesOf([result])) };
      return {
        name,
        members: outcomes.map(({ layer }) => layer.name),
        totalCycles: result.totalCycles,
        closedForm: result.closedForm,
        units: result.units,
        issued: { closedForm: work.closedForm.issued, simulated: work.simulated.issued },
        useful: { closedForm: work.closedForm.useful, simulated: work.simulated.useful },
        hasSmallerTile: retiled.includes(name),
        ...(energies === undefined ? {} : { energy: energies[place]! }),
      };
    }),
    dissolvedGroups: dissolved,
  };
}
