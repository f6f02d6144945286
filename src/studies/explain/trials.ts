/**
 * Trial runs of one layer or fused group: on other hardware, with another tile, on another memory. Nothing is run twice.
 * Where layers overlap (`prefetch`) the whole network is run, with what is tried in its place.
 */
import type { DramModel } from '../../model/dram/model.ts';
import { aloneOf, type FusedProgram } from '../../model/fusion/fuse.ts';
import type { FusedGroup } from '../../model/fusion/groups.ts';
import type { Layer } from '../../model/layers/layer.ts';
import { Machine, type MachineOptions } from '../../model/machine/machine.ts';
import type { ProgramProgress, ProgramResult } from '../../model/machine/programRun.ts';
import type { SimulatedResult } from '../../model/machine/statistics.ts';
import { runOverlapped } from '../../model/network/overlapped.ts';
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

/** A network to run. */
export type TriedProgram = Pick<FusedProgram, 'layers' | 'groups'>;

/** The network around what is tried. */
export interface Surroundings {
  /** The network, tiled for a hardware point's array, with what is tried in its place. */
  readonly around: (tried: Tried, hardware: Hardware) => TriedProgram;
  /** The network in which the layers of a fused group run apart, each with its own tile. */
  readonly apart: (group: FusedGroup) => TriedProgram;
}

/** Whether it is a fused group. */
export function isGroup(tried: Tried): tried is FusedGroup {
  return 'members' in tried;
}

/** All that decides, beside the layer, what a run takes. Capacities do not: they decide the tile. */
function pointIdentity({ hardware, dram }: Point): string {
  const channels = dram.kind === 'banked' ? dram.spec.organization.channels : '';
  return JSON.stringify([hardware.array, hardware.bitsPerCycle, hardware.slots, dram.kind, channels]);
}

/** How trials are run. */
export interface TrialOptions extends Pick<MachineOptions, 'fastForward'> {
  /** Where layers overlap: those around the one that is tried. */
  readonly surroundings?: Surroundings | undefined;
}

/** A part of a stage, between two shares of it, and how many runs such a part may well take: nobody knows before. */
export interface StagePart {
  readonly from: number;
  readonly to: number;
  readonly runs: number;
}

/** Runs layers, and remembers what they took. */
export class Trials {
  /** Runs that have ended. */
  runs = 0;
  /** How much of the next is done. */
  private share = 0;
  private part: StagePart = { from: 0, to: 1, runs: 1 };
  private runsBefore = 0;
  private readonly assumptions: Assumptions;
  private readonly fastForward: boolean;
  private readonly surroundings: Surroundings | undefined;
  private readonly known = new Map<string, SimulatedResult>();
  private readonly knownPrograms = new Map<string, ProgramResult>();

  constructor(assumptions: Assumptions, { fastForward = true, surroundings }: TrialOptions = {}) {
    this.assumptions = assumptions;
    this.fastForward = fastForward;
    this.surroundings = surroundings;
  }

  /** Whether layers overlap: what is tried is the network then. */
  get isOverlapped(): boolean {
    return this.surroundings !== undefined;
  }

  /** From now on runs belong to a part of a stage. */
  begin(part: StagePart): void {
    this.part = part;
    this.runsBefore = this.runs;
  }

  /** About how much of the stage is done: it grows with every run, and with what is done of one. */
  get stageShare(): number {
    const { from, to, runs: expected } = this.part;
    const runs = this.runs + this.share - this.runsBefore;
    return from + ((to - from) * runs) / (runs + expected);
  }

  /** Does something for each of a list, an equal part of a part of a stage each. */
  *each<Item, Result>(
    items: readonly Item[],
    { from, to, runs }: StagePart,
    of: (item: Item) => Trying<Result>,
  ): Trying<Result[]> {
    const results: Result[] = [];
    const at = (place: number): number => from + ((to - from) * place) / items.length;
    for (const [place, item] of items.entries()) {
      this.begin({ from: at(place), to: at(place + 1), runs });
      results.push(yield* of(item));
    }
    return results;
  }

