/** Trial runs of one layer or fused group: on other hardware, with another tile, on another memory. Nothing is run twice. */
import type { DramModel } from '../../model/dram/model.ts';
import { aloneOf } from '../../model/fusion/fuse.ts';
import type { FusedGroup } from '../../model/fusion/groups.ts';
import type { Layer } from '../../model/layers/layer.ts';
import { Machine, type MachineOptions } from '../../model/machine/machine.ts';
import type { ProgramResult } from '../../model/machine/programRun.ts';
import type { SimulatedResult } from '../../model/machine/statistics.ts';
import type { Assumptions } from '../../model/schedule/assumptions.ts';
import { layersOf } from '../../model/schedule/fusedSchedule.ts';
import type { Hardware } from '../../model/schemas/hardware.ts';
import { layerIdentity } from '../../model/tiling/costIdentity.ts';

/** What a layer is run on. */
export interface Point {
  readonly hardware: Hardware;
  readonly dram: DramModel;
}

/** A search that pauses now and then, so that its caller can show progress or stop. */
export type Trying<Result> = Generator<void, Result>;

/** What is tried. */
export type Tried = Layer | FusedGroup;

/** Whether it is a fused group. */
export function isGroup(tried: Tried): tried is FusedGroup {
  return 'members' in tried;
}

/** All that decides, beside the layer, what a run takes. Capacities do not: they decide the tile. */
function pointIdentity({ hardware, dram }: Point): string {
  const channels = dram.kind === 'banked' ? dram.spec.organization.channels : '';
  return JSON.stringify([hardware.array, hardware.bitsPerCycle, hardware.slots, dram.kind, channels]);
}

/** Runs layers, and remembers what they took. */
export class Trials {
  /** Runs that have ended, and how much of the next is done. */
  runs = 0;
  share = 0;
  private readonly assumptions: Assumptions;
  private readonly fastForward: boolean;
  private readonly known = new Map<string, SimulatedResult>();
  private readonly knownGroups = new Map<string, ProgramResult>();

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

  /** Runs a fused group alone on a machine of its own. The groups of one `Trials` differ in their tiles only. */
  *runGroup(group: FusedGroup, point: Point): Trying<ProgramResult> {
    const identity = `${layerIdentity(group.sa, this.assumptions)} ${pointIdentity(point)}`;
    const known = this.knownGroups.get(identity);
    if (known !== undefined) return known;
    const machine = new Machine(point.hardware, { dram: point.dram, fastForward: this.fastForward });
    yield;
    const run = machine.runGroup(layersOf(group), aloneOf(group), this.assumptions);
    let step = run.next();
    for (; step.done !== true; step = run.next()) {
      this.share = step.value.layerShare;
      yield;
    }
    this.runs++;
    this.share = 0;
    this.knownGroups.set(identity, step.value);
    return step.value;
  }

  /** The cycles of a run. */
  *cycles(tried: Tried, point: Point): Trying<number> {
    const { totalCycles } = isGroup(tried) ? yield* this.runGroup(tried, point) : yield* this.run(tried, point);
    return totalCycles;
  }
}
