/**
 * The walk through a layer's steps, for either unit: for each tile of the outer loops the parts of the operation in
 * order, some once per tile of the inner loops, others once. A conv or gemm has one part, and inner loops only.
 */
import { flag, type Stateful, type StateList } from '../engine/stateList.ts';
import { coversReduction } from './loopMasks.ts';
import type { LoopNest } from './loopNest.ts';
import { COMPLETES, STARTS, type Step, type StepTable, type StepTile } from './step.ts';

/** What a walk goes through. */
export interface WalkLoops<Tile extends StepTile> {
  readonly outer: LoopNest;
  readonly inner: LoopNest;
  /** Of each part whether it runs once per tile of the inner loops. */
  readonly isPerTile: readonly boolean[];
  readonly table: StepTable<Tile>;
  /** Steps of a part can have so many shapes; those of each part are numbered in turn. */
  readonly shapes: number;
  /** It goes along with another walk, or stands still meanwhile (engine/stateList.ts). */
  readonly isFollowing?: boolean;
}

/** The parts of an operation with one part. */
export const ONE_PART: readonly boolean[] = [true];

/** The steps in order, without allocation but for what is new. */
export class StepWalk<Tile extends StepTile> implements Stateful {
  /** The current step. */
  step: Step<Tile>;
  /** Its part, and whether it is the first of that within the tile of the outer loops. */
  part = 0;
  isFirstOfPart = true;
  readonly outer: LoopNest;
  readonly inner: LoopNest;
  private readonly isPerTile: readonly boolean[];
  /** Of the current part. */
  private isInLoops: boolean;
  private readonly table: StepTable<Tile>;
  private readonly shapes: number;
  private readonly isFollowing: boolean;

  constructor({ outer, inner, isPerTile, table, shapes, isFollowing = false }: WalkLoops<Tile>) {
    this.outer = outer;
    this.inner = inner;
    this.isPerTile = isPerTile;
    this.isInLoops = isPerTile[0]!;
    this.table = table;
    this.shapes = shapes;
    this.isFollowing = isFollowing;
    this.step = this.current();
  }

  /**
   * Goes to the next step. Returns the position of the loop that advanced, or −1 where another part of the operation
   * begins and after the last step, when it starts over.
   */
  advance(): number {
    // Within the innermost loop the step stays the same.
    const position = this.isInLoops ? this.inner.advanceWithin() : -1;
    return position >= 0 ? position : this.turn();
  }

  /** Goes to a step that is perhaps unlike the one before. */
  private turn(): number {
    let position = this.isInLoops ? this.inner.advanceAnyLoop() : -1;
    if (position >= 0) this.isFirstOfPart = false;
    else position = this.turnPart();
    this.step = this.current();
    return position;
  }

  private turnPart(): number {
    this.isFirstOfPart = true;
    this.part = this.part + 1 < this.isPerTile.length ? this.part + 1 : 0;
    this.isInLoops = this.isPerTile[this.part]!;
    return this.part > 0 ? -1 : this.outer.advance();
  }

  private current(): Step<Tile> {
    const { outer, inner } = this;
    const kind = (coversReduction(inner.firstMask) ? STARTS : 0) | (coversReduction(inner.lastMask) ? COMPLETES : 0);
    return this.table.at(this.part * this.shapes + (outer.shape | inner.shape), kind);
  }

  /** Iterations that the loop at a position still has to begin. */
  iterationsLeft(position: number): number {
    return this.outer.iterationsLeft(position) + this.inner.iterationsLeft(position);
  }

  listState(state: StateList): void {
    const { outer, inner } = this;
    state.same(this.part);
    state.same(flag(this.isFirstOfPart));
    if (this.isFollowing) {
      outer.listFollowing(state);
      inner.listFollowing(state);
    } else {
      outer.listState(state);
      inner.listState(state);
    }
  }
}
