/** The visits of a layer to the slots of its results, in the order in which they are given one. */
import { flag, type Stateful, type StateList } from '../engine/stateList.ts';
import type { Loop } from './loopNest.ts';
import type { StepTile, StepTransfer } from './step.ts';
import type { StepWalk } from './stepWalk.ts';

/** A loop that accumulates and begins a new visit, with the visits that one iteration of it spans. */
export interface Reduction extends Loop {
  readonly visits: number;
}

/**
 * How many visits before a visit its psum tile was visited last; 0 if never. `reductions`: innermost first, `firstMask`
 * the nest's at the visit. The reduction loops go one back in their own order while the loops of the psum tile stay.
 */
export function visitsSincePrevious(reductions: readonly Reduction[], firstMask: number): number {
  let distance = 0;
  for (let place = 0; place < reductions.length; place++) {
    const loop = reductions[place]!;
    if ((firstMask & loop.bits) === 0) return distance + loop.visits;
    distance -= (loop.trips - 1) * loop.visits;
  }
  return 0;
}

/** What visits are made of. */
export interface VisitRules<Tile extends StepTile> {
  /** From the first step of a visit to that of the next. */
  readonly walk: StepWalk<Tile>;
  readonly steps: number;
  readonly stepsPerVisit: number;
  /** Parts follow each other without overlap. */
  readonly isSerialByPart: boolean;
  /** What is loaded waits for the visit that stored it last to be done, found by these loops; undefined where it does not. */
  readonly reductions: readonly Reduction[] | undefined;
}

export class VisitWalk<Tile extends StepTile = StepTile> implements Stateful {
  /** The current visit, from 0, and its first step. */
  number = 0;
  step = 0;
  /** What is loaded into its slot. */
  loads: readonly StepTransfer[];
  /** Visits of this layer that must be done before it is given its slot, and before its loads are asked for. */
  grantAfter = 0;
  loadAfter = 0;
  protected readonly walk: StepWalk<Tile>;
  private readonly steps: number;
  private readonly stepsPerVisit: number;
  private readonly isSerialByPart: boolean;
  private readonly reductions: readonly Reduction[] | undefined;

  constructor({ walk, steps, stepsPerVisit, isSerialByPart, reductions }: VisitRules<Tile>) {
    this.walk = walk;
    this.steps = steps;
    this.stepsPerVisit = stepsPerVisit;
    this.isSerialByPart = isSerialByPart;
    this.reductions = reductions;
    this.loads = walk.step.loads;
  }

  /** The part of the operation that the current visit belongs to. */
  get part(): number {
    return this.walk.part;
  }

  /** Whether all visits have been given their slots. */
  isOver(): boolean {
    return this.step >= this.steps;
  }

  advance(): void {
    const { walk, reductions } = this;
    walk.advance();
    this.number++;
    this.step += this.stepsPerVisit;
    this.loads = walk.step.loads;
    if (this.isSerialByPart) this.grantAfter = walk.isFirstOfPart ? this.number : 0;
    if (reductions !== undefined) this.loadAfter = this.visitBefore(reductions);
  }

  /** Visits up to the one that stored the current one's psum last; 0 if it loads none. */
  private visitBefore(reductions: readonly Reduction[]): number {
    if (this.walk.step.startsResult) return 0;
    return this.number - visitsSincePrevious(reductions, this.walk.inner.firstMask) + 1;
  }

  listState(state: StateList): void {
    const { number, grantAfter, loadAfter } = this;
    const isOver = this.isOver();
    state.same(flag(isOver));
    if (!isOver) this.walk.listState(state);
    this.number = state.total(number);
    this.step = state.total(this.step);
    if (this.isSerialByPart) {
      state.same(flag(grantAfter > 0));
      if (grantAfter > 0) this.grantAfter = this.number;
    }
    if (this.reductions === undefined) return;
    const waits = loadAfter > 0;
    if (!isOver) state.same(waits ? number - loadAfter : -1);
    this.loadAfter = state.total(waits ? loadAfter : number) * flag(waits);
  }
}
