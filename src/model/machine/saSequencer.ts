/**
 * Runs one conv or gemm layer: starts a step's compute when its operands are in, stores a psum tile when its visit is
 * over; its loader asks for tiles as slots come free. Overlap is what slots and timing make of that.
 */
import { flag, type StateVisitor } from '../engine/stateVisitor.ts';
import type { Assumptions } from '../schedule/assumptions.ts';
import type { LoopNest } from '../schedule/loopNest.ts';
import { coversReduction, type SaSchedule } from '../schedule/saSchedule.ts';
import { InternalError } from '../schemas/inputError.ts';
import type { ComputeClient } from './computeUnit.ts';
import type { StepListener, SteppedLayer } from './fastForward.ts';
import type { Machine } from './machine.ts';
import type { MachineObserver } from './observer.ts';
import type { TransferClient } from './offChipInterface.ts';
import type { OutputSram } from './outputSram.ts';
import { SaBuffers } from './saBuffers.ts';
import { SaLoader } from './saLoader.ts';
import { SaTransfers, TAG } from './saTransfers.ts';
import type { KeepingSram, TileSram } from './tileSram.ts';
import { CAUSE, WAITING_CAUSES, WaitingCounter } from './waiting.ts';

export class SaSequencer implements TransferClient, ComputeClient, SteppedLayer {
  readonly schedule: SaSchedule;
  readonly transfers: SaTransfers;
  readonly waiting = new WaitingCounter();
  /** Who is told of each step, if anybody. */
  stepListener: StepListener | undefined;
  /** Steps computed. */
  computed = 0;
  /** Steps computed per tile shape: those that begin a psum, and those that add to one. */
  readonly startingSteps: number[];
  readonly addingSteps: number[];

  private readonly machine: Machine;
  private readonly observer: MachineObserver | undefined;
  private readonly buffers: SaBuffers;
  private readonly wbuf: TileSram;
  private readonly bbuf: KeepingSram;
  private readonly ibuf: TileSram;
  private readonly obuf: OutputSram;
  private readonly loader: SaLoader;
  /** The step that computes, or will next. */
  private readonly stepNest: LoopNest;
  private lastComputeEnd = 0;

  // Lockstep: the segment that runs, and the store kept for the next one.
  private readonly isLockstep: boolean;
  private segment = -1;
  private keptStoreBits = 0;
  private keepsOfmap = false;

  constructor(schedule: SaSchedule, machine: Machine, assumptions: Assumptions) {
    const { hardware, observer } = machine;
    this.schedule = schedule;
    this.machine = machine;
    this.observer = observer;
    this.startingSteps = new Array<number>(schedule.shapes.length).fill(0);
    this.addingSteps = new Array<number>(schedule.shapes.length).fill(0);
    this.buffers = new SaBuffers(schedule, hardware, assumptions);
    this.wbuf = this.buffers.wbuf;
    this.bbuf = this.buffers.bbuf;
    this.ibuf = this.buffers.ibuf;
    this.obuf = this.buffers.obuf;
    this.transfers = new SaTransfers(machine, this.buffers);
    this.loader = new SaLoader(schedule, assumptions, this.buffers, this.transfers, observer);
    this.stepNest = schedule.stepNest();
    this.isLockstep = assumptions.lockstep;
  }

  /** Asks for the first tiles; the event queue does the rest. */
  start(): void {
    const { machine } = this;
    machine.weightInterface.attach(this);
    machine.ifmapInterface.attach(this);
    machine.psumInterface.attach(this);
    machine.peArray.attach(this);
    this.readOperands(-1);
    this.loader.requestAll(0, 0);
  }

  /** Whether every step has been computed and every visit stored. */
  isComplete(): boolean {
    return this.computed === this.schedule.steps && this.obuf.stores === this.schedule.psum.uses;
  }

  /** Books the time after the last compute as drain; `end` is the cycle of the last event. */
  finish(end: number): void {
    this.book(CAUSE.drain, this.lastComputeEnd, end);
  }

