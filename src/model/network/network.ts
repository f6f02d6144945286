/** The main job: every layer of a network by the closed form and on the machine, side by side. */
import { closedForm, type NaiveEstimates, naiveEstimates } from '../analytical/closedForm.ts';
import type { Variant } from '../analytical/multipliers.ts';
import { noMemoryCounts } from '../dram/memory.ts';
import { ByNumbers, numbersIn } from '../layers/byNumbers.ts';
import { expectExactResult } from '../layers/exactness.ts';
import type { Layer } from '../layers/layer.ts';
import { addInto, emptyResult, type Result } from '../layers/result.ts';
import { Machine, type MachineOptions } from '../machine/machine.ts';
import type { ProgramResult } from '../machine/programRun.ts';
import { emptySimulatedResult, type SimulatedResult } from '../machine/statistics.ts';
import type { Assumptions } from '../schedule/assumptions.ts';
import type { Hardware } from '../schemas/hardware.ts';
import { layerIdentity } from '../tiling/costIdentity.ts';
import { closedFormWork, simulatedWork, type Work } from './work.ts';

/** A layer by both models. */
export interface LayerOutcome {
  readonly layer: Layer;
  readonly closedForm: Result;
  readonly simulated: SimulatedResult;
  readonly estimates: NaiveEstimates;
  /** Each model's issued work, and the useful part of it. */
  readonly work: { readonly closedForm: Work; readonly simulated: Work };
}

/** What both models say of layers that are alike but for their names. Each of them refers to the same record's parts. */
class LayerFigures {
  private readonly known = new ByNumbers<Omit<LayerOutcome, 'layer'>>();
  private readonly hardware: Hardware;
  private readonly assumptions: Assumptions;
  private readonly variant: Variant;

  constructor(hardware: Hardware, assumptions: Assumptions, variant: Variant) {
    this.hardware = hardware;
    this.assumptions = assumptions;
    this.variant = variant;
  }

  /** The outcome of a layer that the machine has run with this result. */
  outcome(layer: Layer, simulated: SimulatedResult): LayerOutcome {
    const identity = [...layerIdentity(layer, this.assumptions), ...numbersIn(layer.useful)];
    const known = this.known.get(identity);
    if (known !== undefined && known.simulated === simulated) return { layer, ...known };
    const { closedForm, estimates, work } = known ?? this.byClosedForm(layer);
    const ofSimulation = simulatedWork(layer, this.hardware, this.assumptions, simulated);
    const figures = {
      closedForm,
      simulated,
      estimates,
      work: { closedForm: work.closedForm, simulated: ofSimulation },
    };
    this.known.set(identity, figures);
    return { layer, ...figures };
  }

  private byClosedForm(layer: Layer) {
    const result = closedForm(layer, this.hardware, this.variant);
    return {
      closedForm: result,
      estimates: naiveEstimates(layer, this.hardware, result),
      work: { closedForm: closedFormWork(layer, this.hardware, result) },
    };
  }
}

/** Sums over layers, by both models. */
export interface Totals {
  readonly closedForm: Result;
  readonly simulated: SimulatedResult;
}

/** How far a network run has come. */
export interface Progress {
  readonly layersDone: number;
  readonly layers: number;
  /** The layer that runs, and the share of it that is done. */
  readonly layerName: string;
  readonly layerShare: number;
}

/** A network that has run. */
export interface NetworkRun {
  /** In program order. */
  readonly layers: LayerOutcome[];
  /** Where layers overlap (`prefetch`): each unit's time, which is busy and waiting to the end of the run. */
  readonly units?: ProgramResult['units'];
}

/** Runs all layers; yields progress now and then. Throws an InternalError if figures disagree. */
export function* runNetwork(
  layers: readonly Layer[],
  hardware: Hardware,
  assumptions: Assumptions,
  variant: Variant,
  options: MachineOptions = {},
): Generator<Progress, NetworkRun> {
  const machine = new Machine(hardware, options);
  const figures = new LayerFigures(hardware, assumptions, variant);
  if (assumptions.prefetch) {
    const { layers: results, units } = yield* runOverlapped(machine, layers, assumptions);
    return { layers: layers.map((layer, place) => figures.outcome(layer, results[place]!)), units };
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
  return { layers: outcomes };
}

/** The layers of a network without a barrier between them; progress is that of the network as a whole. */
export function* runOverlapped(
  machine: Machine,
  layers: readonly Layer[],
  assumptions: Assumptions,
): Generator<Progress, ProgramResult> {
  const run = machine.runOverlapped(layers, assumptions);
  for (let step = run.next(); ; step = run.next()) {
    if (step.done === true) return step.value;
    const { layersDone, layerShare } = step.value;
    yield { layersDone, layers: layers.length, layerName: layers[layersDone]?.name ?? '', layerShare };
  }
}

/** The sums over a network's layers, per unit and in all. Throws a BeyondExactness for one beyond 2⁵³. */
export function totalsOf(outcomes: readonly LayerOutcome[]): Record<'SA' | 'SIMD' | 'all', Totals> {
  const hasMemory = outcomes.some(({ simulated }) => simulated.memory !== undefined);
  const none = (): Totals => ({
    closedForm: emptyResult(),
    simulated: { ...emptySimulatedResult(), ...(hasMemory ? { memory: noMemoryCounts() } : {}) },
  });
  const totals = { SA: none(), SIMD: none(), all: none() };
  for (const outcome of outcomes) {
    for (const total of [totals[outcome.layer.unit], totals.all]) {
      addInto(total.closedForm, outcome.closedForm);
      addInto(total.simulated, outcome.simulated);
    }
  }
  expectExactResult(undefined, totals.all.closedForm);
  expectExactResult(undefined, totals.all.simulated);
  return totals;
}
