/** A case of the functional verification: what runs, with which data, and how the result is compared. */
import type { DramModel } from '../../model/dram/model.ts';
import type { FusedGroup } from '../../model/fusion/groups.ts';
import type { Layer } from '../../model/layers/layer.ts';
import { Machine } from '../../model/machine/machine.ts';
import type { MachineObserver } from '../../model/machine/observer.ts';
import type { Assumptions } from '../../model/schedule/assumptions.ts';
import { layersOf } from '../../model/schedule/fusedSchedule.ts';
import type { Hardware } from '../../model/schemas/hardware.ts';
import type { Corruption } from './corruptions.ts';

/** What a case runs on. */
export interface CaseMachine {
  readonly hardware: Hardware;
  readonly dram: DramModel;
  readonly assumptions: Assumptions;
}

/** A layer on an accelerator, or a fused group, with data. */
export interface DrawnCase extends CaseMachine {
  /** What is counted apart: an operation, or a gradient convolution. */
  readonly operation: string;
  readonly layer: Layer;
  /** Whose SA layer that is, if it does not run alone. */
  readonly group?: FusedGroup;
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
    runOn(machine, drawn, assumptions);
  } catch (error) {
    // Whatever is thrown in a layer that is right, the machine's own checks included, is a failure of this case.
    return `${(error as Error).message}. ${describe(drawn, assumptions)}`;
  }
  const wrong = difference();
  return wrong && `${wrong}. ${describe(drawn, assumptions)}`;
}

function runOn(machine: Machine, { layer, group }: DrawnCase, assumptions: Assumptions): void {
  if (group === undefined) {
    machine.run(layer, assumptions);
    return;
  }
  const run = machine.runOverlapped(layersOf(group), assumptions, [group]);
  while (run.next().done !== true);
}

function describe({ operation, hardware, dram, layer, group }: DrawnCase, assumptions: Assumptions): string {
  const { array, slots, bitsPerCycle } = hardware;
  const { unit: _unit, name: _name, ...parameters } = layer;
  const fused = group && {
    members: group.members.map(({ layer: { op, bits }, handedOver, inside }) => {
      return { op, output: bits.output, handedOver: [...handedOver], inside: [...inside] };
    }),
    isSumStored: group.isSumStored,
  };
  const all = { ...parameters, ...fused, array, slots, bitsPerCycle, dram, assumptions };
  return `Case: ${operation} ${JSON.stringify(all)}`;
}
