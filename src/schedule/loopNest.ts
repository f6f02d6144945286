/** A loop nest walked like an odometer, without allocating. */

/** One loop: `bit` identifies its dimension in the masks, `position` its place in the full nest (0 is outermost). */
export interface Loop {
  readonly bit: number;
  readonly position: number;
  readonly trips: number;
}

/**
 * The current iteration of a nest. The masks tell per dimension whether its loop is in its first or last iteration;
 * a dimension that has no loop here counts as both.
 */
export class LoopNest {
  firstMask = ~0;
  lastMask = ~0;
  private readonly index: number[];
  private readonly trips: number[];
  private readonly bits: number[];
  private readonly positions: number[];

  /** `loops` outermost first. A loop with one trip never advances and is left out of the walk. */
  constructor(loops: readonly Loop[]) {
    const moving = loops.filter((loop) => loop.trips > 1);
    this.index = moving.map(() => 0);
    this.trips = moving.map((loop) => loop.trips);
    this.bits = moving.map((loop) => loop.bit);
    this.positions = moving.map((loop) => loop.position);
    for (const bit of this.bits) this.lastMask &= ~bit;
  }

  /** Goes to the next iteration. Returns the position of the loop that advanced, or −1 after the last iteration. */
  advance(): number {
    const { index, trips, bits } = this;
    for (let place = index.length - 1; place >= 0; place--) {
      const next = index[place]! + 1;
      const bit = bits[place]!;
      if (next < trips[place]!) {
        index[place] = next;
        this.firstMask &= ~bit;
        if (next === trips[place]! - 1) this.lastMask |= bit;
        return this.positions[place]!;
      }
      index[place] = 0;
      this.firstMask |= bit;
      this.lastMask &= ~bit;
    }
    return -1;
  }

  /** The iteration of the loop whose dimension is `bit`; 0 where it has no loop here. */
  iteration(bit: number): number {
    const place = this.bits.indexOf(bit);
    return place < 0 ? 0 : this.index[place]!;
  }

  /** A number that is the same exactly when the loops of the dimensions in `mask` are in the same iterations. */
  key(mask: number): number {
    let key = 0;
    for (let place = 0; place < this.index.length; place++) {
      if ((this.bits[place]! & mask) !== 0) key = key * this.trips[place]! + this.index[place]!;
    }
    return key;
  }
}
