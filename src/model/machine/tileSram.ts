/**
 * An SRAM whose slots hold tiles: WBuf, IBuf, OBuf, BBuf and VMem are instances. A tile is given a slot before its load
 * is asked for (a result before it is computed), and the slot is free again when the tile has been used or stored.
 */
import type { Stateful, StateList } from '../engine/stateList.ts';
import { InternalError } from '../schemas/inputError.ts';

export type TileSramName = 'wbuf' | 'ibuf' | 'obuf' | 'bbuf' | 'vmem';

/** What the hardware file says of it. */
export interface TileSramSpec {
  readonly name: TileSramName;
  /** Tiles that it holds at a time. */
  readonly slots: number;
  /** All slots together. */
  readonly sizeBits: number;
}

/** Slots, the tiles in them, and what has gone in and out. All figures since the machine was built. */
export class TileSram implements Stateful {
  readonly spec: TileSramSpec;
  /** Slots that hold no tile now, and the fewest that ever did. */
  freeSlots: number;
  private fewestFreeSlots: number;
  /** Bits that the compute unit has read and written: table III. */
  readBits = 0;
  writtenBits = 0;
  /** Of those read, the ones that the SIMD array has read of tiles handed over to it. */
  takenBits = 0;
  /** Bits that have come from DRAM and gone to it. */
  loadedBits = 0;
  storedBits = 0;
  /** Cycles of all releases less those of all grants: while no slot is held, the slots' cycles in use. */
  private heldCycles = 0;
  private readonly isHeld: boolean[];
  private next = 0;

  constructor(spec: TileSramSpec) {
    this.spec = spec;
    this.freeSlots = spec.slots;
    this.fewestFreeSlots = spec.slots;
    this.isHeld = new Array<boolean>(spec.slots).fill(false);
  }

  /** Slots that hold a tile now. */
  get occupiedSlots(): number {
    return this.spec.slots - this.freeSlots;
  }

  /** The most slots that ever held a tile at once. */
  get peakSlots(): number {
    return this.spec.slots - this.fewestFreeSlots;
  }

  /** Gives a tile the next free slot; returns its number. */
  grant(cycle: number): number {
    const { isHeld } = this;
    if (this.freeSlots === 0) throw new InternalError(`${this.spec.name} has no free slot to grant`);
    let slot = this.next;
    while (isHeld[slot]!) slot = slot + 1 < isHeld.length ? slot + 1 : 0;
    isHeld[slot] = true;
    this.next = slot + 1 < isHeld.length ? slot + 1 : 0;
    this.take(cycle);
    return slot;
  }

  /** The tile in a slot is no longer needed. */
  release(slot: number, cycle: number): void {
    this.isHeld[slot] = false;
    this.giveBack(cycle);
  }

  /** Gives a tile a free slot whose number nobody asks for: most runs are not watched. */
  take(cycle: number): void {
    this.heldCycles -= cycle;
    if (--this.freeSlots < this.fewestFreeSlots) this.fewestFreeSlots = this.freeSlots;
  }

  /** The tile in such a slot is no longer needed. */
  giveBack(cycle: number): void {
    this.freeSlots++;
    this.heldCycles += cycle;
  }

  /** Cycles in which slots held a tile, summed over the slots, up to now. */
  slotCycles(now: number): number {
    return this.heldCycles + this.occupiedSlots * now;
  }

  /** The drained SRAM of the next program, whose clock starts at 0 again, takes its slots from the first on. */
  rewind(): void {
    if (this.occupiedSlots > 0) throw new InternalError(`${this.spec.name} still holds ${this.occupiedSlots} tiles`);
    this.next = 0;
  }

  /** Which slot is which does not matter to what comes. */
  listState(state: StateList): void {
    state.same(this.freeSlots);
    this.readBits = state.total(this.readBits);
    this.writtenBits = state.total(this.writtenBits);
    this.takenBits = state.total(this.takenBits);
    this.loadedBits = state.total(this.loadedBits);
    this.storedBits = state.total(this.storedBits);
    this.heldCycles = state.total(this.heldCycles);
  }
}
