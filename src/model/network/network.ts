/** The main job: every layer of a network by the closed form and on the machine, side by side. */
import { resultOfGroup } from '../analytical/groupClosedForm.ts';
import type { Variant } from '../analytical/multipliers.ts';
import { fuse } from '../fusion/fuse.ts';
import type { Fusion } from '../fusion/groups.ts';
import { expectExactResult } from '../layers/exactness.ts';
import type { Layer } from '../layers/layer.ts';
import { addInto, emptyResult, type Result } from '../layers/result.ts';
import { Machine, type MachineOptions } from '../machine/machine.ts';
import { emptySimulatedResult, type SimulatedResult } from '../machine/statistics.ts';
import { totalWaiting, type Waiting } from '../machine/waiting.ts';
import type { Assumptions } from '../schedule/assumptions.ts';
import type { Hardware } from '../schemas/hardware.ts';
import { dramCountsOf, type NetworkRun, runFused } from './fusedNetwork.ts';
import { type GroupOutcome, LayerFigures, type LayerOutcome } from './outcome.ts';
import { type Progress, runOverlapped } from './overlapped.ts';

export type { GroupOutcome, LayerOutcome, NetworkRun, Progress };
export { runOverlapped };

/** Sums over layers, by both models. */
export interface Totals {
  readonly closedForm: Result;
  readonly simulated: SimulatedResult;
}

/** How a network is run. */
export interface RunOptions extends MachineOptions {
  /** Which layers are fused; none unless given. */
  readonly fusion?: Fusion | undefined;
}

/** Runs all layers; yields progress now and then. Throws an InternalError if figures disagree. */
export function* runNetwork(
  layers: readonly Layer[],
  hardware: Hardware,
  assumptions: Assumptions,
  variant: Variant,
  options: RunOptions = {},
): Generator<Progress, NetworkRun> {
  const { fusion = 'none' } = options;
  if (fusion !== 'none')
    return yield* runFused(fuse(layers, hardware, fusion), layers, fusion, hardware, assumptions, variant, options);
  const machine = new Machine(hardware, options);
  const figures = new LayerFigures(hardware, assumptions, variant);
  if (assumptions.prefetch) {
    const { layers: results, units } = yield* runOverlapped(machine, layers, assumptions);
    const overlapped = layers.map((layer, place) => figures.outcome(layer, results[place]!));
    return { layers: overlapped, units, ...dramCountsOf(machine) };
  }
  const outcomes: LayerOutcome[] = [];
  for (const layer of layers) {
    const progress = { layersDone: outcomes.length, layers: layers.length, layerName: layer.name };
    yield { ...progress, layerShare: 0 };
    const run = machine.runWithPauses(layer, assumptions);
    let step = run.next();
    for (; step.done !== true; step = run.next()) yield { ...progress, layerShare: step.value };
    outcomes.push(figures.outcome(layer, step.value));
  }
  return { layers: outcomes, ...dramCountsOf(machine) };
}

/**
 * The sums over a network's layers, per unit and in all. A unit's busy and waiting cycles hold its side of fused groups;
 * a group's cycles are those of no unit, and only in the sum of all, as are, with `byGroup`, the figures of its closed
 * form in place of its members'. Throws a BeyondExactness for one beyond 2⁵³.
 */
export function totalsOf(
  outcomes: readonly LayerOutcome[],
  groups: readonly GroupOutcome[] = [],
  byGroup = false,
): Record<'SA' | 'SIMD' | 'all', Totals> {
  const counted = outcomes.find(({ simulated }) => simulated.memory !== undefined)?.simulated.memory;
  const none = (): Totals => ({
    closedForm: emptyResult(),
    simulated: { ...emptySimulatedResult(), ...(counted && { memory: nothingOf(counted) }) },
  });
  const totals = { SA: none(), SIMD: none(), all: none() };
  for (const outcome of outcomes) {
    for (const total of [totals[outcome.layer.unit], totals.all]) {
      const isInGroup = byGroup && outcome.group !== undefined && total === totals.all;
      if (!isInGroup) addInto(total.closedForm, outcome.closedForm);
      addInto(total.simulated, outcome.simulated);
    }
  }
  for (const { totalCycles, units, closedForm } of groups) {
    if (byGroup) addInto(totals.all.closedForm, resultOfGroup(closedForm));
    totals.all.simulated.totalCycles += totalCycles;
    for (const unit of ['SA', 'SIMD'] as const) {
      const { busyCycles, waiting } = units[unit];
      for (const total of [totals[unit], totals.all]) addTime(total.simulated, busyCycles, waiting);
    }
  }
  expectExactResult(undefined, totals.all.closedForm);
  expectExactResult(undefined, totals.all.simulated);
  return totals;
}

/** As many counts, all of nothing. */
function nothingOf<Counts extends object>(counts: Counts): Counts {
  return Object.fromEntries(Object.keys(counts).map((name) => [name, 0])) as Counts;
}

function addTime(simulated: SimulatedResult, busyCycles: number, waiting: Waiting): void {
  simulated.computeCycles += busyCycles;
  simulated.stallCycles += totalWaiting(waiting);
  addInto(simulated.waiting, waiting);
}
