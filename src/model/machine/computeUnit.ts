/** What the PE array and the SIMD pipeline have in common: one tile at a time, for as many cycles as it takes. */
import { type EventHandler, type EventQueue, PHASE, SimEvent } from '../engine/eventQueue.ts';
import type { Stateful, StateList } from '../engine/stateList.ts';
import type { ComputeClient } from './ports.ts';

/** A unit that computes one tile at a time and counts its tiles and busy cycles. */
export class ComputeUnit implements EventHandler, Stateful {
  busyCycles = 0;
  tiles = 0;
  isBusy = false;

  private client: ComputeClient | undefined = undefined;
  private readonly queue: EventQueue;
  private readonly ended = new SimEvent(PHASE.computeEnd, this);

  constructor(queue: EventQueue) {
    this.queue = queue;
  }

  /** Who is told of ends from now on. */
  attach(client: ComputeClient): void {
    this.client = client;
  }

  /** The unit is busy for `cycles` cycles from now on. */
  protected begin(cycles: number): void {
    this.isBusy = true;
    this.busyCycles += cycles;
    this.tiles++;
    this.queue.schedule(this.ended, this.queue.now + cycles);
  }

  handle(cycle: number): void {
    this.isBusy = false;
    this.client!.computeEnded(cycle);
  }

  listState(state: StateList): void {
    this.busyCycles = state.total(this.busyCycles);
    this.tiles = state.total(this.tiles);
    this.queue.listEvent(this.ended, this.isBusy, state);
  }
}
