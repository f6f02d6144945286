/** A loop nest walked like an odometer, without allocating. */
import type { Stateful, StateVisitor } from '../engine/stateVisitor.ts';

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
  private readonly trips: number[];
  private readonly bits: number[];
  private readonly shapeBits: number[];
  private readonly positions: number[];
  private readonly lastAlike: number[];

  /** `loops` outermost first. A loop with one trip never advances and is left out of the walk. */
  constructor(loops: readonly Loop[]) {
    const moving = loops.filter((loop) => loop.trips > 1);
    this.index = moving.map(() => 0);
    this.trips = moving.map((loop) => loop.trips);
    this.bits = moving.map((loop) => loop.bits);
    this.shapeBits = moving.map((loop) => loop.shapeBit);
    this.positions = moving.map((loop) => loop.position);
    this.lastAlike = moving.map((loop) => loop.lastAlike);
    for (const bits of this.bits) this.lastMask &= ~bits;
  }

  /**
   * Goes to the next iteration. Returns the position of the loop that advanced, or −1 after the last iteration, when
   * it starts over.
   */
  advance(): number {
    const { index, trips, bits, shapeBits } = this;
    for (let place = index.length - 1; place >= 0; place--) {
      const next = index[place]! + 1;
      if (next < trips[place]!) {
        index[place] = next;
        this.firstMask &= ~bits[place]!;
        if (next === trips[place]! - 1) {
          this.lastMask |= bits[place]!;
          this.shape |= shapeBits[place]!;
        }
        return this.positions[place]!;
      }
      index[place] = 0;
      this.firstMask |= bits[place]!;
      this.lastMask &= ~bits[place]!;
      this.shape &= ~shapeBits[place]!;
    }
    return -1;
  }

  /** Iterations that the loop at a position still has to begin; 0 where there is no such loop. */
  iterationsLeft(position: number): number {
    const place = this.positions.indexOf(position);
    return place < 0 ? 0 : this.trips[place]! - 1 - this.index[place]!;
  }

  /** A number that is the same exactly when the loops of the dimensions in `mask` are in the same iterations. */
  key(mask: number): number {
    let key = 0;
    for (let place = 0; place < this.index.length; place++) {
      if ((this.bits[place]! & mask) !== 0) key = key * this.trips[place]! + this.index[place]!;
    }
    return key;
  }

  /** Moves keep to iterations of the loop that are alike. */
  visit(state: StateVisitor): void {
    const { index, positions, lastAlike } = this;
    for (let place = 0; place < index.length; place++) {
      if (positions[place] === state.loop) {
        index[place] = state.iteration(index[place]!, lastAlike[place]!);
      } else {
        state.same(index[place]!);
      }
    }
  }
}
