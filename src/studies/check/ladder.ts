/**
 * The ladder from the published closed form to the hardware: one assumption at a time (README, Check the closed form).
 * Each step's cycles are computed on their own, so that the differences between neighbours add up to the whole with
 * nothing left over.
 */
import { closedForm } from '../../model/analytical/closedForm.ts';
import { cornerCycles } from '../../model/analytical/corner.ts';
import type { Variant } from '../../model/analytical/multipliers.ts';
import { type DramModel, IDEAL, isRegular } from '../../model/dram/model.ts';
import { fuse } from '../../model/fusion/fuse.ts';
import type { Fusion } from '../../model/fusion/groups.ts';
import { ByNumbers, numbersIn } from '../../model/layers/byNumbers.ts';
import { expectExact } from '../../model/layers/exactness.ts';
import type { Layer } from '../../model/layers/layer.ts';
import { Machine } from '../../model/machine/machine.ts';
import type { SimulatedResult } from '../../model/machine/statistics.ts';
import { runGroupByGroup } from '../../model/network/fusedNetwork.ts';
import { type Progress, runOverlapped } from '../../model/network/network.ts';
import { type Assumptions, HARDWARE, PAPER } from '../../model/schedule/assumptions.ts';
import type { Hardware } from '../../model/schemas/hardware.ts';
import { layerIdentity } from '../../model/tiling/costIdentity.ts';

interface NamedStep {
  readonly name: string;
  readonly meaning: string;
}

/** A step that simulates: everything that the machine of a step is built from stands in the step. */
export interface SimulatedStep extends NamedStep {
  readonly assumptions: Assumptions;
  readonly dram: DramModel;
  /** Which layers are fused; none if left out. */
  readonly fusion?: Fusion;
}

/** A step of the ladder: a formula, or the machine under some assumptions. */
export type LadderStep = (NamedStep & { readonly formula: Variant }) | SimulatedStep;

const EDGES: Assumptions = { ...PAPER, fullEdgeTiles: false };
const FREE_RUNNING: Assumptions = { ...EDGES, lockstep: false };

/** The machine as it is. */
export const HARDWARE_STEP: SimulatedStep = {
  name: 'hardware',
  assumptions: HARDWARE,
  dram: IDEAL,
  meaning: 'a psum is loaded only after its own store has ended',
};

/** The steps in order; `meaning` says what is different from the step before. */
export const LADDER: readonly LadderStep[] = [
  { name: 'published', formula: 'published', meaning: 'the closed form with fractional multipliers' },
  { name: 'ceiling', formula: 'ceiling', meaning: 'every dimension counted in whole tiles' },
  {
    name: 'paper',
    assumptions: PAPER,
    dram: IDEAL,
    meaning: 'segments as they are where few tiles spoil the case counts',
  },
  { name: 'edges', assumptions: EDGES, dram: IDEAL, meaning: 'edge tiles at their true size' },
  {
    name: 'free-running',
    assumptions: FREE_RUNNING,
    dram: IDEAL,
    meaning: 'interfaces run ahead, no barrier after each segment',
  },
  HARDWARE_STEP,
];

/** The optional last step. */
export const KEEP_RESIDENT: SimulatedStep = {
  name: 'keep-resident',
  assumptions: { ...HARDWARE, reloadOperands: false },
  dram: IDEAL,
  meaning: 'tiles that a slot still holds are not loaded again',
};

/** The step of assumptions that are none of the ladder's. */
export const ASSUMED = 'assumed';

/** The optional step after those: the machine of a step without its barrier between layers. */
export function prefetchStep(before: SimulatedStep): SimulatedStep {
  const assumptions = { ...before.assumptions, prefetch: true };
  const meaning = 'no barrier between layers: what depends on nothing unfinished comes early';
  return { name: 'prefetch', assumptions, dram: before.dram, meaning };
}

/** The optional step after those: layers of the machine of a step are fused. */
export function fusedStep(before: SimulatedStep, fusion: Fusion): SimulatedStep {
  const meaning = `${fusion} of layers hand their tiles over on chip; a group's cycles stand at its conv or gemm`;
  return { ...before, name: 'fused', fusion, meaning };
}

/** One layer on every step. */
export interface LayerLadder {
  readonly layer: Layer;
  /** Total cycles per step, in the ladder's order. */
  readonly cycles: readonly number[];
  /** What `corner` predicts for the step `paper`. */
  readonly corner: number;
  /** The simulated results, in the order of the steps that simulate. */
  readonly simulated: ReadonlyMap<string, SimulatedResult>;
}

