/**
 * A tile buffer of the systolic side (WBuf, IBuf or BBuf) as its sequencer sees it. Uses of tiles come in step
 * order: the loading side places them ahead of time, the computing side turns to them one by one.
 */
import { flag, type StateVisitor } from '../engine/stateVisitor.ts';
import type { LoopNest } from '../schedule/loopNest.ts';
import { Residency } from '../schedule/residency.ts';
import type { UsePattern } from '../schedule/saSchedule.ts';
import type { UseStream } from './useStream.ts';

export interface TileSram {
  /** Steps that must have been computed before the tile placed last has a free slot. */
  readonly freeAfterSteps: number;
  /** Since when the tile of the current use is here. Of interest only if it came when nothing else could compute: else 0. */
  readonly readyCycle: number;
  /** The next use, at the nest's iteration and up to `lastStep`, gets a slot; returns whether its tile must be loaded. */
  place(nest: LoopNest, lastStep: number): boolean;
  /** The tile placed last has been asked for. */
  request(): void;
  /** The oldest tile under way is complete; returns whether it is that of the current use. */
  arrive(cycle: number): boolean;
  /** The computing side turns to its next use. */
  turnTo(nest: LoopNest): void;
  /** Whether the tile of the current use is here. */
  isReady(): boolean;
  /** The slot of the tile placed last, and of the current use. */
  placedSlot(): number;
  currentSlot(): number;
  /**
   * Shows its state, given where the loading side is, and the computing side after `computed` steps. Between events
   * every arrival is past; tiles under way show in their interface's queue.
   */
  visit(state: StateVisitor, placing: UseStream, reading: LoopNest, computed: number): void;
}

/** Every use loads its tile, whatever the slots hold (`reload-operands`): slots are taken in turn. */
export class ReloadingSram implements TileSram {
  freeAfterSteps: number;
  readyCycle = 0;
  private readonly slots: number;
  private readonly stepsPerUse: number;
  private arrivals = 0;
  private uses = 0;

  constructor(slots: number, pattern: UsePattern) {
    this.slots = slots;
    this.stepsPerUse = pattern.stepsPerUse;
    // The first `slots` uses find a slot at once, the next one when the first use is over, and so on.
    this.freeAfterSteps = (1 - slots) * pattern.stepsPerUse;
  }

  place(): boolean {
    return true;
  }

  request(): void {
    this.freeAfterSteps += this.stepsPerUse;
  }

  arrive(cycle: number): boolean {
    this.arrivals++;
    if (this.arrivals !== this.uses) return false;
    this.readyCycle = cycle;
    return true;
  }

  turnTo(): void {
    this.uses++;
    this.readyCycle = 0;
  }

  isReady(): boolean {
    return this.arrivals >= this.uses;
  }

  placedSlot(): number {
    const { slots } = this;
    return (this.freeAfterSteps / this.stepsPerUse + slots - 1) % slots;
  }

  currentSlot(): number {
    return (this.uses - 1) % this.slots;
  }

  visit(state: StateVisitor): void {
    state.same(this.arrivals - this.uses);
    this.arrivals = state.total(this.arrivals);
    this.uses = state.total(this.uses);
    this.freeAfterSteps = state.total(this.freeAfterSteps);
  }
}

/** A tile that a slot still holds is not loaded again. Both sides work out on their own which slot holds what. */
export class KeepingSram implements TileSram {
  freeAfterSteps = 0;
  readyCycle = 0;
  private readonly placing: Residency;
  private readonly reading: Residency;
  private readonly keyMask: number;
  private arrivals = 0;

  /** `keyMask`: the loops that tell tiles apart; `reuse`: where a tile may be found. */
  constructor(slots: number, keyMask: number, reuse: 'any slot' | 'latest') {
    this.placing = new Residency(slots, reuse);
    this.reading = new Residency(slots, reuse);
    this.keyMask = keyMask;
  }

  place(nest: LoopNest, lastStep: number): boolean {
    this.placing.use(nest.key(this.keyMask), lastStep);
    this.freeAfterSteps = this.placing.evictedLastStep + 1;
    return this.placing.isMiss;
  }

  request(): void {
    this.freeAfterSteps = 0;
  }

  arrive(cycle: number): boolean {
    if (this.arrivals++ !== this.reading.load) return false;
    this.readyCycle = cycle;
    return true;
  }

  turnTo(nest: LoopNest): void {
    this.reading.use(nest.key(this.keyMask));
    this.readyCycle = 0;
  }

  isReady(): boolean {
    return this.arrivals > this.reading.load;
  }

  placedSlot(): number {
    return this.placing.slot;
  }

  currentSlot(): number {
    return this.reading.slot;
  }

  visit(state: StateVisitor, placing: UseStream, reading: LoopNest, computed: number): void {
    const { keyMask, arrivals } = this;
    if (!placing.isOver()) {
      this.placing.visitTiles(state, placing.nest.key(keyMask), arrivals);
      this.placing.visitUses(state, placing.step, computed);
      const isWaiting = computed < this.freeAfterSteps;
      state.same(flag(isWaiting));
      if (isWaiting) state.same(placing.step - this.freeAfterSteps);
      this.freeAfterSteps = state.total(isWaiting ? this.freeAfterSteps : computed);
    }
    this.reading.visitTiles(state, reading.key(keyMask), arrivals);
    this.arrivals = state.total(arrivals);
  }
}
