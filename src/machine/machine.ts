/** The accelerator: its components, and the run of one layer on them. */
import { type DramModel, IDEAL, isRegular } from '../dram/model.ts';
import { EventQueue } from '../engine/eventQueue.ts';
import type { Stateful } from '../engine/stateVisitor.ts';
import { type Layer, layerIdentity } from '../layers/layer.ts';
import { type Assumptions, assumptionKey } from '../schedule/assumptions.ts';
import { SaSchedule } from '../schedule/saSchedule.ts';
import { SimdSchedule } from '../schedule/simdSchedule.ts';
import type { Hardware } from '../spec/hardware.ts';
import { InternalError } from '../spec/inputError.ts';
import { ComputeUnit } from './computeUnit.ts';
import { FastForward } from './fastForward.ts';
import type { InterfaceName, MachineObserver, TileMove } from './observer.ts';
import type { OffChip, OffChipInterface } from './offChipInterface.ts';
import { type BankedSide, offChipSide } from './offChipSide.ts';
import { SaSequencer } from './saSequencer.ts';
import { SimdSequencer } from './simdSequencer.ts';
import { type RunEffort, type SimulatedResult, saResult, simdResult } from './statistics.ts';

/** Events between two pauses of a run. */
const EVENTS_PER_PAUSE = 1 << 16;

/** How a machine is built, where it is not as usual. */
export interface MachineOptions {
  readonly dram?: DramModel;
  /** False: every tile is stepped. */
  readonly fastForward?: boolean;
  readonly queue?: EventQueue;
}

export class Machine {
  readonly hardware: Hardware;
  readonly queue: EventQueue;
  readonly peArray: ComputeUnit;
  readonly simd: ComputeUnit;
  /** Weight and bias share it. */
  readonly weightInterface: OffChip;
  readonly ifmapInterface: OffChip;
  /** Psum loads, psum stores and ofmap stores share it. */
  readonly psumInterface: OffChip;
  readonly vmemInterface: OffChip;
  /** Who watches, if anybody. */
  observer: MachineObserver | undefined;

  private readonly banked: BankedSide | undefined;
  private readonly mayFastForward: boolean;
  /** Layers run before, by all that decides what they take. */
  private readonly known = new Map<string, SimulatedResult>();

  constructor(hardware: Hardware, options: MachineOptions = {}) {
    const { dram = IDEAL, fastForward = true, queue = new EventQueue() } = options;
    const { interfaces, banked } = offChipSide(hardware, queue, dram);
    this.hardware = hardware;
    this.queue = queue;
    this.peArray = new ComputeUnit(queue);
    this.simd = new ComputeUnit(queue);
    this.weightInterface = interfaces.weight;
    this.ifmapInterface = interfaces.ifmap;
    this.psumInterface = interfaces.psum;
    this.vmemInterface = interfaces.vmem;
    this.banked = banked;
    this.mayFastForward = fastForward && isRegular(dram);
  }

  /** Whether somebody must hear which tiles a request moves before it is made. */
  wantsMoves(): boolean {
    return this.observer !== undefined || this.banked !== undefined;
  }

  /** The next request of an interface moves these tiles. */
  announce(name: InterfaceName, moves: readonly TileMove[]): void {
    this.observer?.transferRequested(name, moves, this.queue.now);
    this.banked?.expect(name, moves);
  }

  /** Lets an observer watch all runs from now on, or none. What is watched is stepped. */
  observe(observer: MachineObserver | undefined): void {
    this.observer = observer;
    for (const each of this.interfaces()) each.observer = observer;
  }

  /** Runs a layer on the drained machine, tile by tile, from cycle 0 of its own. Throws an InternalError if figures disagree. */
  run(layer: Layer, assumptions: Assumptions): SimulatedResult {
    const run = this.runWithPauses(layer, assumptions);
    for (;;) {
      const step = run.next();
      if (step.done === true) return step.value;
    }
  }

