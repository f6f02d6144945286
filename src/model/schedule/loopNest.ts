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
  private readonly index: number[];
  private readonly loops: readonly Loop[];
  private readonly innermost: Loop | undefined;

  /** The outermost `depth` of `loops`, which are given outermost first and have two trips or more each. */
  constructor(loops: readonly Loop[], depth = loops.length) {
    this.loops = loops;
    this.innermost = loops[depth - 1];
    this.index = [];
    for (let place = 0; place < depth; place++) {
      this.index.push(0);
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
    const { index, innermost } = this;
    if (innermost === undefined) return -1;
    const next = index[index.length - 1]! + 1;
    if (next === 1 || next >= innermost.trips - 1) return -1;
    index[index.length - 1] = next;
    return innermost.position;
  }

  /** Goes to the next iteration, wherever that is; returns what `advance` does. */
  advanceAnyLoop(): number {
    const { index, loops } = this;
    for (let place = index.length - 1; place >= 0; place--) {
      const loop = loops[place]!;
      const next = index[place]! + 1;
      if (next < loop.trips) {
        index[place] = next;
        this.firstMask &= ~loop.bits;
        if (next === loop.trips - 1) {
          this.lastMask |= loop.bits;
          this.shape |= loop.shapeBit;
        }
        return loop.position;
      }
      index[place] = 0;
      this.firstMask |= loop.bits;
      this.lastMask &= ~loop.bits;
      this.shape &= ~loop.shapeBit;
    }
    return -1;
  }

  /** Iterations that the loop at a position still has to begin; 0 where there is no such loop. */
  iterationsLeft(position: number): number {
    const { index, loops } = this;
    for (let place = 0; place < index.length; place++) {
      if (loops[place]!.position === position) return loops[place]!.trips - 1 - index[place]!;
    }
    return 0;
  }

  /** A number that is the same exactly when the loops of the dimensions in `mask` are in the same iterations. */
  key(mask: number): number {
    const { index, loops } = this;
    let key = 0;
    for (let place = 0; place < index.length; place++) {
      if ((loops[place]!.bits & mask) !== 0) key = key * loops[place]!.trips + index[place]!;
    }
    return key;
  }

  /** Moves keep to iterations of the loop that are alike. */
  listState(state: StateList): void {
    const { index, loops } = this;
    for (let place = 0; place < index.length; place++) {
      if (loops[place]!.position === state.loop) {
        index[place] = state.iteration(index[place]!, loops[place]!.lastAlike);
      } else {
        state.same(index[place]!);
      }
    }
  }

  /** The same of a walk that follows others; what comes after its last iteration may be something else. */
  listFollowing(state: StateList): void {
    const { index, loops } = this;
    for (let place = 0; place < index.length; place++) {
      const { position, lastAlike, trips } = loops[place]!;
      if (position === state.loop) {
        index[place] = state.followingIteration(index[place]!, Math.min(lastAlike, trips - 2));
      } else {
        state.same(index[place]!);
      }
    }
  }
}
