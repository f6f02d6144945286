/** A run's fused groups as entries of its table: one each, in place of their members. */
import { resultOfGroup } from '../../model/analytical/groupClosedForm.ts';
import { noMemoryCounts } from '../../model/dram/memory.ts';
import { type Energy, sumOfEnergies } from '../../model/energy/energy.ts';
import type { ByModel } from '../../model/energy/networkEnergy.ts';
import { addInto, emptyResult, noDramBits } from '../../model/layers/result.ts';
import { emptySimulatedResult } from '../../model/machine/statistics.ts';
import type { GroupReport } from './fusionReport.ts';
import type { LayerReport, RunReport } from './runReport.ts';
import type { ReportedTotals } from './workTotals.ts';

/** What a group's entry says that it is. */
const FUSED = 'fused';

/**
 * The members' figures added up; cycles and waits are those of the group, on the PE array's side. With `byGroup` the
 * closed form is the group's own.
 */
function entryOf(
  { name, totalCycles, units, issued, useful, energy, closedForm: own }: GroupReport,
  members: readonly LayerReport[],
  byGroup: boolean,
): LayerReport {
  const closedForm = byGroup ? resultOfGroup(own) : emptyResult();
  const simulated = emptySimulatedResult();
  if (members.every((member) => member.simulated.memory !== undefined)) simulated.memory = noMemoryCounts();
  const usefulBits = { ...useful.closedForm };
  for (const member of members) {
    if (!byGroup) addInto(closedForm, member.closedForm);
    addInto(simulated, member.simulated);
  }
  if (byGroup) {
    closedForm.computeCycles = own.busyCycles.SA;
    closedForm.stallCycles = own.totalCycles - own.busyCycles.SA;
  }
  const [sa] = members as [LayerReport];
  const { busyCycles, waiting } = units.SA;
  Object.assign(simulated, {
    totalCycles,
    computeCycles: busyCycles,
    stallCycles: totalCycles - busyCycles,
    waiting,
    tiles: sa.simulated.tiles,
    steppedTiles: sa.simulated.steppedTiles,
    jumpedTiles: 0,
  });
  return {
    ...sa,
    name,
    op: FUSED,
    closedForm: { ...closedForm, issued: issued.closedForm, useful: usefulBits },
    simulated: { ...simulated, issued: issued.simulated, useful: useful.simulated },
    ...(energy && { energy: sumOfBoth([energy, ...members.map((member) => member.energy!)]) }),
    noStallCycles: members.reduce((sum, member) => sum + member.noStallCycles, 0),
    simplifiedCycles: members.reduce((sum, member) => sum + member.simplifiedCycles, 0),
  };
}

function sumOfBoth(energies: readonly ByModel<Energy>[]): ByModel<Energy> {
  return {
    closedForm: sumOfEnergies(energies.map(({ closedForm }) => closedForm)),
    simulated: sumOfEnergies(energies.map(({ simulated }) => simulated)),
  };
}

/** Whether an entry is that of a group. */
export function isGroup({ op }: LayerReport): boolean {
  return op === FUSED;
}

/** Some entries added up, without how busy the PEs are: a group's and a layer's cycles are not the same units'. */
export function sumOfEntries(entries: readonly LayerReport[]): ReportedTotals {
  const ofPes = { issued: { peUtilisation: 0 } };
  const useful = () => ({ macs: 0, dramBits: noDramBits(), peUtilisation: 0 });
  const sums = {
    closedForm: { ...emptyResult(), ...ofPes, useful: useful() },
    simulated: { ...emptySimulatedResult(), ...ofPes, useful: useful() },
  };
  for (const { closedForm, simulated } of entries) {
    addInto(sums.closedForm, { ...closedForm, ...ofPes });
    addInto(sums.simulated, { ...simulated, ...ofPes });
  }
  return sums;
}

/** The run with an entry for each group in place of its members: what a reader of tables sees. */
export function withGroupEntries(report: RunReport): RunReport {
  const { groups } = report;
  if (groups === undefined) return report;
  const byName = new Map(groups.map((group) => [group.name, group] as const));
  const layers: LayerReport[] = [];
  const seen = new Set<string>();
  for (const layer of report.layers) {
    const group = layer.group === undefined ? undefined : byName.get(layer.group);
    if (group === undefined) layers.push(layer);
    else if (!seen.has(group.name)) {
      seen.add(group.name);
      layers.push(
        entryOf(
          group,
          report.layers.filter((each) => each.group === group.name),
          report.assumptions.includes('lockstep'),
        ),
      );
    }
  }
  return { ...report, layers };
}
