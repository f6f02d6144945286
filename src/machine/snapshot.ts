/** The machine's state at one moment, relative to that moment: a small vector of offsets. */
import type { StateVisitor } from '../engine/stateVisitor.ts';

const INITIAL_CAPACITY = 128;

/** Numbers in the order in which they come; room is made and never given back. */
class Numbers {
  values = new Float64Array(INITIAL_CAPACITY);
  count = 0;

  push(value: number): void {
    if (this.count === this.values.length) {
      const more = new Float64Array(2 * this.count);
      more.set(this.values);
      this.values = more;
    }
    this.values[this.count++] = value;
  }
}

export class Snapshot implements StateVisitor {
  loop = 0;
  /** The cycle in which it was taken. */
  now = 0;
  /** What must recur. */
  private readonly decisive = new Numbers();
  private readonly iterations = new Numbers();
  private readonly totals = new Numbers();
  /** Iterations that every walk can still go ahead. */
  private room = 0;

  /** Empties it for the state of `now`, whose walks are compared by their iteration of `loop`. */
  begin(loop: number, now: number): void {
    this.loop = loop;
    this.now = now;
    this.room = Number.POSITIVE_INFINITY;
    this.decisive.count = 0;
    this.iterations.count = 0;
    this.totals.count = 0;
  }

  same(value: number): void {
    this.decisive.push(value);
  }

  cycle(value: number): number {
    this.decisive.push(value - this.now);
    return value;
  }

  total(value: number): number {
    this.totals.push(value);
    return value;
  }

  iteration(value: number, furthest: number): number {
    this.iterations.push(value);
    this.room = Math.min(this.room, furthest - value);
    return value;
  }

  /** The `place`-th total. */
  totalAt(place: number): number {
    return this.totals.values[place]!;
  }

  /**
   * Iterations of the loop since `earlier`, if the state is the same but for them; else 0. The same state with the
   * same work ahead goes on in the same way, for as long as no walk gets into the loop's last iteration.
   */
  iterationsSince(earlier: Snapshot): number {
    if (!areEqual(this.decisive, earlier.decisive)) return 0;
    const [now, then] = [this.iterations, earlier.iterations];
    const period = now.values[0]! - then.values[0]!;
    for (let walk = 0; walk < now.count; walk++) {
      // The first iteration may differ from the others.
      if (then.values[walk]! < 1 || now.values[walk]! - then.values[walk]! !== period) return 0;
    }
    return period;
  }

  /** How often so many iterations can follow. */
  periodsAhead(iterations: number): number {
    return Math.floor(this.room / iterations);
  }
}

/** Equal vectors have the same fields in the same places: whatever a component leaves out, it has shown a flag for. */
function areEqual(a: Numbers, b: Numbers): boolean {
  if (a.count !== b.count) return false;
  for (let place = 0; place < a.count; place++) if (a.values[place] !== b.values[place]) return false;
  return true;
}
