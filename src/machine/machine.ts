/** The accelerator: its components, and the run of one layer on them. */
import { IdealPort } from '../dram/ideal.ts';
import { EventQueue } from '../engine/eventQueue.ts';
import type { Layer } from '../layers/layer.ts';
import type { Assumptions } from '../schedule/assumptions.ts';
import { SaSchedule } from '../schedule/saSchedule.ts';
import { SimdSchedule } from '../schedule/simdSchedule.ts';
import { type Hardware, usableWeightBitsPerCycle } from '../spec/hardware.ts';
import { InternalError } from '../spec/inputError.ts';
import { ComputeUnit } from './computeUnit.ts';
import type { MachineObserver } from './observer.ts';
import { OffChipInterface } from './offChipInterface.ts';
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
  readonly weightInterface: OffChipInterface;
  readonly ifmapInterface: OffChipInterface;
  /** Psum loads, psum stores and ofmap stores share it. */
  readonly psumInterface: OffChipInterface;
  readonly vmemInterface: OffChipInterface;
  /** Who watches, if anybody. */
  observer: MachineObserver | undefined;

  constructor(hardware: Hardware, queue: EventQueue = new EventQueue()) {
    const { bitsPerCycle } = hardware;
    this.hardware = hardware;
    this.queue = queue;
    this.peArray = new ComputeUnit(queue);
    this.simd = new ComputeUnit(queue);
    this.weightInterface = new OffChipInterface('weight', queue, new IdealPort(usableWeightBitsPerCycle(hardware)));
    this.ifmapInterface = new OffChipInterface('ifmap', queue, new IdealPort(bitsPerCycle.ifmap));
    this.psumInterface = new OffChipInterface('psum', queue, new IdealPort(bitsPerCycle.psum));
    this.vmemInterface = new OffChipInterface('vmem', queue, new IdealPort(bitsPerCycle.vmem));
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
      this.observer?.layerStarted(layer, schedule);
      sequencer.start();
      while (!queue.run(EVENTS_PER_PAUSE)) yield sequencer.computed / schedule.steps;
      sequencer.finish(queue.now);
      this.observer?.layerEnded(queue.now);
      if (!sequencer.isComplete())
        throw new InternalError(`${layer.name}: the machine stopped before the layer was done`);
      return saResult(this, schedule, sequencer, queue.handled - eventsBefore);
    }
    const schedule = new SimdSchedule(layer, this.hardware, assumptions);
    const sequencer = new SimdSequencer(schedule, this);
    this.observer?.layerStarted(layer, schedule);
    sequencer.start();
    while (!queue.run(EVENTS_PER_PAUSE)) yield sequencer.done / schedule.steps;
    sequencer.finish(queue.now);
    this.observer?.layerEnded(queue.now);
    if (!sequencer.isComplete())
      throw new InternalError(`${layer.name}: the machine stopped before the layer was done`);
    return simdResult(this, sequencer, queue.handled - eventsBefore);
  }
}
