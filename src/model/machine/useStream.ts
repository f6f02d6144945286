/** The loading side of a tensor on the systolic array: the first of its uses that has not been asked for yet. */
import { flag, type Stateful, type StateVisitor } from '../engine/stateVisitor.ts';
import type { LoopNest } from '../schedule/loopNest.ts';
import type { SaSchedule, UsePattern } from '../schedule/saSchedule.ts';

export class UseStream implements Stateful {
  /** The first step of the use. */
  step = 0;
  /** Whether its slot is assigned, and whether its tile must then be loaded. */
  isPlaced = false;
  isMissing = false;
  readonly nest: LoopNest;
  readonly stepsPerUse: number;
  private readonly steps: number;

  constructor(schedule: SaSchedule, pattern: UsePattern) {
    this.nest = schedule.useNest(pattern);
    this.stepsPerUse = pattern.stepsPerUse;
    this.steps = schedule.steps;
  }

  /** The last step of the use. */
  lastStep(): number {
    return this.step + this.stepsPerUse - 1;
  }

  /** Turns to the next use. */
  next(): void {
    this.nest.advance();
    this.step += this.stepsPerUse;
    this.isPlaced = false;
  }

  /** Whether all uses have been asked for. */
  isOver(): boolean {
    return this.step >= this.steps;
  }

  visit(state: StateVisitor): void {
    state.same(flag(this.isOver()));
    if (this.isOver()) return;
    state.same(flag(this.isPlaced));
    if (this.isPlaced) state.same(flag(this.isMissing));
    this.nest.visit(state);
    this.step = state.total(this.step);
  }
}
