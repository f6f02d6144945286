/**
 * Runs one conv or gemm layer: asks for tiles in step order as slots come free, starts a step's compute when its
 * operands are in, stores a psum tile when its visit is over. Overlap is what slots and timing make of that.
 */
import { flag, type StateVisitor } from '../engine/stateVisitor.ts';
import type { Assumptions } from '../schedule/assumptions.ts';
import type { LoopNest } from '../schedule/loopNest.ts';
import { bitOf, REDUCTION_MASK, type SaSchedule, type UsePattern } from '../schedule/saSchedule.ts';
import { InternalError } from '../spec/inputError.ts';
import type { ComputeClient } from './computeUnit.ts';
import type { StepListener, SteppedLayer } from './fastForward.ts';
import type { Machine } from './machine.ts';
import type { MachineObserver, TileMove } from './observer.ts';
import type { OffChip, TransferClient } from './offChipInterface.ts';
import { OutputSram } from './outputSram.ts';
import { KeepingSram, ReloadingSram, type TileSram } from './tileSram.ts';
import { UseStream } from './useStream.ts';
import { CAUSE, WAITING_CAUSES, WaitingCounter } from './waiting.ts';

// Tags of transfers.
const WEIGHT = 0;
const BIAS = 1;
const WEIGHT_AND_BIAS = 2;
const IFMAP = 3;
const PSUM_LOAD = 4;
const PSUM_STORE = 5;

const OC_BIT = bitOf('oc');
const NO_VISIT = -1;

/** Whether all loops that accumulate are in their first (or last) iteration, by the nest's mask of these. */
function coversReduction(mask: number): boolean {
  return (mask & REDUCTION_MASK) === REDUCTION_MASK;
}

export class SaSequencer implements TransferClient, ComputeClient, SteppedLayer {
  readonly waiting = new WaitingCounter();
  /** Who is told of each step, if anybody. */
  stepListener: StepListener | undefined;
  /** Steps computed. */
  computed = 0;
  /** Bits asked of DRAM, per tensor as it is booked. */
  weightBits = 0;
  biasBits = 0;
  ifmapBits = 0;
  psumBits = 0;
  ofmapBits = 0;
  /** Steps computed per tile shape: those that begin a psum, and those that add to one. */
  readonly startingSteps: number[];
  readonly addingSteps: number[];

  readonly schedule: SaSchedule;
  private readonly machine: Machine;
  private readonly wbuf: TileSram;
  private readonly bbuf: KeepingSram;
  private readonly ibuf: TileSram;
  private readonly obuf: OutputSram;

  private readonly weights: UseStream;
  private isBiasMissing = false;
  private readonly ifmaps: UseStream;
  private readonly psums: UseStream;
  /** Whether a psum can find its own store still under way: else the slot it was given came free after that store. */
  private readonly canHazard: boolean;
  /** The visit whose store must end before the psum may be loaded. */
  private psumFollows = NO_VISIT;

  /** The step that computes, or will next. */
  private readonly stepNest: LoopNest;
  private lastComputeEnd = 0;

  /** The last step whose tiles may be asked for: with lockstep the next one, else any. */
  private furthestStep: number;

  // Lockstep: the segment that runs, what is under way in it, and the store kept for the next one.
  private readonly isLockstep: boolean;
  private segment = -1;
  private underWay = 0;
  private keptStoreBits = 0;
  /** Slot of the visit that is stored next. */
  private storeSlot = 0;
  /** Whether its sums are complete. */
  private storesOfmap = false;
  private readonly observer: MachineObserver | undefined;
  private readonly wantsMoves: boolean;

  constructor(schedule: SaSchedule, machine: Machine, assumptions: Assumptions) {
    this.schedule = schedule;
    this.startingSteps = new Array<number>(schedule.shapes.length).fill(0);
    this.addingSteps = new Array<number>(schedule.shapes.length).fill(0);
    this.furthestStep = assumptions.lockstep ? 0 : schedule.steps - 1;
    this.machine = machine;
    this.observer = machine.observer;
    this.wantsMoves = machine.wantsMoves();
    this.isLockstep = assumptions.lockstep;
    const { slots } = machine.hardware;
    const { reloadOperands } = assumptions;
    const tileSram = (count: number, pattern: UsePattern): TileSram =>
      reloadOperands ? new ReloadingSram(count, pattern) : new KeepingSram(count, pattern.relevantMask, 'any slot');
    this.wbuf = tileSram(slots.wbuf, schedule.weight);
    this.ibuf = tileSram(slots.ibuf, schedule.ifmap);
    // A bias tile stays until oc advances, however often the weights are loaded again.
    this.bbuf = new KeepingSram(slots.bbuf, OC_BIT, reloadOperands ? 'latest' : 'any slot');
    this.obuf = new OutputSram(slots.obuf);
    this.canHazard = !assumptions.noPsumHazard && schedule.fewestVisitsBetween() < slots.obuf;
    this.weights = new UseStream(schedule, schedule.weight);
    this.ifmaps = new UseStream(schedule, schedule.ifmap);
    this.psums = new UseStream(schedule, schedule.psum);
    this.stepNest = schedule.stepNest();
  }

