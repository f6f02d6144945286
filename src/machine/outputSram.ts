/**
 * OBuf: a slot per visit to a psum tile, taken in the order of visits. A psum is loaded, accumulated and stored in
 * one slot, which is free again when its store has ended.
 */
export class OutputSram {
  readonly slots: number;
  /** Visits whose store has ended. */
  stores = 0;
  /** Visits that have been given a slot. */
  granted = 0;
  /** Psum loads that have arrived. */
  arrivals = 0;

  /** Per slot: whether its visit loads a psum, when the slot was given, when its hazard had passed, when it was ready. */
  private readonly loads: Uint8Array;
  private readonly grantCycles: Float64Array;
  private readonly hazardCycles: Float64Array;
  private readonly readyCycles: Float64Array;
  /** Slots of the psum loads under way, oldest first, as a ring. */
  private readonly underWay: Int32Array;
  private requested = 0;

  constructor(slots: number) {
    this.slots = slots;
    this.loads = new Uint8Array(slots);
    this.grantCycles = new Float64Array(slots);
    this.hazardCycles = new Float64Array(slots);
    this.readyCycles = new Float64Array(slots);
    this.underWay = new Int32Array(slots + 1);
  }

  /** Whether the next visit finds a free slot. */
  hasFreeSlot(): boolean {
    return this.granted - this.stores < this.slots;
  }

  /** Gives the next visit its slot; without a psum to load it is ready at once. */
  grant(cycle: number, loadsPsum: boolean): void {
    const slot = this.granted++ % this.slots;
    this.loads[slot] = loadsPsum ? 1 : 0;
    this.grantCycles[slot] = cycle;
    this.hazardCycles[slot] = cycle;
    this.readyCycles[slot] = loadsPsum ? Number.POSITIVE_INFINITY : cycle;
  }

  /** The psum load of the visit granted last is asked for; its hazard, if it had any, has passed. */
  request(cycle: number): void {
    const slot = (this.granted - 1) % this.slots;
    this.hazardCycles[slot] = cycle;
    this.underWay[this.requested++ % this.underWay.length] = slot;
  }

  /** The oldest psum under way is here. */
  arrive(cycle: number): void {
    this.readyCycles[this.underWay[this.arrivals++ % this.underWay.length]!] = cycle;
  }

  /** Whether the slot of a visit is granted and its psum, if any, is here. */
  isReady(visit: number): boolean {
    return this.granted > visit && this.readyCycles[visit % this.slots] !== Number.POSITIVE_INFINITY;
  }

  readyCycle(visit: number): number {
    return this.readyCycles[visit % this.slots]!;
  }

  loadsPsum(visit: number): boolean {
    return this.loads[visit % this.slots] === 1;
  }

  grantCycle(visit: number): number {
    return this.grantCycles[visit % this.slots]!;
  }

  hazardCycle(visit: number): number {
    return this.hazardCycles[visit % this.slots]!;
  }
}
