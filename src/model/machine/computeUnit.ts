/** A unit that computes one tile at a time: the PE array or the SIMD pipeline. */
import { type EventHandler, type EventQueue, PHASE, SimEvent } from '../engine/eventQueue.ts';
import type { Stateful, StateVisitor } from '../engine/stateVisitor.ts';

/** Who runs the unit. Told when a tile is done. */
export interface ComputeClient {
  computeEnded(cycle: number): void;
}

/** One tile at a time, for as many cycles as told; counts its tiles and busy cycles. */
export class ComputeUnit implements EventHandler, Stateful {
  busyCycles = 0;
  tiles = 0;
  isBusy = false;

  private client: ComputeClient | undefined;
  private readonly queue: EventQueue;
  private readonly ended = new SimEvent(PHASE.computeEnd, this);

  constructor(queue: EventQueue) {
    this.queue = queue;
  }

  /** Whose tiles these are from now on; statistics start anew. */
  attach(client: ComputeClient): void {
    this.client = client;
    this.busyCycles = 0;
    this.tiles = 0;
  }

  /** Starts a tile of `cycles` cycles, pipeline fill included. The unit must be free. */
  compute(cycles: number): void {
    this.isBusy = true;
    this.busyCycles += cycles;
    this.tiles++;
    this.queue.schedule(this.ended, this.queue.now + cycles);
  }

  handle(cycle: number): void {
    this.isBusy = false;
    this.client!.computeEnded(cycle);
  }

  visit(state: StateVisitor): void {
    this.busyCycles = state.total(this.busyCycles);
    this.tiles = state.total(this.tiles);
    this.queue.visitEvent(this.ended, this.isBusy, state);
  }
}