  /** Asks for the first tiles; the event queue does the rest. */
  start(): void {
    const { machine } = this;
    machine.weightInterface.attach(this);
    machine.ifmapInterface.attach(this);
    machine.psumInterface.attach(this);
    machine.peArray.attach(this);
    this.readOperands(-1);
    this.requestLoads(0);
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
    this.underWay--;
    switch (tag) {
      case IFMAP:
        this.ibuf.arrive(cycle);
        break;
      case PSUM_STORE:
        this.obuf.stores++;
        // In lockstep a psum that its own step already waits for comes in a segment of its own.
        if (!this.isLockstep || this.psums.step > this.segment) this.requestPsums(cycle);
        break;
      case PSUM_LOAD:
        this.obuf.arrive(cycle);
        break;
      case WEIGHT:
        this.wbuf.arrive(cycle);
        break;
      case BIAS:
        this.bbuf.arrive(cycle);
        break;
      case WEIGHT_AND_BIAS:
        this.wbuf.arrive(firstPartCycle);
        this.bbuf.arrive(cycle);
        break;
    }
    if (this.isLockstep) this.nextSegmentIfIdle(cycle);
    else this.computeIfReady(cycle);
  }

  computeEnded(cycle: number): void {
    const { schedule, stepNest } = this;
    this.underWay--;
    if (this.observer !== undefined) this.observer.computeEnded(this.computed, cycle);
    this.computed++;
    this.lastComputeEnd = cycle;
    const { shape } = stepNest;
    const isSumComplete = coversReduction(stepNest.lastMask);
    const level = stepNest.advance();
    if (this.stepListener !== undefined) this.stepListener.stepEnded(level);
    if (level <= schedule.psum.position) {
      const bits = schedule.shapes[shape]!.psumBits;
      if (isSumComplete) this.ofmapBits += bits;
      else this.psumBits += bits;
      this.storeSlot = this.obuf.slot;
      this.storesOfmap = isSumComplete;
      if (this.isLockstep) this.keptStoreBits = bits;
      else this.requestStore(bits);
      this.obuf.nextVisit();
    }
    if (this.computed < schedule.steps) {
      this.readOperands(level);
      this.requestWeights();
      this.requestIfmaps();
    }
    if (this.isLockstep) this.nextSegmentIfIdle(cycle);
    else this.computeIfReady(cycle);
  }

  /** Turns to the operands of the next step, given the loop that advanced. */
  private readOperands(level: number): void {
    const { schedule, stepNest } = this;
    if (level <= schedule.weight.position) {
      this.wbuf.turnTo(stepNest);
      if (coversReduction(stepNest.firstMask)) this.bbuf.turnTo(stepNest);
    }
    if (level <= schedule.ifmap.position) this.ibuf.turnTo(stepNest);
  }

  private requestLoads(cycle: number): void {
    this.requestWeights();
    this.requestIfmaps();
    this.requestPsums(cycle);
  }

  private requestWeights(): void {
    const { weights, wbuf, bbuf } = this;
    while (weights.step <= this.furthestStep) {
      if (!weights.isPlaced) {
        const lastStep = weights.lastStep();
        weights.isMissing = wbuf.place(weights.nest, lastStep);
        this.isBiasMissing = coversReduction(weights.nest.firstMask) && bbuf.place(weights.nest, lastStep);
        weights.isPlaced = true;
      }
      if (weights.isMissing && this.computed < wbuf.freeAfterSteps) return;
      if (this.isBiasMissing && this.computed < bbuf.freeAfterSteps) return;
      if (weights.isMissing || this.isBiasMissing) this.requestWeightAndBias();
      weights.next();
    }
  }

