/** The accelerator: its components, and the run of one layer on them. */
import { type DramModel, IDEAL, isRegular } from '../dram/model.ts';
import { EventQueue } from '../engine/eventQueue.ts';
import { expectExact } from '../layers/exactness.ts';
import type { Layer } from '../layers/layer.ts';
import type { Assumptions } from '../schedule/assumptions.ts';
import { SaSchedule } from '../schedule/saSchedule.ts';
import { SimdSchedule } from '../schedule/simdSchedule.ts';
import type { Hardware } from '../schemas/hardware.ts';
import { InternalError } from '../schemas/inputError.ts';
import { ComputeUnit } from './computeUnit.ts';
import { FastForward } from './fastForward.ts';
import { identityOf, KnownLayers } from './knownLayers.ts';
import type { ChannelObserver, InterfaceName, MachineObserver, TileMove } from './observer.ts';
import type { OffChip } from './offChipInterface.ts';
import { type BankedSide, offChipSide } from './offChipSide.ts';
import { SaSequencer } from './saSequencer.ts';
import { SimdSequencer } from './simdSequencer.ts';
import { type SimulatedResult, saResult, simdResult } from './statistics.ts';

/** Events between two pauses of a run. */
const EVENTS_PER_PAUSE = 1 << 16;
/** The same where somebody watches, who takes far longer over an event than the machine does. */
const EVENTS_PER_WATCHED_PAUSE = 1 << 10;

/** A layer that is being run. */
interface LayerRun {
  readonly sequencer: SaSequencer | SimdSequencer;
  readonly fastForward: FastForward | undefined;
  /** Under which its result is kept, if at all. */
  readonly identity: readonly number[] | undefined;
  readonly eventsBefore: number;
}

/** How a machine is built, where it is not as usual. */
export interface MachineOptions {
  readonly dram?: DramModel;
  /** False: every tile is stepped. */
  readonly fastForward?: boolean;
  readonly queue?: EventQueue;
  /** Who watches the channels of a banked memory, from the first layer to the last. */
  readonly channelObserver?: ChannelObserver | undefined;
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
  /** Undefined where every tile is stepped. */
  private readonly fastForward: FastForward | undefined;
  private readonly known = new KnownLayers();

  constructor(hardware: Hardware, options: MachineOptions = {}) {
    const { dram = IDEAL, fastForward = true, queue = new EventQueue() } = options;
    const { interfaces, banked } = offChipSide(hardware, queue, dram, options.channelObserver);
    this.hardware = hardware;
    this.queue = queue;
    this.peArray = new ComputeUnit(queue);
    this.simd = new ComputeUnit(queue);
    this.weightInterface = interfaces.weight;
    this.ifmapInterface = interfaces.ifmap;
    this.psumInterface = interfaces.psum;
    this.vmemInterface = interfaces.vmem;
    this.banked = banked;
    this.fastForward = fastForward && isRegular(dram) ? new FastForward(queue) : undefined;
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
    for (const each of [this.weightInterface, this.ifmapInterface, this.psumInterface, this.vmemInterface]) {
      each.observer = observer;
    }
  }

  /** Lets what still waits in a banked memory's write queues be written: for who watches its channels. */
  drainMemory(): void {
    this.banked?.drain();
  }

  /** Runs a layer on the drained machine, tile by tile, from cycle 0 of its own. Throws an InternalError if figures disagree. */
  run(layer: Layer, assumptions: Assumptions): SimulatedResult {
    const begun = this.begin(layer, assumptions);
    if ('known' in begun) return begun.known;
    while (!this.proceed(begun, EVENTS_PER_PAUSE));
    return this.end(begun);
  }

  /** The same, pausing now and then so that the caller can show progress or stop; yields the share done so far. */
  *runWithPauses(layer: Layer, assumptions: Assumptions): Generator<number, SimulatedResult> {
    const begun = this.begin(layer, assumptions);
    if ('known' in begun) return begun.known;
    const events = this.observer === undefined ? EVENTS_PER_PAUSE : EVENTS_PER_WATCHED_PAUSE;
    while (!this.proceed(begun, events)) yield begun.sequencer.computed / begun.sequencer.schedule.steps;
    return this.end(begun);
  }

  private begin(layer: Layer, assumptions: Assumptions): LayerRun | { readonly known: SimulatedResult } {
    const { queue, hardware } = this;
    const fastForward = this.observer === undefined ? this.fastForward : undefined;
    const identity = fastForward && identityOf(layer, assumptions);
    const known = identity && this.known.find(identity);
    if (known !== undefined) return { known };
    queue.reset();
    const sequencer =
      layer.unit === 'SA'
        ? new SaSequencer(new SaSchedule(layer, hardware, assumptions), this, assumptions)
        : new SimdSequencer(new SimdSchedule(layer, hardware, assumptions), this);
    fastForward?.begin(sequencer);
    sequencer.stepListener = fastForward;
    this.banked?.layerStarted(layer, assumptions.fullEdgeTiles);
    this.observer?.layerStarted(layer, sequencer.schedule);
    const eventsBefore = queue.handled;
    sequencer.start();
    return { sequencer, fastForward, identity, eventsBefore };
  }

  /** Handles some events; returns true when none is left. Throws a BeyondExactness where the layer takes 2⁵³ cycles. */
  private proceed({ sequencer, fastForward }: LayerRun, events: number): boolean {
    const { queue } = this;
    for (let left = events; left > 0; ) {
      const before = queue.handled;
      const isDone = queue.run(left);
      // What comes later would no longer come in its own cycle.
      expectExact(sequencer.schedule.layer.name, 'totalCycles', queue.now);
      if (isDone) return true;
      left -= queue.handled - before;
      fastForward?.look();
    }
    return false;
  }

  private end({ sequencer, fastForward, identity, eventsBefore }: LayerRun): SimulatedResult {
    const { queue } = this;
    sequencer.finish(queue.now);
    this.banked?.layerEnded(queue.now);
    this.observer?.layerEnded(queue.now);
    if (!sequencer.isComplete()) {
      throw new InternalError(`${sequencer.schedule.layer.name}: the machine stopped before the layer was done`);
    }
    const effort = { events: queue.handled - eventsBefore, jumpedTiles: fastForward?.jumpedSteps ?? 0 };
    const result =
      sequencer instanceof SaSequencer ? saResult(this, sequencer, effort) : simdResult(this, sequencer, effort);
    if (this.banked !== undefined) result.memory = this.banked.countsOfLayer();
    if (identity !== undefined) this.known.add(identity, result);
    return result;
  }
}