  /** The same, pausing now and then so that the caller can show progress or stop; yields the share done so far. */
  *runWithPauses(layer: Layer, assumptions: Assumptions): Generator<number, SimulatedResult> {
    const isFast = this.mayFastForward && this.observer === undefined;
    const key = isFast ? `${layerIdentity(layer)} ${assumptionKey(assumptions)}` : '';
    const known = this.known.get(key);
    if (known !== undefined) return known;
    const result = yield* this.runAnew(layer, assumptions, isFast);
    // The same layer again takes as long again: the machine is drained in between.
    if (isFast) this.known.set(key, { ...result, steppedTiles: 0, jumpedTiles: result.tiles });
    return result;
  }

  private *runAnew(layer: Layer, assumptions: Assumptions, isFast: boolean): Generator<number, SimulatedResult> {
    const { queue, hardware } = this;
    queue.reset();
    const eventsBefore = queue.handled;
    const effort = (jumpedTiles: number): RunEffort => ({ events: queue.handled - eventsBefore, jumpedTiles });
    if (layer.unit === 'SA') {
      const schedule = new SaSchedule(layer, hardware, assumptions);
      const sequencer = new SaSequencer(schedule, this, assumptions);
      const jumpedTiles = yield* this.runSteps(layer, assumptions, schedule, sequencer, isFast);
      return { ...saResult(this, schedule, sequencer, effort(jumpedTiles)), ...this.memoryFigures() };
    }
    const schedule = new SimdSchedule(layer, hardware, assumptions);
    const sequencer = new SimdSequencer(schedule, this);
    const jumpedTiles = yield* this.runSteps(layer, assumptions, schedule, sequencer, isFast);
    return { ...simdResult(this, sequencer, effort(jumpedTiles)), ...this.memoryFigures() };
  }

  /** Runs all steps; returns how many were jumped over. */
  private *runSteps(
    layer: Layer,
    assumptions: Assumptions,
    schedule: SaSchedule | SimdSchedule,
    sequencer: SaSequencer | SimdSequencer,
    isFast: boolean,
  ): Generator<number, number> {
    const { queue } = this;
    const fastForward = isFast ? new FastForward(queue, sequencer, this.statefulParts()) : undefined;
    sequencer.stepListener = fastForward;
    this.layerStarted(layer, schedule, assumptions);
    sequencer.start();
    let eventsUntilPause = EVENTS_PER_PAUSE;
    for (;;) {
      const before = queue.handled;
      if (queue.run(eventsUntilPause)) break;
      eventsUntilPause -= queue.handled - before;
      fastForward?.look();
      if (eventsUntilPause > 0) continue;
      eventsUntilPause = EVENTS_PER_PAUSE;
      yield sequencer.computed / schedule.steps;
    }
    sequencer.finish(queue.now);
    this.layerEnded();
    if (!sequencer.isComplete())
      throw new InternalError(`${layer.name}: the machine stopped before the layer was done`);
    return fastForward?.jumpedSteps ?? 0;
  }

  private interfaces(): OffChip[] {
    return [this.weightInterface, this.ifmapInterface, this.psumInterface, this.vmemInterface];
  }

  /** All that acts at events. With a banked memory there is no fast-forward. */
  private statefulParts(): Stateful[] {
    return [this.peArray, this.simd, ...(this.interfaces() as OffChipInterface[])];
  }

  private layerStarted(layer: Layer, schedule: SaSchedule | SimdSchedule, { fullEdgeTiles }: Assumptions): void {
    this.banked?.layerStarted(layer, fullEdgeTiles);
    this.observer?.layerStarted(layer, schedule);
  }

  private layerEnded(): void {
    this.banked?.layerEnded(this.queue.now);
    this.observer?.layerEnded(this.queue.now);
  }

  private memoryFigures(): Pick<SimulatedResult, 'memory'> {
    return this.banked === undefined ? {} : { memory: this.banked.countsOfLayer() };
  }
}