  /** One job for what is missing of the two, weight first. */
  private requestWeightAndBias(): void {
    const { isBiasMissing } = this;
    const { isMissing } = this.weights;
    const shape = this.schedule.shapes[this.weights.nest.shape]!;
    const weightBits = isMissing ? shape.weightBits : 0;
    const biasBits = isBiasMissing ? shape.biasBits : 0;
    this.weightBits += weightBits;
    this.biasBits += biasBits;
    const tag = !isBiasMissing ? WEIGHT : isMissing ? WEIGHT_AND_BIAS : BIAS;
    if (this.wantsMoves) this.announceWeightAndBias(weightBits, biasBits);
    if (isMissing) this.wbuf.request();
    if (isBiasMissing) this.bbuf.request();
    this.request(this.machine.weightInterface, tag, weightBits, biasBits);
  }

  private requestIfmaps(): void {
    const { ifmaps, ibuf } = this;
    while (ifmaps.step <= this.furthestStep) {
      if (!ifmaps.isPlaced) {
        ifmaps.isMissing = ibuf.place(ifmaps.nest, ifmaps.lastStep());
        ifmaps.isPlaced = true;
      }
      if (ifmaps.isMissing) {
        if (this.computed < ibuf.freeAfterSteps) return;
        const bits = this.schedule.shapes[ifmaps.nest.shape]!.ifmapBits;
        this.ifmapBits += bits;
        if (this.wantsMoves) this.announceIfmap(bits);
        ibuf.request();
        this.request(this.machine.ifmapInterface, IFMAP, bits, 0);
      }
      ifmaps.next();
    }
  }

  private requestPsums(cycle: number): void {
    const { schedule, psums, obuf } = this;
    while (psums.step <= this.furthestStep) {
      if (!psums.isPlaced) {
        if (!obuf.hasFreeSlot()) return;
        const visit = obuf.granted;
        psums.isMissing = !coversReduction(psums.nest.firstMask);
        obuf.grant(cycle, psums.isMissing);
        if (this.observer !== undefined) this.observer.slotGranted?.('obuf', obuf.grantedSlot, psums.step, cycle);
        if (psums.isMissing && this.canHazard) this.psumFollows = visit - schedule.visitsSincePrevious(psums.nest);
        psums.isPlaced = true;
      }
      if (psums.isMissing) {
        if (obuf.stores <= this.psumFollows) return;
        this.psumFollows = NO_VISIT;
        const bits = schedule.shapes[psums.nest.shape]!.psumBits;
        this.psumBits += bits;
        if (this.wantsMoves) this.announcePsumLoad(bits);
        obuf.request(cycle);
        this.request(this.machine.psumInterface, PSUM_LOAD, bits, 0);
      }
      psums.next();
    }
  }

  /** Stores the visit that has just ended, or, in lockstep, ended with the last segment. */
  private requestStore(bits: number): void {
    if (this.wantsMoves) this.announceStore(bits);
    this.request(this.machine.psumInterface, PSUM_STORE, bits, 0);
  }

  private announceIfmap(bits: number): void {
    const move: TileMove = {
      tensor: 'ifmap',
      direction: 'load',
      step: this.ifmaps.step,
      slot: this.ibuf.placedSlot(),
      bits,
    };
    this.machine.announce('ifmap', [move]);
  }

  private announcePsumLoad(bits: number): void {
    const move: TileMove = {
      tensor: 'psum',
      direction: 'load',
      step: this.psums.step,
      slot: this.obuf.grantedSlot,
      bits,
    };
    this.machine.announce('psum', [move]);
  }

  private announceStore(bits: number): void {
    const step = this.computed - this.schedule.psum.stepsPerUse;
    const { storeSlot: slot, storesOfmap: isComplete } = this;
    this.machine.announce('psum', [{ tensor: 'psum', direction: 'store', step, slot, bits, isComplete }]);
  }

  private announceWeightAndBias(weightBits: number, biasBits: number): void {
    const moves: TileMove[] = [];
    const direction = 'load';
    const { step } = this.weights;
    if (weightBits > 0)
      moves.push({ tensor: 'weight', direction, step, slot: this.wbuf.placedSlot(), bits: weightBits });
    if (biasBits > 0) moves.push({ tensor: 'bias', direction, step, slot: this.bbuf.placedSlot(), bits: biasBits });
    this.machine.announce('weight', moves);
  }

  private observeCompute(cycle: number, startsSum: boolean): void {
    const slots = {
      weight: this.wbuf.currentSlot(),
      ifmap: this.ibuf.currentSlot(),
      psum: this.obuf.slot,
      bias: startsSum ? this.bbuf.currentSlot() : -1,
    };
    this.observer!.computeStarted(this.computed, cycle, slots);
  }

  private request(offChip: OffChip, tag: number, firstBits: number, secondBits: number): void {
    this.underWay++;
    offChip.request(tag, firstBits, secondBits);
  }

