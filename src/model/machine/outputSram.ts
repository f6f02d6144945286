/**
 * OBuf: a slot per visit to a psum tile, taken in the order of visits. A psum is loaded, accumulated and stored in
 * one slot, which is free again when its store has ended.
 */
import type { Stateful, StateVisitor } from '../engine/stateVisitor.ts';

export class OutputSram implements Stateful {
  readonly slots: number;
  /** Visits that have been given a slot, whose compute is over, and whose store has ended. */
  granted = 0;
  visited = 0;
  stores = 0;
  /** Of the visit that computes next, each 0 if it was so when the one before ended: when it was given its slot, when */
  grantCycle = 0;
  /** its hazard had passed, */
  hazardCycle = 0;
  /** and when it was ready. */
  readyCycle = 0;
  /** Psums that have come, and that visits up to the current one need. */
  private arrivals = 0;
  private needed = 0;

  constructor(slots: number) {
    this.slots = slots;
  }

  /** Whether the next visit finds a free slot. */
  hasFreeSlot(): boolean {
    return this.granted - this.stores < this.slots;
  }

  /** Gives the next visit its slot; without a psum to load it is ready at once. */
  grant(cycle: number): void {
    if (this.granted === this.visited) {
      this.grantCycle = cycle;
      this.readyCycle = cycle;
    }
    this.granted++;
  }

  /** The psum load of the visit granted last is asked for; its hazard, if it had any, has passed. */
  request(cycle: number): void {
    if (this.granted - 1 === this.visited) this.hazardCycle = cycle;
  }

  /** The oldest psum under way is here; returns whether it is that of the current visit. */
  arrive(cycle: number): boolean {
    this.arrivals++;
    if (this.arrivals !== this.needed) return false;
    this.readyCycle = cycle;
    return true;
  }

  /** Turns to the next visit, the first one included; it may add to a psum from DRAM. */
  turnTo(loadsPsum: boolean): void {
    if (loadsPsum) this.needed++;
    this.grantCycle = 0;
    this.hazardCycle = 0;
    this.readyCycle = 0;
  }

  /** Whether the visit's slot is granted and its psum, if any, is here. */
  isReady(): boolean {
    return this.granted > this.visited && this.arrivals >= this.needed;
  }

  /** The slot of a visit, by its number. */
  slotOf(visit: number): number {
    return visit % this.slots;
  }

  /**
   * Cycles up to now do not matter between events. That a psum is still to come shows in its interface's queue.
   */
  visit(state: StateVisitor): void {
    state.same(this.granted - this.visited);
    state.same(this.granted - this.stores);
    state.same(this.arrivals - this.needed);
    this.granted = state.total(this.granted);
    this.visited = state.total(this.visited);
    this.stores = state.total(this.stores);
    this.arrivals = state.total(this.arrivals);
    this.needed = state.total(this.needed);
  }
}
