/** What the cycle-stepped units have in common: an event a cycle while a tile is computed, and the check at its end. */
import { type EventHandler, type EventQueue, PHASE, SimEvent } from '../../engine/eventQueue.ts';
import { InternalError } from '../../schemas/inputError.ts';
import type { MachineObserver } from '../observer.ts';
import type { ComputeClient } from '../ports.ts';

/** A unit whose registers move at the end of every cycle. */
export abstract class SteppedUnit implements EventHandler {
  busyCycles = 0;
  tiles = 0;
  isBusy = false;
  /** Who watches, if anybody. */
  observer: MachineObserver | undefined = undefined;
  /** Of the layer in its program. */
  place = 0;
  /** Cycles of the tile that is computed, so far. */
  protected cycles = 0;

  private client: ComputeClient | undefined = undefined;
  private readonly queue: EventQueue;
  private readonly clock = new SimEvent(PHASE.computeEnd, this);

  constructor(queue: EventQueue) {
    this.queue = queue;
  }

  /** Who is told of ends from now on. */
  attach(client: ComputeClient): void {
    this.client = client;
  }

  protected begin(): void {
    this.isBusy = true;
    this.tiles++;
    this.cycles = 0;
    this.queue.schedule(this.clock, this.queue.now + 1);
  }

  handle(cycle: number): void {
    this.cycles++;
    this.busyCycles++;
    this.step();
    if (this.observer?.unitStepped !== undefined) this.show(this.observer, cycle - 1);
    if (!this.isOver()) {
      this.queue.schedule(this.clock, cycle + 1);
      return;
    }
    this.checkTile();
    this.isBusy = false;
    this.client!.computeEnded(cycle);
  }

  /** Throws an InternalError where what has been stepped is not what the tile-grained unit counts. */
  protected check(what: string, stepped: number, tileGrained: number): void {
    if (stepped === tileGrained) return;
    throw new InternalError(`stepped cycle by cycle: ${stepped} ${what}, ${tileGrained} tile by tile`);
  }

  /** Nobody jumps over a unit that is looked into. */
  listState(): never {
    throw new InternalError('fast-forward on a unit that is stepped cycle by cycle');
  }

  /** One cycle of the unit. */
  protected abstract step(): void;
  /** Shows what was where in the cycle that has been stepped. */
  protected abstract show(observer: MachineObserver, cycle: number): void;
  /** Whether the tile is computed. */
  protected abstract isOver(): boolean;
  /** Compares what was stepped with the tile-grained unit's figures. */
  protected abstract checkTile(): void;
}
