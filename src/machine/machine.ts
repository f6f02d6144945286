/** The accelerator: its components, and the run of one layer on them. */
import { type DramModel, IDEAL } from '../dram/model.ts';
import { EventQueue } from '../engine/eventQueue.ts';
import type { Layer } from '../layers/layer.ts';
import type { Assumptions } from '../schedule/assumptions.ts';
import { SaSchedule } from '../schedule/saSchedule.ts';
import { SimdSchedule } from '../schedule/simdSchedule.ts';
import type { Hardware } from '../spec/hardware.ts';
import { InternalError } from '../spec/inputError.ts';
import { ComputeUnit } from './computeUnit.ts';
import type { InterfaceName, MachineObserver, TileMove } from './observer.ts';
import type { OffChip } from './offChipInterface.ts';
import { type BankedSide, offChipSide } from './offChipSide.ts';
import { SaSequencer } from './saSequencer.ts';
import { SimdSequencer } from './simdSequencer.ts';
import { type SimulatedResult, saResult, simdResult } from './statistics.ts';

/** Events between two pauses of a run. */
const EVENTS_PER_PAUSE = 1 << 16;

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

  constructor(hardware: Hardware, queue: EventQueue = new EventQueue(), dram: DramModel = IDEAL) {
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

  /** Lets an observer watch all runs from now on, or none. */
  observe(observer: MachineObserver | undefined): void {
    this.observer = observer;
    for (const each of [this.weightInterface, this.ifmapInterface, this.psumInterface, this.vmemInterface]) {
      each.observer = observer;
    }
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
    const { queue } = this;
    queue.reset();
    const eventsBefore = queue.handled;
    if (layer.unit === 'SA') {
      const schedule = new SaSchedule(layer, this.hardware, assumptions);
      const sequencer = new SaSequencer(schedule, this, assumptions);
      this.layerStarted(layer, schedule, assumptions);
      sequencer.start();
      while (!queue.run(EVENTS_PER_PAUSE)) yield sequencer.computed / schedule.steps;
      sequencer.finish(queue.now);
      this.layerEnded();
      if (!sequencer.isComplete())
        throw new InternalError(`${layer.name}: the machine stopped before the layer was done`);
      return { ...saResult(this, schedule, sequencer, queue.handled - eventsBefore), ...this.memoryFigures() };
    }
    const schedule = new SimdSchedule(layer, this.hardware, assumptions);
    const sequencer = new SimdSequencer(schedule, this);
    this.layerStarted(layer, schedule, assumptions);
    sequencer.start();
    while (!queue.run(EVENTS_PER_PAUSE)) yield sequencer.done / schedule.steps;
    sequencer.finish(queue.now);
    this.layerEnded();
    if (!sequencer.isComplete())
      throw new InternalError(`${layer.name}: the machine stopped before the layer was done`);
    return { ...simdResult(this, sequencer, queue.handled - eventsBefore), ...this.memoryFigures() };
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