  /** What a layer takes: alone, or among the others where layers overlap. */
  *run(layer: Layer, point: Point): Trying<SimulatedResult> {
    const { surroundings } = this;
    if (surroundings === undefined) return yield* this.runAlone(layer, point);
    const { layers } = surroundings.around(layer, point.hardware);
    const result = yield* this.runAround(layer, point, surroundings);
    return result.layers[layers.findIndex(({ name }) => name === layer.name)]!;
  }

  /** Runs a layer on the drained machine, with nothing beside it. */
  *runAlone(layer: Layer, point: Point): Trying<SimulatedResult> {
    const identity = this.identityOf(layer, point);
    const known = this.known.get(identity);
    if (known !== undefined) return known;
    const machine = this.machineAt(point);
    yield;
    const result = yield* this.toEnd(machine.runWithPauses(layer, this.assumptions), (share) => share);
    this.known.set(identity, result);
    return result;
  }

  /** What a fused group takes, and its members. The groups of one `Trials` differ in their tiles only. */
  *runGroup(group: FusedGroup, point: Point): Trying<Pick<ProgramResult, 'layers' | 'groups'>> {
    const { surroundings } = this;
    if (surroundings !== undefined) {
      const { layers, groups } = yield* this.runAround(group, point, surroundings);
      const { first, last } = group;
      return {
        layers: layers.slice(first, last + 1),
        groups: groups.filter((each) => each.group.first === first),
      };
    }
    return yield* this.remembered(this.identityOf(group.sa, point), () =>
      this.machineAt(point).runGroup(layersOf(group), aloneOf(group), this.assumptions),
    );
  }

  /** The cycles of a run: of the layer or group, or where layers overlap of the network around it. */
  *cycles(tried: Tried, point: Point): Trying<number> {
    const { surroundings } = this;
    if (surroundings !== undefined) return (yield* this.runAround(tried, point, surroundings)).totalCycles;
    if (!isGroup(tried)) return (yield* this.runAlone(tried, point)).totalCycles;
    return (yield* this.runGroup(tried, point)).groups[0]!.totalCycles;
  }

  /** The cycles that the layers of a group take apart: one after another or, where layers overlap, those of the network then. */
  *cyclesApart(group: FusedGroup, layers: readonly Layer[], point: Point): Trying<number> {
    const { surroundings } = this;
    if (surroundings !== undefined) {
      const program = surroundings.apart(group);
      return (yield* this.remembered('apart', () => this.overlapped(program, point))).totalCycles;
    }
    let cycles = 0;
    for (const layer of layers) cycles += (yield* this.runAlone(layer, point)).totalCycles;
    return cycles;
  }

  private runAround(tried: Tried, point: Point, surroundings: Surroundings): Trying<ProgramResult> {
    const identity = this.identityOf(isGroup(tried) ? tried.sa : tried, point);
    return this.remembered(identity, () => this.overlapped(surroundings.around(tried, point.hardware), point));
  }

  private *overlapped({ layers, groups }: TriedProgram, point: Point): Generator<ProgramProgress, ProgramResult> {
    const run = runOverlapped(this.machineAt(point), layers, this.assumptions, groups);
    let step = run.next();
    for (; step.done !== true; step = run.next()) {
      const { layersDone, layerShare } = step.value;
      yield { layersDone, layerShare: (layersDone + layerShare) / layers.length };
    }
    return step.value;
  }

  /** The result of a run, which is begun if there is none yet. */
  private *remembered(identity: string, begin: () => Generator<ProgramProgress, ProgramResult>): Trying<ProgramResult> {
    const known = this.knownPrograms.get(identity);
    if (known !== undefined) return known;
    yield;
    const result = yield* this.toEnd(begin(), ({ layerShare }) => layerShare);
    this.knownPrograms.set(identity, result);
    return result;
  }

  private *toEnd<Pause, Result>(run: Generator<Pause, Result>, shareOf: (pause: Pause) => number): Trying<Result> {
    let step = run.next();
    for (; step.done !== true; step = run.next()) {
      this.share = shareOf(step.value);
      yield;
    }
    this.runs++;
    this.share = 0;
    return step.value;
  }

  private identityOf(layer: Layer, point: Point): string {
    return `${layerIdentity(layer, this.assumptions)} ${pointIdentity(point)}`;
  }

  private machineAt({ hardware, dram }: Point): Machine {
    return new Machine(hardware, { dram, fastForward: this.fastForward });
  }
}
