/** What both models say of a layer of a network. */
import { closedForm, type NaiveEstimates, naiveEstimates } from '../analytical/closedForm.ts';
import { fusedClosedForm } from '../analytical/fused.ts';
import type { GroupClosedForm } from '../analytical/groupClosedForm.ts';
import type { Variant } from '../analytical/multipliers.ts';
import { ByNumbers, numbersIn } from '../layers/byNumbers.ts';
import type { Layer } from '../layers/layer.ts';
import type { Result } from '../layers/result.ts';
import type { GroupResult } from '../machine/programRun.ts';
import type { SimulatedResult } from '../machine/statistics.ts';
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
  /** The fused group of which it is a member: only that has cycles and waits. */
  readonly group?: string;
}

/** A fused group by both models: the formula says what it takes in lockstep, whatever the machine assumes. */
export interface GroupOutcome extends GroupResult {
  readonly closedForm: GroupClosedForm;
}

/** What both models say of layers that are alike but for their names. Each of them refers to the same record's parts. */
export class LayerFigures {
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

  /** The outcome of a member of a fused group, by the layer `alone` with its own tile; `isPair`: estimated as a pair. */
  member(layer: Layer, alone: Layer, isPair: boolean, simulated: SimulatedResult, group: string): LayerOutcome {
    const { closedForm, estimates, work } = this.byClosedForm(alone, isPair);
    const ofSimulation = simulatedWork(layer, this.hardware, this.assumptions, simulated);
    return {
      layer,
      closedForm,
      simulated,
      estimates,
      work: { closedForm: work.closedForm, simulated: ofSimulation },
      group,
    };
  }

  private byClosedForm(layer: Layer, isPair = false) {
    const by = isPair ? fusedClosedForm : closedForm;
    const result = by(layer, this.hardware, this.variant);
    return {
      closedForm: result,
      estimates: naiveEstimates(layer, this.hardware, result),
      work: { closedForm: closedFormWork(layer, this.hardware, result) },
    };
  }
}