/** A machine per step that simulates. Steps with one memory share theirs, unless it goes on from layer to layer. */
function machinesOf(
  steps: readonly LadderStep[],
  hardware: Hardware,
  fastForward: boolean,
): ReadonlyMap<LadderStep, Machine> {
  const shared = new Map<DramModel, Machine>();
  const machines = new Map<LadderStep, Machine>();
  for (const step of steps) {
    if ('formula' in step) continue;
    const machine = shared.get(step.dram) ?? new Machine(hardware, { dram: step.dram, fastForward });
    if (isRegular(step.dram)) shared.set(step.dram, machine);
    machines.set(step, machine);
  }
  return machines;
}

/** A layer that ran together with others; of a fused group the first has all cycles. */
interface InProgram {
  readonly result: SimulatedResult;
  readonly cycles: number;
}

/**
 * Runs every layer on every step; yields progress now and then. `fastForward` false steps every tile. What a machine is
 * made of beside that comes from its step alone: there are no options in which a run's own memory could come along.
 */
export function* walkLadder(
  layers: readonly Layer[],
  hardware: Hardware,
  steps: readonly LadderStep[],
  fastForward = true,
): Generator<Progress, LayerLadder[]> {
  const machines = machinesOf(steps, hardware, fastForward);
  const overlapped = new Map<LadderStep, readonly InProgram[]>();
  for (const [step, machine] of machines) {
    const { assumptions, fusion = 'none' } = step as SimulatedStep;
    if (!assumptions.prefetch && fusion === 'none') continue;
    const program = fuse(layers, hardware, fusion);
    const run = assumptions.prefetch
      ? yield* runOverlapped(machine, program.layers, assumptions, program.groups)
      : yield* runGroupByGroup(machine, program, assumptions);
    const ofGroups = new Map(run.groups.map(({ group, totalCycles }) => [group.first, totalCycles] as const));
    overlapped.set(
      step,
      run.layers.map((result, place) => ({ result, cycles: result.totalCycles + (ofGroups.get(place) ?? 0) })),
    );
  }
  const ladders: LayerLadder[] = [];
  // Layers that are alike but for their names share what comes of them.
  const known = new ByNumbers<LayerLadder>();
  for (const layer of layers) {
    const progress = { layersDone: ladders.length, layers: layers.length, layerName: layer.name };
    const simulated = new Map<string, SimulatedResult>();
    const cycles: number[] = [];
    for (const [place, step] of steps.entries()) {
      yield { ...progress, layerShare: place / steps.length };
      if ('formula' in step) {
        cycles.push(closedForm(layer, hardware, step.formula).totalCycles);
        continue;
      }
      const inProgram = overlapped.get(step)?.[ladders.length];
      if (inProgram !== undefined) {
        simulated.set(step.name, inProgram.result);
        cycles.push(inProgram.cycles);
        continue;
      }
      const run = machines.get(step)!.runWithPauses(layer, step.assumptions);
      let pause = run.next();
      for (; pause.done !== true; pause = run.next()) {
        yield { ...progress, layerShare: (place + pause.value) / steps.length };
      }
      simulated.set(step.name, pause.value);
      cycles.push(pause.value.totalCycles);
    }
    const identity = [...layerIdentity(layer, HARDWARE), ...numbersIn(layer.useful)];
    const alike = known.get(identity);
    const isSame =
      alike !== undefined && [...simulated].every(([step, result]) => alike.simulated.get(step) === result);
    if (isSame) {
      ladders.push({ ...alike, layer });
      continue;
    }
    const ladder = { layer, cycles, corner: cornerCycles(layer, hardware), simulated };
    known.set(identity, ladder);
    ladders.push(ladder);
  }
  return ladders;
}

/** Sums of cycles per step over some layers. Throws a BeyondExactness for one beyond 2⁵³. */
export function sumLadder(ladders: readonly LayerLadder[], steps: readonly LadderStep[]): number[] {
  return steps.map(({ name }, place) => {
    const cycles = ladders.reduce((sum, ladder) => sum + ladder.cycles[place]!, 0);
    expectExact(undefined, `cycles.${name}`, cycles);
    return cycles;
  });
}

/** What each step adds to the one before it; the first adds nothing. */
export function differencesOf(cycles: readonly number[]): number[] {
  return cycles.map((value, place) => (place === 0 ? 0 : value - cycles[place - 1]!));
}
