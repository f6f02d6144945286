/** A case of the functional verification: what runs, with which data, and how the result is compared. */
import type { DramModel } from '../../model/dram/model.ts';
import type { Layer } from '../../model/layers/layer.ts';
import { Machine } from '../../model/machine/machine.ts';
import type { MachineObserver } from '../../model/machine/observer.ts';
import type { Assumptions } from '../../model/schedule/assumptions.ts';
import type { Hardware } from '../../model/schemas/hardware.ts';
import type { Corruption } from './corruptions.ts';

/** What a case runs on. */
export interface CaseMachine {
  readonly hardware: Hardware;
  readonly dram: DramModel;
  readonly assumptions: Assumptions;
}

/** A layer on an accelerator, with data. */
export interface DrawnCase extends CaseMachine {
  /** What is counted apart: an operation, or a gradient convolution. */
  readonly operation: string;
  readonly layer: Layer;
  /** Fresh DRAM and SRAMs, and the comparison once the layer has run. */
  readonly setUp: (assumptions: Assumptions) => {
    readonly observer: MachineObserver;
    /** The first wrong element in words. */
    readonly difference: () => string | undefined;
  };
}

/** Runs a case, perhaps corrupted; returns what is wrong, with all that describes the case, or undefined. */
export function runCase(drawn: DrawnCase, corruption: Corruption = {}): string | undefined {
  const assumptions = { ...drawn.assumptions, ...corruption.assumptions };
  const { observer, difference } = drawn.setUp(assumptions);
  const machine = new Machine(drawn.hardware, { dram: drawn.dram });
  machine.observe(corruption.corrupt?.(observer) ?? observer);
  try {
    machine.run(drawn.layer, assumptions);
  } catch (error) {
    // Whatever is thrown in a layer that is right, the machine's own checks included, is a failure of this case.
    return `${(error as Error).message}. ${describe(drawn, assumptions)}`;
  }
  const wrong = difference();
  return wrong && `${wrong}. ${describe(drawn, assumptions)}`;
}

function describe({ operation, hardware, dram, layer }: DrawnCase, assumptions: Assumptions): string {
  const { array, slots, bitsPerCycle } = hardware;
  const { unit: _unit, name: _name, ...parameters } = layer;
  return `Case: ${operation} ${JSON.stringify({ ...parameters, array, slots, bitsPerCycle, dram, assumptions })}`;
}
