/** Runs a network with fused groups. */
import { groupClosedForm } from '../analytical/groupClosedForm.ts';
import type { Variant } from '../analytical/multipliers.ts';
import { aloneOf, type FusedProgram } from '../fusion/fuse.ts';
import { type Fusion, nameOfGroup } from '../fusion/groups.ts';
import { membersOfPairs } from '../fusion/pairs.ts';
import type { Layer } from '../layers/layer.ts';
import type { DramCounts } from '../machine/dramCounts.ts';
import { Machine, type MachineOptions } from '../machine/machine.ts';
import type { GroupResult, ProgramResult } from '../machine/programRun.ts';
import type { SimulatedResult } from '../machine/statistics.ts';
import type { Assumptions } from '../schedule/assumptions.ts';
import type { Hardware } from '../schemas/hardware.ts';
import { type GroupOutcome, LayerFigures, type LayerOutcome } from './outcome.ts';
import { type Progress, runOverlapped } from './overlapped.ts';

/** A network that has run. */
export interface NetworkRun {
  /** In program order. */
  readonly layers: LayerOutcome[];
  /** Where layers overlap (`prefetch`): each unit's time, which is busy and waiting to the end of the run. */
  readonly units?: ProgramResult['units'];
  /** Fused groups in program order, and which of them have another tile, or could not be. */
  readonly groups?: readonly GroupOutcome[];
  readonly retiled?: readonly string[];
  readonly dissolved?: readonly string[];
  /** With banked memory: what it did, channel by channel and tensor by tensor. */
  readonly dramCounts?: DramCounts;
}

/** Runs a fused program; `alone` are the layers with their own tiles. */
export function* runFused(
  program: FusedProgram,
  alone: readonly Layer[],
  fusion: Fusion,
  hardware: Hardware,
  assumptions: Assumptions,
  variant: Variant,
  options: MachineOptions,
): Generator<Progress, NetworkRun> {
  const { layers, groups, retiled, dissolved } = program;
  const machine = new Machine(hardware, options);
  const figures = new LayerFigures(hardware, assumptions, variant);
  const isPair = fusion === 'pairs' && variant === 'published' ? membersOfPairs(alone) : layers.map(() => false);
  const run = assumptions.prefetch
    ? yield* runOverlapped(machine, layers, assumptions, groups)
    : yield* runGroupByGroup(machine, program, assumptions);
  const groupOf = new Map(
    groups.flatMap((group) =>
      layers.slice(group.first, group.last + 1).map((layer) => [layer, nameOfGroup(group)] as const),
    ),
  );
  const outcomes = layers.map((layer, place) => {
    const group = groupOf.get(layer);
    const simulated = run.layers[place]!;
    if (group !== undefined) return figures.member(layer, alone[place]!, isPair[place]!, simulated, group);
    return figures.outcome(layer, simulated);
  });
  const { units } = run;
  const ofGroups = run.groups.map((each) => ({ ...each, closedForm: groupClosedForm(each.group, hardware) }));
  return { layers: outcomes, groups: ofGroups, retiled, dissolved, ...(units && { units }), ...dramCountsOf(machine) };
}

/** What banked memory has done for a machine's runs; nothing without one. */
export function dramCountsOf({ components }: Machine): Pick<NetworkRun, 'dramCounts'> {
  return components.dram === undefined ? {} : { dramCounts: components.dram.counts() };
}

/** Groups, and the layers between them, one after another. */
export function* runGroupByGroup(
  machine: Machine,
  { layers, groups }: FusedProgram,
  assumptions: Assumptions,
): Generator<Progress, Pick<ProgramResult, 'layers' | 'groups'> & { readonly units?: undefined }> {
  const firsts = new Map(groups.map((group) => [group.first, group] as const));
  const results: SimulatedResult[] = [];
  const ofGroups: GroupResult[] = [];
  while (results.length < layers.length) {
    const layersDone = results.length;
    const layer = layers[layersDone]!;
    const progress = { layersDone, layers: layers.length, layerName: layer.name };
    yield { ...progress, layerShare: 0 };
    const group = firsts.get(layersDone);
    if (group === undefined) {
      const run = machine.runWithPauses(layer, assumptions);
      let step = run.next();
      for (; step.done !== true; step = run.next()) yield { ...progress, layerShare: step.value };
      results.push(step.value);
      continue;
    }
    const members = layers.slice(group.first, group.last + 1);
    const run = machine.runGroup(members, aloneOf(group), assumptions);
    let step = run.next();
    for (; step.done !== true; step = run.next()) yield { ...progress, layerShare: step.value.layerShare };
    results.push(...step.value.layers);
    ofGroups.push({ ...step.value.groups[0]!, group });
  }
  return { layers: results, groups: ofGroups };
}