  private computeIfReady(cycle: number): void {
    const { machine, schedule, stepNest } = this;
    if (machine.peArray.isBusy || this.computed === schedule.steps) return;
    const startsSum = coversReduction(stepNest.firstMask);
    if (!this.ibuf.isReady() || !this.wbuf.isReady() || !this.obuf.isReady()) return;
    if (startsSum && !this.bbuf.isReady()) return;
    if (cycle > this.lastComputeEnd) this.bookWaiting(cycle, startsSum);
    const { shape } = stepNest;
    if (startsSum) this.startingSteps[shape]!++;
    else this.addingSteps[shape]!++;
    this.underWay++;
    if (this.observer !== undefined) this.observeCompute(cycle, startsSum);
    machine.peArray.compute(schedule.shapes[shape]!.computeCycles);
  }

  /** The array has waited since its last compute: for what became ready last. */
  private bookWaiting(cycle: number, startsSum: boolean): void {
    const { obuf } = this;
    const since = this.lastComputeEnd;
    const loadsPsum = obuf.loadsPsum();
    let cause: number = loadsPsum ? CAUSE.psumLoad : CAUSE.outputSlot;
    let readyCycle = obuf.readyCycle();
    if (this.ibuf.readyCycle() > readyCycle) {
      cause = CAUSE.ifmap;
      readyCycle = this.ibuf.readyCycle();
    }
    if (this.wbuf.readyCycle() > readyCycle) {
      cause = CAUSE.weight;
      readyCycle = this.wbuf.readyCycle();
    }
    if (startsSum && this.bbuf.readyCycle() > readyCycle) {
      cause = CAUSE.bias;
      readyCycle = this.bbuf.readyCycle();
    }
    if (cycle > readyCycle) cause = CAUSE.barrier;
    if (cause === CAUSE.psumLoad) {
      // From its slot until its store's end it waits for the store, then for the load itself.
      const granted = Math.max(since, obuf.grantCycle());
      const stored = Math.max(granted, obuf.hazardCycle());
      this.book(CAUSE.psumLoad, since, granted);
      this.book(CAUSE.hazard, granted, stored);
      this.book(CAUSE.psumLoad, stored, cycle);
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
  private nextSegmentIfIdle(cycle: number): void {
    if (this.underWay > 0 || this.isComplete()) return;
    if (this.computed > this.segment) {
      this.segment++;
      this.furthestStep = Math.min(this.segment + 1, this.schedule.steps - 1);
      if (this.keptStoreBits > 0) {
        this.requestStore(this.keptStoreBits);
        this.keptStoreBits = 0;
      }
    }
    this.requestLoads(cycle);
    this.computeIfReady(cycle);
    if (this.underWay === 0)
      throw new InternalError(`${this.schedule.layer.name}: lockstep segment ${this.segment} is stuck`);
  }

  iterationsLeft(position: number): number {
    return this.stepNest.iterationsLeft(position);
  }

  visit(state: StateVisitor): void {
    const { machine, computed, obuf, weights, ifmaps, stepNest, psumFollows } = this;
    stepNest.visit(state);
    machine.peArray.visit(state);
    machine.weightInterface.visit(state);
    machine.ifmapInterface.visit(state);
    machine.psumInterface.visit(state);
    weights.visit(state);
    if (weights.isPlaced) state.same(flag(this.isBiasMissing));
    ifmaps.visit(state);
    this.psums.visit(state);
    this.wbuf.visit(state, weights, stepNest, computed);
    this.bbuf.visit(state, weights, stepNest, computed);
    this.ibuf.visit(state, ifmaps, stepNest, computed);
    state.same(psumFollows === NO_VISIT ? NO_VISIT : psumFollows - obuf.stores);
    this.psumFollows = state.total(psumFollows);
    obuf.visit(state);
    if (this.isLockstep) state.same(this.segment - computed);
    this.segment = state.total(this.segment);
    this.furthestStep = state.total(this.furthestStep);
    state.same(this.underWay);
    state.same(this.keptStoreBits);
    this.lastComputeEnd = state.cycle(this.lastComputeEnd);
    this.computed = state.total(computed);
    this.weightBits = state.total(this.weightBits);
    this.biasBits = state.total(this.biasBits);
    this.ifmapBits = state.total(this.ifmapBits);
    this.psumBits = state.total(this.psumBits);
    this.ofmapBits = state.total(this.ofmapBits);
    for (const steps of [this.startingSteps, this.addingSteps]) {
      for (let shape = 0; shape < steps.length; shape++) steps[shape] = state.total(steps[shape]!);
    }
    this.waiting.visit(state);
  }
}
