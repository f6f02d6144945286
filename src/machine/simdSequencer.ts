/**
 * Runs one SIMD layer: a step's working set takes a slot of VMem, its tiles are loaded, computed and stored, then the
 * slot is free. With the usual single slot that is strictly one after the other. The parts of an operation that has
 * several follow each other without overlap.
 */
import type { SimdSchedule, SimdWalk } from '../schedule/simdSchedule.ts';
import type { ComputeClient } from './computeUnit.ts';
import type { Machine } from './machine.ts';
import type { TransferClient } from './offChipInterface.ts';
import { noWaiting, type Waiting } from './waiting.ts';

// Tags of transfers.
const LOAD = 0;
const STORE = 1;

export class SimdSequencer implements TransferClient, ComputeClient {
  readonly waiting: Waiting = noWaiting();
  /** Steps given a slot, loaded, computed and completely done. */
  private granted = 0;
  private loaded = 0;
  private computed = 0;
  done = 0;
  /** Bits asked of DRAM, as booked. */
  ifmapBits = 0;
  ofmapBits = 0;
  /** `counts[part][mask]` in the schedule's order of shapes: steps computed. */
  readonly counts: Map<object, number> = new Map();

  private readonly schedule: SimdSchedule;
  private readonly machine: Machine;
  private readonly slots: number;
  private readonly isSerialByPart: boolean;
  private readonly granting: SimdWalk;
  private readonly loading: SimdWalk;
  private readonly computing: SimdWalk;
  private readonly storing: SimdWalk;
  private loadsLeft = 0;
  private storesLeft = 0;
  /** When each slot was given to its step. */
  private readonly grantCycles: Float64Array;
  /** Up to when the pipeline's time is accounted for: its last compute, or what it has been seen waiting for since. */
  private accountedCycle = 0;

  constructor(schedule: SimdSchedule, machine: Machine) {
    this.schedule = schedule;
    this.machine = machine;
    this.slots = machine.hardware.slots.vmem;
    this.isSerialByPart = schedule.parts.length > 1;
    this.granting = schedule.walk();
    this.loading = schedule.walk();
    this.computing = schedule.walk();
    this.storing = schedule.walk();
    this.loadsLeft = this.loading.shape().loads.length;
    this.storesLeft = this.storing.shape().stores.length;
    this.grantCycles = new Float64Array(this.slots);
  }

  /** Asks for the first tiles; the event queue does the rest. */
  start(): void {
    this.machine.vmemInterface.attach(this);
    this.machine.simd.attach(this);
    this.proceed(0);
  }

  isComplete(): boolean {
    return this.done === this.schedule.steps;
  }

  /** Books the time after the last compute as drain. */
  finish(end: number): void {
    this.waiting.drain += end - this.accountedCycle;
  }

  transferEnded(tag: number, cycle: number): void {
    if (tag === LOAD) {
      if (--this.loadsLeft === 0) this.stepLoaded();
    } else if (--this.storesLeft === 0) {
      this.stepDone();
    }
    this.proceed(cycle);
  }

  computeEnded(cycle: number): void {
    this.accountedCycle = cycle;
    this.stepComputed();
    this.proceed(cycle);
  }

  /** Gives slots and starts computing as far as that goes now. */
  private proceed(cycle: number): void {
    const { machine, schedule } = this;
    for (;;) {
      const isGranting = this.mayGrant();
      if (isGranting) this.grant(cycle);
      const isStarting = this.computed < this.loaded && !machine.simd.isBusy;
      if (isStarting) this.startStep(cycle);
      if (!isGranting && !isStarting) return;
      if (this.done === schedule.steps) return;
    }
  }

  private mayGrant(): boolean {
    if (this.granted === this.schedule.steps || this.granted - this.done >= this.slots) return false;
    return !this.isSerialByPart || !this.granting.isFirstOfPart || this.granted === this.done;
  }

  private grant(cycle: number): void {
    this.grantCycles[this.granted % this.slots] = cycle;
    const { loads } = this.granting.shape();
    this.granted++;
    for (const { operand, bits } of loads) {
      if (operand.booked === 'ifmap') this.ifmapBits += bits;
      else this.ofmapBits += bits;
      this.machine.vmemInterface.request(LOAD, bits, 0);
    }
    if (loads.length === 0) this.stepLoaded();
    this.granting.advance();
  }

  private stepLoaded(): void {
    this.loaded++;
    this.loading.advance();
    this.loadsLeft = this.loading.shape().loads.length;
  }

  /** Starts the compute of a loaded step; one without instructions goes straight on to its stores. */
  private startStep(cycle: number): void {
    const shape = this.computing.shape();
    this.bookWaiting(cycle);
    this.counts.set(shape, (this.counts.get(shape) ?? 0) + 1);
    if (shape.computeCycles > 0) this.machine.simd.compute(shape.computeCycles, shape.fillCycles);
    else this.stepComputed();
  }

  private stepComputed(): void {
    this.computed++;
    const { stores } = this.computing.shape();
    for (const { operand, bits } of stores) {
      if (operand.booked === 'ifmap') this.ifmapBits += bits;
      else this.ofmapBits += bits;
      this.machine.vmemInterface.request(STORE, bits, 0);
    }
    this.computing.advance();
    if (stores.length === 0) this.stepDone();
  }

  private stepDone(): void {
    this.done++;
    this.storing.advance();
    this.storesLeft = this.storing.shape().stores.length;
  }

  /** Until the step had its slot the pipeline waited for the stores before it, since then for its loads. */
  private bookWaiting(cycle: number): void {
    const since = this.accountedCycle;
    const granted = Math.max(since, this.grantCycles[this.computed % this.slots]!);
    this.waiting.vmemStore += granted - since;
    this.waiting.vmemLoad += cycle - granted;
    this.accountedCycle = cycle;
  }
}
