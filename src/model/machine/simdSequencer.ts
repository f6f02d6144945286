/**
 * Runs one SIMD layer: a step's working set takes a slot of VMem, its tiles are loaded, computed and stored, then the
 * slot is free. With the usual single slot that is strictly one after the other. The parts of an operation that has
 * several follow each other without overlap.
 */
import { flag, type StateVisitor } from '../engine/stateVisitor.ts';
import type { Operand } from '../operations/simdTable.ts';
import type { SimdSchedule, SimdStepShape, SimdWalk } from '../schedule/simdSchedule.ts';
import type { ComputeClient } from './computeUnit.ts';
import type { StepListener, SteppedLayer } from './fastForward.ts';
import type { Machine } from './machine.ts';
import type { MachineObserver } from './observer.ts';
import type { TransferClient } from './offChipInterface.ts';
import { CAUSE, WAITING_CAUSES, WaitingCounter } from './waiting.ts';

// Tags of transfers.
const LOAD = 0;
const STORE = 1;

export class SimdSequencer implements TransferClient, ComputeClient, SteppedLayer {
  readonly waiting = new WaitingCounter();
  /** Who is told of each step, if anybody. */
  stepListener: StepListener | undefined;
  /** Steps given a slot, loaded, computed and completely done. */
  private granted = 0;
  private loaded = 0;
  computed = 0;
  done = 0;
  /** Bits asked of DRAM, as booked. */
  ifmapBits = 0;
  ofmapBits = 0;
  /** Steps computed per part and shape. */
  private readonly counts: number[];

  readonly schedule: SimdSchedule;
  private readonly machine: Machine;
  private readonly slots: number;
  private readonly observer: MachineObserver | undefined;
  private readonly wantsMoves: boolean;
  private readonly isSerialByPart: boolean;
  private readonly granting: SimdWalk;
  private readonly computing: SimdWalk;
  /** Per slot: the loads and stores that its step still has to come, and when the slot was given to it. */
  private readonly loadsLeft: number[];
  private readonly storesLeft: number[];
  private readonly grantCycles: number[];
  /** The slots of the steps that are granted, loaded, computed and done next: taken in turn. */
  private grantSlot = 0;
  private loadSlot = 0;
  private computeSlot = 0;
  private doneSlot = 0;
  /** Up to when the pipeline's time is accounted for: its last compute, or what it has been seen waiting for since. */
  private accountedCycle = 0;

