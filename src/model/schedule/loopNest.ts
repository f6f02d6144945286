/** A loop nest walked like an odometer, without allocating. */
import type { Stateful, StateList } from '../engine/stateList.ts';

/** One loop, or several of the same kind walked as one. */
export interface Loop {
  /** The bits of its dimensions in the masks. */
  readonly bits: number;
  /** Its place in the full nest (0 is outermost). */
  readonly position: number;
  readonly trips: number;
  /** Its bit in the number of a step's shape; 0 if its last tile is as large as the others. */
  readonly shapeBit: number;
  /** The last iteration that is like those before it: the very last or the last but one. */
  readonly lastAlike: number;
}

/**
 * The current iteration of a nest. The masks tell per dimension whether its loop is in its first or last iteration;
 * a dimension that has no loop here counts as both.
 */
export class LoopNest implements Stateful {
  firstMask = ~0;
  lastMask = ~0;
  /** The shape of the current step: the bits of the loops whose last tile is a smaller one and that are at it. */
  shape = 0;
  /** Loops, outermost first, and the iterations of those outside of the innermost one. */
  private readonly outer: readonly Loop[];
  private readonly index: number[] = [];
  private readonly innermost: Loop | undefined;
  /** The iteration of the innermost loop, its last one (0 without a loop) and its position. */
  private inner = 0;
  private readonly innerLast: number;
  private readonly innerPosition: number;

  /** The outermost `depth` of `loops`, which are given outermost first and have two trips or more each. */
  constructor(loops: readonly Loop[], depth = loops.length) {
    this.outer = loops;
    this.innermost = loops[depth - 1];
    this.innerLast = this.innermost === undefined ? 0 : this.innermost.trips - 1;
    this.innerPosition = this.innermost === undefined ? -1 : this.innermost.position;
    for (let place = 0; place < depth; place++) {
      if (place < depth - 1) this.index.push(0);
      this.lastMask &= ~loops[place]!.bits;
    }
  }

  /**
   * Goes to the next iteration. Returns the position of the loop that advanced, or −1 after the last iteration, when
   * it starts over.
   */
  advance(): number {
    const position = this.advanceWithin();
    return position >= 0 ? position : this.advanceAnyLoop();
  }

  /**
   * Goes to the next iteration where that changes nothing but the place in the innermost loop, between its first and its
   * last iteration; else it stays. Returns the loop's position, or −1.
   */
  advanceWithin(): number {
    const next = this.inner + 1;
    if (next === 1 || next >= this.innerLast) return -1;
    this.inner = next;
    return this.innerPosition;
  }

  /** Goes to the next iteration, wherever that is; returns what `advance` does. */
  advanceAnyLoop(): number {
    const { innermost } = this;
    if (innermost === undefined) return -1;
    this.inner++;
    if (this.inner < innermost.trips) return this.enter(innermost, this.inner);
    this.inner = 0;
    this.startOver(innermost);
    return this.advanceOuter();
  }

  private advanceOuter(): number {
    const { index, outer } = this;
    for (let place = index.length - 1; place >= 0; place--) {
      const loop = outer[place]!;
      const next = index[place]! + 1;
      if (next < loop.trips) {
        index[place] = next;
        return this.enter(loop, next);
      }
      index[place] = 0;
      this.startOver(loop);
    }
    return -1;
  }

  /** A loop is in an iteration that is not its first; returns its position. */
  private enter({ bits, trips, shapeBit, position }: Loop, iteration: number): number {
    this.firstMask &= ~bits;
    if (iteration === trips - 1) {
      this.lastMask |= bits;
      this.shape |= shapeBit;
    }
    return position;
  }

  private startOver({ bits, shapeBit }: Loop): void {
    this.firstMask |= bits;
    this.lastMask &= ~bits;
    this.shape &= ~shapeBit;
  }

  /** Iterations that the loop at a position still has to begin; 0 where there is no such loop. */
  iterationsLeft(position: number): number {
    if (position === this.innerPosition) return this.innerLast - this.inner;
    const { index, outer } = this;
    for (let place = 0; place < index.length; place++) {
      if (outer[place]!.position === position) return outer[place]!.trips - 1 - index[place]!;
    }
    return 0;
  }

  /** A number that is the same exactly when the loops of the dimensions in `mask` are in the same iterations. */
  key(mask: number): number {
    const { index, outer, innermost } = this;
    let key = 0;
    for (let place = 0; place < index.length; place++) {
      if ((outer[place]!.bits & mask) !== 0) key = key * outer[place]!.trips + index[place]!;
    }
    return innermost !== undefined && (innermost.bits & mask) !== 0 ? key * innermost.trips + this.inner : key;
  }

  /** Moves keep to iterations of the loop that are alike. */
  listState(state: StateList): void {
    const { index, outer, innermost } = this;
    for (let place = 0; place < index.length; place++) index[place] = listed(state, outer[place]!, index[place]!);
    if (innermost !== undefined) this.inner = listed(state, innermost, this.inner);
  }

  /** The same of a walk that follows others; what comes after its last iteration may be something else. */
  listFollowing(state: StateList): void {
    const { index, outer, innermost } = this;
    for (let place = 0; place < index.length; place++)
      index[place] = listedFollowing(state, outer[place]!, index[place]!);
    if (innermost !== undefined) this.inner = listedFollowing(state, innermost, this.inner);
  }
}

/** Shows the iteration of a loop; returns what it becomes. */
function listed(state: StateList, { position, lastAlike }: Loop, iteration: number): number {
  if (position === state.loop) return state.iteration(iteration, lastAlike);
  state.same(iteration);
  return iteration;
}

function listedFollowing(state: StateList, { position, lastAlike, trips }: Loop, iteration: number): number {
  if (position === state.loop) return state.followingIteration(iteration, Math.min(lastAlike, trips - 2));
  state.same(iteration);
  return iteration;
}
