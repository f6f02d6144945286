/**
 * OBuf: a slot per visit to a psum tile, taken in the order of visits. A psum is loaded, accumulated and stored in
 * one slot, which is free again when its store has ended.
 */
import type { Stateful, StateVisitor } from '../engine/stateVisitor.ts';
import { SlotRing } from './slotRing.ts';

/** The ready cycle of a slot whose psum has not arrived. */
const PENDING = -1;

export class OutputSram implements Stateful {
  readonly slots: number;
  /** Visits whose store has ended. */
  stores = 0;
  /** Visits that have been given a slot. */
  granted = 0;

  /** Per slot: whether its visit loads a psum, when the slot was given, when its hazard had passed, when it was ready. */
  private readonly loads: boolean[];
  private readonly grantCycles: number[];
  private readonly hazardCycles: number[];
  private readonly readyCycles: number[];
  /** Slots of the psum loads under way. */
  private readonly underWay: SlotRing;
  /** Slot of the visit granted last, and of the visit that computes or will next. */
  grantedSlot: number;
  slot = 0;
  /** Visits that are over. */
  private visited = 0;

  constructor(slots: number) {
    this.slots = slots;
    this.loads = new Array<boolean>(slots).fill(false);
    this.grantCycles = new Array<number>(slots).fill(0);
    this.hazardCycles = new Array<number>(slots).fill(0);
    this.readyCycles = new Array<number>(slots).fill(0);
    this.underWay = new SlotRing(slots);
    this.grantedSlot = slots - 1;
  }

  /** Whether the next visit finds a free slot. */
  hasFreeSlot(): boolean {
    return this.granted - this.stores < this.slots;
  }

  /** Gives the next visit its slot; without a psum to load it is ready at once. */
  grant(cycle: number, loadsPsum: boolean): void {
    const slot = this.grantedSlot + 1 < this.slots ? this.grantedSlot + 1 : 0;
    this.grantedSlot = slot;
    this.granted++;
    this.loads[slot] = loadsPsum;
    this.grantCycles[slot] = cycle;
    this.hazardCycles[slot] = cycle;
    this.readyCycles[slot] = loadsPsum ? PENDING : cycle;
  }

  /** The psum load of the visit granted last is asked for; its hazard, if it had any, has passed. */
  request(cycle: number): void {
    this.hazardCycles[this.grantedSlot] = cycle;
    this.underWay.push(this.grantedSlot);
  }

  /** The oldest psum under way is here. */
  arrive(cycle: number): void {
    this.readyCycles[this.underWay.shift()] = cycle;
  }

  /** The visit that computes is over; what follows is about the next one. */
  nextVisit(): void {
    this.visited++;
    this.slot = this.slot + 1 < this.slots ? this.slot + 1 : 0;
  }

  /** Whether the visit's slot is granted and its psum, if any, is here. */
  isReady(): boolean {
    return this.granted > this.visited && this.readyCycles[this.slot] !== PENDING;
  }

  readyCycle(): number {
    return this.readyCycles[this.slot]!;
  }

  loadsPsum(): boolean {
    return this.loads[this.slot]!;
  }

  grantCycle(): number {
    return this.grantCycles[this.slot]!;
  }

  hazardCycle(): number {
    return this.hazardCycles[this.slot]!;
  }

  /**
   * Which slot is which does not matter, and neither do cycles up to now, as they all are between events. That a psum
   * is still to come shows in its interface's queue.
   */
  visit(state: StateVisitor): void {
    state.same(this.granted - this.visited);
    state.same(this.granted - this.stores);
    this.granted = state.total(this.granted);
    this.visited = state.total(this.visited);
    this.stores = state.total(this.stores);
  }
}
