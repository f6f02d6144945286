/** The machine's state at one moment, relative to that moment: a small vector of offsets. */
import type { StateList } from './stateList.ts';

/** Room at first: for what every component shows, and for what there is little of. */
const MANY = 128;
const FEW = 16;

/** Numbers in the order in which they come; room is made and never given back. */
class Numbers {
  values: Float64Array;
  count = 0;

  constructor(room: number) {
    this.values = new Float64Array(room);
  }

  push(value: number): void {
    if (this.count === this.values.length) this.grow();
    this.values[this.count++] = value;
  }

  pushAll(added: readonly number[]): void {
    while (this.count + added.length > this.values.length) this.grow();
    for (let place = 0; place < added.length; place++) this.values[this.count + place] = added[place]!;
    this.count += added.length;
  }

  private grow(): void {
    const more = new Float64Array(2 * this.values.length);
    more.set(this.values);
    this.values = more;
  }
}

export class Snapshot implements StateList {
  loop = 0;
  /** The cycle in which it was taken. */
  now = 0;
  /** What must recur. */
  private readonly decisive = new Numbers(MANY);
  private readonly iterations = new Numbers(FEW);
  private readonly grown = new Numbers(MANY);
  /** Past cycles and the iterations of walks that follow: each stands still, or moves like the others. */
  private readonly pastCycles = new Numbers(FEW);
  private readonly following = new Numbers(FEW);
  private readonly followingRoom = new Numbers(FEW);
  /** Iterations that every walk can still go ahead. */
  private room = 0;
  /** The same state some iterations earlier, while this one moves the machine on from itself. */
  private earlier: Snapshot | undefined = undefined;
  private periods = 0;
  private cyclesAhead = 0;
  private iterationsAhead = 0;
  private totalsMoved = 0;
  private pastCyclesMoved = 0;
  private followingMoved = 0;

  /** From now on it takes the state of `now`, whose walks are compared by their iteration of `loop`. */
  beginTaking(loop: number, now: number): void {
    this.loop = loop;
    this.now = now;
    this.earlier = undefined;
    this.room = Number.POSITIVE_INFINITY;
    this.decisive.count = 0;
    this.iterations.count = 0;
    this.grown.count = 0;
    this.pastCycles.count = 0;
    this.following.count = 0;
    this.followingRoom.count = 0;
  }

  /** From now on it moves the machine, which it has just been taken of, ahead by periods like that since `earlier`. */
  beginMoving(earlier: Snapshot, period: number, periods: number): void {
    this.earlier = earlier;
    this.periods = periods;
    this.cyclesAhead = periods * (this.now - earlier.now);
    this.iterationsAhead = periods * period;
    this.totalsMoved = 0;
    this.pastCyclesMoved = 0;
    this.followingMoved = 0;
  }

  isMoving(): boolean {
    return this.earlier !== undefined;
  }

  same(value: number): void {
    if (this.earlier === undefined) this.decisive.push(value);
  }

  cycle(value: number): number {
    if (this.earlier !== undefined) return value + this.cyclesAhead;
    this.decisive.push(value - this.now);
    return value;
  }

  pastCycle(value: number): number {
    if (this.earlier !== undefined) {
      const place = this.pastCyclesMoved++;
      const standsStill = this.pastCycles.values[place] === this.earlier.pastCycles.values[place];
      return standsStill ? value : value + this.cyclesAhead;
    }
    this.pastCycles.push(value);
    return value;
  }

  total(value: number): number {
    if (this.earlier !== undefined) return value + this.growthAhead(this.earlier);
    this.grown.push(value);
    return value;
  }

  totals(values: number[]): void {
    const { earlier } = this;
    if (earlier === undefined) {
      this.grown.pushAll(values);
      return;
    }
    for (let place = 0; place < values.length; place++) values[place] = values[place]! + this.growthAhead(earlier);
  }

  iteration(value: number, furthest: number): number {
    if (this.earlier !== undefined) return value + this.iterationsAhead;
    this.iterations.push(value);
    this.room = Math.min(this.room, furthest - value);
    return value;
  }

  followingIteration(value: number, furthest: number): number {
    if (this.earlier !== undefined) {
      const place = this.followingMoved++;
      const standsStill = this.following.values[place] === this.earlier.following.values[place];
      return standsStill ? value : value + this.iterationsAhead;
    }
    this.following.push(value);
    this.followingRoom.push(furthest - value);
    return value;
  }

  /**
   * Iterations of the loop since `earlier`, if the state is the same but for them; else 0. The same state with the
   * same work ahead goes on in the same way, for as long as no walk gets beyond the iterations that are alike. What
   * has stood still since, and has no bearing on what comes but through its end, stands still as long.
   */
  iterationsSince(earlier: Snapshot): number {
    if (!areEqual(this.decisive, earlier.decisive)) return 0;
    const [now, then] = [this.iterations, earlier.iterations];
    const period = now.values[0]! - then.values[0]!;
    for (let walk = 0; walk < now.count; walk++) {
      // The first iteration may differ from the others.
      if (then.values[walk]! < 1 || now.values[walk]! - then.values[walk]! !== period) return 0;
    }
    return this.othersSince(earlier, period) ? period : 0;
  }

  /** Whether each past cycle and each walk that follows has stood still since, or moved like the others. */
  private othersSince(earlier: Snapshot, period: number): boolean {
    const cycles = this.now - earlier.now;
    for (let place = 0; place < this.pastCycles.count; place++) {
      const moved = this.pastCycles.values[place]! - earlier.pastCycles.values[place]!;
      if (moved !== 0 && moved !== cycles) return false;
    }
    for (let walk = 0; walk < this.following.count; walk++) {
      const then = earlier.following.values[walk]!;
      const moved = this.following.values[walk]! - then;
      if (moved === 0) continue;
      if (then < 1 || moved !== period) return false;
      this.room = Math.min(this.room, this.followingRoom.values[walk]!);
    }
    return true;
  }

  /** How often so many iterations can follow. */
  periodsAhead(iterations: number): number {
    return Math.floor(this.room / iterations);
  }

  /** What the next total grows by: in each period by as much as in the one seen. */
  private growthAhead(earlier: Snapshot): number {
    const place = this.totalsMoved++;
    return this.periods * (this.grown.values[place]! - earlier.grown.values[place]!);
  }
}

/** Equal vectors have the same fields in the same places: whatever a component leaves out, it has shown a flag for. */
function areEqual(a: Numbers, b: Numbers): boolean {
  if (a.count !== b.count) return false;
  for (let place = 0; place < a.count; place++) if (a.values[place] !== b.values[place]) return false;
  return true;
}