  transferEnded(tag: number, cycle: number, firstPartCycle: number): void {
    const isAwaited = this.arrive(tag, cycle, firstPartCycle);
    if (this.isLockstep) this.nextSegmentIfQuiet(cycle);
    else if (isAwaited) this.computeIfReady(cycle);
  }

  /** Takes note of a transfer's end; returns whether it may be what the next step has waited for. */
  private arrive(tag: number, cycle: number, firstPartCycle: number): boolean {
    switch (tag) {
      case TAG.ifmap:
        return this.ibuf.arrive(cycle);
      case TAG.psumStore:
        this.obuf.stores++;
        // In lockstep a psum that its own step already waits for comes in a segment of its own.
        if (!this.isLockstep || this.loader.psums.step > this.segment) this.loader.requestPsums(cycle);
        return true;
      case TAG.psumLoad:
        return this.obuf.arrive(cycle);
      case TAG.weight:
        return this.wbuf.arrive(cycle);
      case TAG.bias:
        return this.bbuf.arrive(cycle);
      default: {
        const isWeight = this.wbuf.arrive(firstPartCycle);
        return this.bbuf.arrive(cycle) || isWeight;
      }
    }
  }

  computeEnded(cycle: number): void {
    const { schedule, stepNest } = this;
    if (this.observer !== undefined) this.observer.computeEnded(this.computed, cycle);
    this.computed++;
    this.lastComputeEnd = cycle;
    const { shape } = stepNest;
    const isSumComplete = coversReduction(stepNest.lastMask);
    const level = stepNest.advance();
    if (this.stepListener !== undefined) this.stepListener.stepEnded(level);
    if (level <= schedule.psum.position) {
      this.obuf.visited++;
      this.store(schedule.shapes[shape]!.psumBits, isSumComplete);
    }
    if (this.computed < schedule.steps) {
      this.readOperands(level);
      this.loader.stepComputed(this.computed);
    }
    if (this.isLockstep) this.nextSegmentIfQuiet(cycle);
    else this.computeIfReady(cycle);
  }

  /** Turns to the operands of the next step, given the loop that advanced. */
  private readOperands(level: number): void {
    const { schedule, stepNest } = this;
    const { wbuf, bbuf, ibuf, obuf } = this;
    const startsSum = coversReduction(stepNest.firstMask);
    if (level <= schedule.weight.position) {
      wbuf.turnTo(stepNest);
      if (startsSum) bbuf.turnTo(stepNest);
    }
    if (level <= schedule.ifmap.position) ibuf.turnTo(stepNest);
    if (level <= schedule.psum.position) obuf.turnTo(!startsSum);
  }

  /** Stores the psum of the visit that has just ended; in lockstep with the next segment. */
  private store(bits: number, isComplete: boolean): void {
    if (this.isLockstep) {
      this.keptStoreBits = bits;
      this.keepsOfmap = isComplete;
    } else {
      this.transfers.storePsum(this.computed - this.schedule.psum.stepsPerUse, bits, isComplete);
    }
  }

  private computeIfReady(cycle: number): void {
    const { machine, schedule, stepNest } = this;
    const { wbuf, bbuf, ibuf, obuf } = this;
    if (machine.peArray.isBusy || this.computed >= schedule.steps) return;
    const startsSum = coversReduction(stepNest.firstMask);
    if (!ibuf.isReady() || !wbuf.isReady() || !obuf.isReady()) return;
    if (startsSum && !bbuf.isReady()) return;
    if (cycle > this.lastComputeEnd) this.bookWaiting(cycle, startsSum);
    const { shape } = stepNest;
    if (startsSum) this.startingSteps[shape]!++;
    else this.addingSteps[shape]!++;
    if (this.observer !== undefined) this.observeCompute(cycle, startsSum);
    machine.peArray.compute(schedule.shapes[shape]!.computeCycles);
  }