  constructor(schedule: SimdSchedule, machine: Machine) {
    this.schedule = schedule;
    this.machine = machine;
    this.observer = machine.observer;
    this.wantsMoves = machine.wantsMoves();
    this.counts = new Array<number>(schedule.parts.length * schedule.shapes).fill(0);
    this.slots = machine.hardware.slots.vmem;
    this.isSerialByPart = schedule.parts.length > 1;
    this.granting = schedule.walk();
    this.computing = schedule.walk();
    this.loadsLeft = new Array<number>(this.slots).fill(0);
    this.storesLeft = new Array<number>(this.slots).fill(0);
    this.grantCycles = new Array<number>(this.slots).fill(0);
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

  /** Calls `use` with each shape and how many steps of it have been computed. */
  forEachShape(use: (shape: SimdStepShape, steps: number) => void): void {
    const { schedule, counts } = this;
    for (let place = 0; place < counts.length; place++) {
      if (counts[place]! > 0)
        use(schedule.shape(Math.floor(place / schedule.shapes), place % schedule.shapes), counts[place]!);
    }
  }

  /** Books the time after the last compute as drain. */
  finish(end: number): void {
    this.bookWait(CAUSE.drain, this.accountedCycle, end);
  }

  transferEnded(tag: number, cycle: number): void {
    // Loads arrive in step order and so do stores, so these belong to the first step that lacks some.
    if (tag === LOAD) {
      if (--this.loadsLeft[this.loadSlot]! > 0) return;
      this.stepLoaded();
    } else {
      if (--this.storesLeft[this.doneSlot]! > 0) return;
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
    const { machine } = this;
    for (;;) {
      const isGranting = this.mayGrant();
      if (isGranting) this.grant(cycle);
      const isStarting = this.computed < this.loaded && !machine.simd.isBusy;
      if (isStarting) this.startStep(cycle);
      if (!isGranting && !isStarting) return;
    }
  }

  private mayGrant(): boolean {
    if (this.granted >= this.schedule.steps || this.granted - this.done >= this.slots) return false;
    return !this.isSerialByPart || !this.granting.isFirstOfPart || this.granted === this.done;
  }

  private grant(cycle: number): void {
    const { loads, stores } = this.granting.shape;
    const slot = this.grantSlot;
    this.grantSlot = this.slotAfter(slot);
    this.granted++;
    this.grantCycles[slot] = cycle;
    if (this.observer !== undefined) this.observer.slotGranted?.('vmem', slot, this.granted - 1, cycle);
    this.loadsLeft[slot] = loads.length;
    this.storesLeft[slot] = stores.length;
    for (let place = 0; place < loads.length; place++) {
      const { operand, bits } = loads[place]!;
      this.book(operand, bits);
      if (this.wantsMoves) this.announceMove(operand, 'load', this.granted - 1, place, bits);
      this.machine.vmemInterface.request(LOAD, bits, 0);
    }
    if (loads.length === 0) this.stepLoaded();
    this.granting.advance();
  }

  /** Starts the compute of a loaded step; one without instructions goes straight on to its stores. */
  private startStep(cycle: number): void {
    const { shape } = this.computing;
    this.bookWaiting(cycle);
    if (this.observer !== undefined) this.observer.computeStarted(this.computed, cycle, undefined);
    this.counts[this.computing.shapeNumber]!++;
    if (shape.computeCycles > 0) this.machine.simd.compute(shape.computeCycles);
    else this.stepComputed();
  }

  private stepComputed(): void {
    if (this.observer !== undefined) this.observer.computeEnded(this.computed, this.machine.queue.now);
    this.computed++;
    const { stores } = this.computing.shape;
    for (let place = 0; place < stores.length; place++) {
      const { operand, bits } = stores[place]!;
      this.book(operand, bits);
      if (this.wantsMoves) this.announceMove(operand, 'store', this.computed - 1, place, bits);
      this.machine.vmemInterface.request(STORE, bits, 0);
    }
    const position = this.computing.advance();
    if (this.stepListener !== undefined) this.stepListener.stepEnded(position);
    this.computeSlot = this.slotAfter(this.computeSlot);
    if (stores.length === 0) this.stepDone();
  }

  private stepLoaded(): void {
    this.loaded++;
    this.loadSlot = this.slotAfter(this.loadSlot);
  }

  private stepDone(): void {
    this.done++;
    this.doneSlot = this.slotAfter(this.doneSlot);
  }

  private slotAfter(slot: number): number {
    return slot + 1 < this.slots ? slot + 1 : 0;
  }

  private book(operand: Operand, bits: number): void {
    if (operand.booked === 'ifmap') this.ifmapBits += bits;
    else this.ofmapBits += bits;
  }

  private announceMove(operand: Operand, direction: 'load' | 'store', step: number, place: number, bits: number): void {
    const move = { tensor: operand.tensor, direction, step, slot: step % this.slots, bits, operand: place };
    this.machine.announce('vmem', [move]);
  }

  /** Until the step had its slot the pipeline waited for the stores before it, since then for its loads. */
  private bookWaiting(cycle: number): void {
    const since = this.accountedCycle;
    const granted = Math.max(since, this.grantCycles[this.computeSlot]!);
    this.bookWait(CAUSE.vmemStore, since, granted);
    this.bookWait(CAUSE.vmemLoad, granted, cycle);
    this.accountedCycle = cycle;
  }

  private bookWait(cause: number, from: number, to: number): void {
    if (to === from) return;
    this.waiting.add(cause, to - from);
    if (this.observer !== undefined) this.observer.waited?.(WAITING_CAUSES[cause]!, from, to);
  }

  iterationsLeft(position: number): number {
    return this.computing.iterationsLeft(position);
  }

  /** Which slot is which does not matter, and neither do cycles up to now, as they all are between events. */
  visit(state: StateVisitor): void {
    const { granted, loaded, computed, done, slots } = this;
    this.computing.visit(state);
    this.machine.simd.visit(state);
    this.machine.vmemInterface.visit(state);
    const isGranting = granted < this.schedule.steps;
    state.same(flag(isGranting));
    if (isGranting) this.granting.visit(state);
    state.same(granted - loaded);
    state.same(granted - computed);
    state.same(granted - done);
    this.granted = state.total(granted);
    this.loaded = state.total(loaded);
    this.computed = state.total(computed);
    this.done = state.total(done);
    for (let count = 0, slot = this.grantSlot; count < slots; count++, slot = this.slotAfter(slot)) {
      state.same(this.loadsLeft[slot]!);
      state.same(this.storesLeft[slot]!);
    }
    this.accountedCycle = state.cycle(this.accountedCycle);
    this.ifmapBits = state.total(this.ifmapBits);
    this.ofmapBits = state.total(this.ofmapBits);
    for (let place = 0; place < this.counts.length; place++) this.counts[place] = state.total(this.counts[place]!);
    this.waiting.visit(state);
  }
}
