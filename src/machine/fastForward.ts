/**
 * Fast-forward: where the machine's state relative to now recurs with the same work ahead, what follows is what
 * followed before, and need not be stepped. A layer is a loop nest with uniform tiles, so each time a loop advances
 * the state is compared with an earlier iteration of the same loop; if it is the same, the machine jumps over as many
 * such periods as fit before the loop's last iteration. Loops inside have jumped before: few steps of a layer are left.
 */
import type { EventQueue } from '../engine/eventQueue.ts';
import type { Stateful } from '../engine/stateVisitor.ts';
import { Jump } from './jump.ts';
import { Snapshot } from './snapshot.ts';

/** What runs a layer. */
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

/** From the last iteration but one there is nowhere to jump. */
const FEWEST_ITERATIONS_LEFT = 2;
/** A loop in which nothing recurs is looked at ever more rarely: so many times between two powers of two. */
const LOOKS_PER_DOUBLING = 16;

/** The state that the iterations of one loop are compared with (Brent: it is replaced at every power of two). */
class Reference {
  snapshot = new Snapshot();
  isSet = false;
  /** Iterations since it was taken, and after how many it is replaced. */
  age = 0;
  private patience = 1;

  forget(): void {
    this.isSet = false;
    this.age = 0;
    this.patience = 1;
  }

  /** Another iteration; returns whether to look at the state. */
  grow(): boolean {
    this.age++;
    return !this.isSet || this.age % Math.ceil(this.patience / LOOKS_PER_DOUBLING) === 0;
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
  /** Steps jumped over. */
  jumpedSteps = 0;
  private readonly queue: EventQueue;
  private readonly layer: SteppedLayer;
  private readonly parts: readonly Stateful[];
  private readonly references: Reference[] = [];
  private free = new Snapshot();
  /** The outermost loop that has advanced and not been looked at. */
  private advanced = Number.POSITIVE_INFINITY;

  /** `parts`: all that takes part in the layer's run, besides the queue and what runs it. */
  constructor(queue: EventQueue, layer: SteppedLayer, parts: readonly Stateful[]) {
    this.queue = queue;
    this.layer = layer;
    this.parts = [layer, queue, ...parts];
  }

  stepEnded(position: number): void {
    if (position < 0) {
      this.forgetInside(0);
      return;
    }
    this.advanced = Math.min(this.advanced, position);
    this.queue.pause();
  }

  /** Looks at the state between two events, after a step has ended; moves the machine ahead if it recurs. */
  look(): void {
    const loop = this.advanced;
    if (loop === Number.POSITIVE_INFINITY) return;
    this.advanced = Number.POSITIVE_INFINITY;
    this.forgetInside(loop);
    if (this.layer.iterationsLeft(loop) < FEWEST_ITERATIONS_LEFT) return;
    this.references[loop] ??= new Reference();
    const reference = this.references[loop];
    if (!reference.grow()) return;
    const state = this.free;
    state.begin(loop, this.queue.now);
    for (const part of this.parts) part.visit(state);
    const period = reference.isSet ? state.iterationsSince(reference.snapshot) : 0;
    if (period > 0) this.jump(reference.snapshot, state, period);
    else this.free = reference.replaceBy(state);
  }

  private jump(from: Snapshot, to: Snapshot, period: number): void {
    const periods = to.periodsAhead(period);
    if (periods < 1) return;
    const before = this.layer.computed;
    const jump = new Jump(from, to, period, periods);
    for (const part of this.parts) part.visit(jump);
    this.jumpedSteps += this.layer.computed - before;
  }

  /** Loops inside begin anew: their iterations are compared with each other only. */
  private forgetInside(loop: number): void {
    for (let inner = loop + 1; inner < this.references.length; inner++) this.references[inner]?.forget();
  }
}