  private observeCompute(cycle: number, startsSum: boolean): void {
    this.observer!.computeStarted(this.computed, cycle, this.buffers.operandSlots(startsSum));
  }

  /** The array has waited since its last compute: for what became ready last. */
  private bookWaiting(cycle: number, startsSum: boolean): void {
    const { wbuf, bbuf, ibuf, obuf } = this;
    const since = this.lastComputeEnd;
    let cause: number = startsSum ? CAUSE.outputSlot : CAUSE.psumLoad;
    let { readyCycle } = obuf;
    if (ibuf.readyCycle > readyCycle) {
      cause = CAUSE.ifmap;
      readyCycle = ibuf.readyCycle;
    }
    if (wbuf.readyCycle > readyCycle) {
      cause = CAUSE.weight;
      readyCycle = wbuf.readyCycle;
    }
    if (startsSum && bbuf.readyCycle > readyCycle) {
      cause = CAUSE.bias;
      readyCycle = bbuf.readyCycle;
    }
    if (cycle > readyCycle) cause = CAUSE.barrier;
    if (cause === CAUSE.psumLoad) {
      // From its slot until its store's end it waits for the store, then for the load itself.
      const granted = Math.max(since, obuf.grantCycle);
      const stored = Math.max(granted, obuf.hazardCycle);
      this.book(CAUSE.psumLoad, since, granted);
      this.book(CAUSE.hazard, granted, stored);
      this.book(CAUSE.psumLoad, stored, cycle);
    } else if (cause === CAUSE.bias) {
      // A bias travels behind its weight tile, if that is loaded too: until the weights are in it waits for them.
      const weightsIn = Math.max(since, wbuf.readyCycle);
      this.book(CAUSE.weight, since, weightsIn);
      this.book(CAUSE.bias, weightsIn, cycle);
    } else {
      this.book(cause, since, cycle);
    }
  }

  private book(cause: number, from: number, to: number): void {
    if (to === from) return;
    this.waiting.add(cause, to - from);
    if (this.observer !== undefined) this.observer.waited?.(WAITING_CAUSES[cause]!, from, to);
  }

  /** Lockstep: when all of a segment is over, the next one begins: the store, the loads of step j+1, compute j. */
  private nextSegmentIfQuiet(cycle: number): void {
    if (!this.isQuiet() || this.isComplete()) return;
    if (this.computed > this.segment) {
      this.segment++;
      this.loader.furthestStep = Math.min(this.segment + 1, this.schedule.steps - 1);
      if (this.keptStoreBits > 0) {
        const step = this.computed - this.schedule.psum.stepsPerUse;
        this.transfers.storePsum(step, this.keptStoreBits, this.keepsOfmap);
        this.keptStoreBits = 0;
      }
    }
    this.loader.requestAll(this.computed, cycle);
    this.computeIfReady(cycle);
    if (this.isQuiet())
      throw new InternalError(`${this.schedule.layer.name}: lockstep segment ${this.segment} is stuck`);
  }

  private isQuiet(): boolean {
    return !this.machine.peArray.isBusy && this.transfers.areDone();
  }

  iterationsLeft(position: number): number {
    return this.stepNest.iterationsLeft(position);
  }

  visit(state: StateVisitor): void {
    const { computed, stepNest } = this;
    stepNest.visit(state);
    this.machine.peArray.visit(state);
    this.transfers.visit(state);
    this.loader.visit(state, stepNest, computed);
    if (this.isLockstep) {
      state.same(this.segment - computed);
      state.same(this.keptStoreBits);
      state.same(flag(this.keepsOfmap));
    }
    this.segment = state.total(this.segment);
    this.lastComputeEnd = state.cycle(this.lastComputeEnd);
    this.computed = state.total(computed);
    const { startingSteps, addingSteps } = this;
    for (let shape = 0; shape < startingSteps.length; shape++) {
      startingSteps[shape] = state.total(startingSteps[shape]!);
      addingSteps[shape] = state.total(addingSteps[shape]!);
    }
    this.waiting.visit(state);
  }
}
