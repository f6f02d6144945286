/**
 * Fast-forward: where the machine's state relative to now recurs with the same work ahead, what follows is what
 * followed before, and need not be stepped. A layer is a loop nest with uniform tiles, so each time a loop advances
 * the state is compared with an earlier iteration of the same loop; if it is the same, the machine jumps over as many
 * such periods as fit before the loop's last iteration. Loops inside have jumped before: few steps of a layer are left.
 */
import type { EventQueue } from './eventQueue.ts';
import { Snapshot } from './snapshot.ts';
import type { Stateful } from './stateList.ts';

/** What runs a layer: it shows all that takes part in that but the queue, the walk through its steps first. */
export interface SteppedLayer extends Stateful {
  /** Steps computed. */
  readonly computed: number;
  /** Iterations that the loop at a position still has to begin, by the step that computes. */
  iterationsLeft(position: number): number;
}

/** Told of each step that has been computed: the loop that advanced, −1 where another part of the operation begins. */
export interface StepListener {
  stepEnded(position: number): void;
}

/** Fewer are stepped faster than jumped over. */
const FEWEST_ITERATIONS_LEFT = 3;
/** A loop in which nothing recurs is looked at ever more rarely: so many times between two powers of two. */
const LOOKS_PER_DOUBLING = 16;

const NONE = Number.POSITIVE_INFINITY;

/** The state that the iterations of one loop are compared with (Brent: it is replaced at every power of two). */
class Reference {
  snapshot = new Snapshot();
  isSet = false;
  /** The loop has jumped: what is left of it is too little to jump again. */
  isDone = false;
  /** Iterations since it was taken, and after how many it is replaced. */
  private age = 0;
  private patience = 1;
  /** Iterations since the loop began, and at which the state was first seen that recurred when it last ran. */
  private iterations = 0;
  private firstLook = 0;

  /** The loop begins anew. */
  forget(): void {
    this.isSet = false;
    this.isDone = false;
    this.age = 0;
    this.patience = 1;
    this.iterations = 0;
  }

  /** Another layer begins: its loops are others. */
  forgetAll(): void {
    this.forget();
    this.firstLook = 0;
  }

  /** Another iteration; returns whether to look at the state. */
  grow(): boolean {
    this.age++;
    this.iterations++;
    if (!this.isSet) return this.iterations >= this.firstLook;
    return this.age % Math.ceil(this.patience / LOOKS_PER_DOUBLING) === 0;
  }

  /** The state is that of the reference again. */
  recur(): void {
    this.isDone = true;
    this.firstLook = this.iterations - this.age;
  }

  /** Replaced if it is old enough; returns the snapshot that is free then. */
  replaceBy(snapshot: Snapshot): Snapshot {
    if (this.isSet && this.age < this.patience) return snapshot;
    const free = this.snapshot;
    this.patience = this.isSet ? 2 * this.patience : 1;
    this.snapshot = snapshot;
    this.isSet = true;
    this.age = 0;
    return free;
  }
}

export class FastForward implements StepListener {
  private readonly queue: EventQueue;
  private layer: SteppedLayer | undefined = undefined;
  private readonly references: Reference[] = [];
  private free = new Snapshot();
  /** The outermost loop that has advanced and not been looked at. */
  private advanced = NONE;

  constructor(queue: EventQueue) {
    this.queue = queue;
  }

  /** Another layer is about to run. */
  begin(layer: SteppedLayer): void {
    this.layer = layer;
    this.advanced = NONE;
    for (const reference of this.references) reference?.forgetAll();
  }

  stepEnded(position: number): void {
    if (position < 0) {
      this.forgetFrom(1);
      return;
    }
    this.advanced = Math.min(this.advanced, position);
    this.queue.pause();
  }

  /** Looks at the state between two events, after a step has ended; moves the machine ahead if it recurs. */
  look(): void {
    const loop = this.advanced;
    if (loop === NONE) return;
    this.advanced = NONE;
    this.forgetFrom(loop + 1);
    const layer = this.layer!;
    if (layer.iterationsLeft(loop) < FEWEST_ITERATIONS_LEFT) return;
    this.references[loop] ??= new Reference();
    const reference = this.references[loop];
    if (reference.isDone || !reference.grow()) return;
    const state = this.free;
    state.beginTaking(loop, this.queue.now);
    this.listState(layer, state);
    const period = reference.isSet ? state.iterationsSince(reference.snapshot) : 0;
    if (period === 0) {
      this.free = reference.replaceBy(state);
      return;
    }
    reference.recur();
    const periods = state.periodsAhead(period);
    if (periods < 1) return;
    state.beginMoving(reference.snapshot, period, periods);
    this.listState(layer, state);
  }

  /** Loops from this one on begin anew: their iterations are compared with each other only. */
  private forgetFrom(loop: number): void {
    for (let inner = loop; inner < this.references.length; inner++) this.references[inner]?.forget();
  }

  private listState(layer: SteppedLayer, state: Snapshot): void {
    layer.listState(state);
    this.queue.listState(state);
  }
}
