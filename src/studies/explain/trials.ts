/** Trial runs of one layer: on other hardware, with another tile, on another memory. Nothing is run twice. */
import type { DramModel } from '../../model/dram/model.ts';
import type { Layer } from '../../model/layers/layer.ts';
import { Machine, type MachineOptions } from '../../model/machine/machine.ts';
import type { SimulatedResult } from '../../model/machine/statistics.ts';
import type { Assumptions } from '../../model/schedule/assumptions.ts';
import type { Hardware } from '../../model/schemas/hardware.ts';
import { layerIdentity } from '../../model/tiling/costIdentity.ts';

/** What a layer is run on. */
export interface Point {
  readonly hardware: Hardware;
  readonly dram: DramModel;
}

/** A search that pauses now and then, so that its caller can show progress or stop. */
export type Trying<Result> = Generator<void, Result>;

/** All that decides, beside the layer, what a run takes. Capacities do not: they decide the tile. */
function pointIdentity({ hardware, dram }: Point): string {
  const channels = dram.kind === 'banked' ? dram.spec.organization.channels : '';
  return JSON.stringify([hardware.array, hardware.bitsPerCycle, dram.kind, channels]);
}

/** Runs layers, and remembers what they took. */
export class Trials {
  /** Runs that have ended, and how much of the next is done. */
  runs = 0;
  share = 0;
  private readonly assumptions: Assumptions;
  private readonly fastForward: boolean;
  private readonly known = new Map<string, SimulatedResult>();

  constructor(assumptions: Assumptions, { fastForward = true }: Pick<MachineOptions, 'fastForward'> = {}) {
    this.assumptions = assumptions;
    this.fastForward = fastForward;
  }

  /** Runs a layer alone on a machine of its own. */
  *run(layer: Layer, point: Point): Trying<SimulatedResult> {
    const identity = `${layerIdentity(layer, this.assumptions)} ${pointIdentity(point)}`;
    const known = this.known.get(identity);
    if (known !== undefined) return known;
    const machine = new Machine(point.hardware, { dram: point.dram, fastForward: this.fastForward });
    yield;
    const run = machine.runWithPauses(layer, this.assumptions);
    let step = run.next();
    for (; step.done !== true; step = run.next()) {
      this.share = step.value;
      yield;
    }
    this.runs++;
    this.share = 0;
    this.known.set(identity, step.value);
    return step.value;
  }

  /** The cycles of a run. */
  *cycles(layer: Layer, point: Point): Trying<number> {
    const { totalCycles } = yield* this.run(layer, point);
    return totalCycles;
  }
}
