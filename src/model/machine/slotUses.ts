/**
 * Which slots a layer's tiles of one operand take. With `reload-operands` every use loads its tile and slots are taken
 * in turn; with `keep-resident`, and for biases, a tile that a slot still holds is not loaded again. Both the loading
 * and the using side work out on their own which tile is where (schedule/residency.ts): it does not depend on timing.
 */
import { flag, type StateList } from '../engine/stateList.ts';
import type { LoopNest } from '../schedule/loopNest.ts';
import { Residency } from '../schedule/residency.ts';
import type { TileSram } from './tileSram.ts';

/** How a tile that is in a slot already is found again. */
export type Reuse = 'none' | 'latest' | 'any slot';

const NO_SLOT = -1;

export class SlotUses {
  /** Loads that have arrived, and those that the current use needs. */
  arrivals = 0;
  needed = 0;
  /** When the tile of the current use came; 0 if it was there when the use began. */
  readyCycle = 0;
  /** Whether the use placed last must load its tile. */
  isMissing = false;

  private readonly sram: TileSram;
  private readonly slots: number;
  /** Without reuse slots are taken in turn: those of the next use that is granted one, and of the current use. */
  private grantPlace = 0;
  private usePlace = -1;
  /** With reuse: what is where, for either side; the loops that tell tiles apart. */
  private readonly placing: Residency | undefined;
  private readonly using: Residency | undefined;
  private readonly keyMask: number;
  /** Steps that must have been computed before the tile placed last can take its slot; 0: none. */
  private freeAfterSteps = 0;
  /** The number in the SRAM of each of this layer's slots, and of one that it has not been given. */
  private readonly numbers: number[];
  /** When each of them was given its tile. */
  private readonly grantCycles: number[];

  constructor(sram: TileSram, reuse: Reuse, keyMask: number) {
    this.sram = sram;
    this.slots = sram.spec.slots;
    this.placing = reuse === 'none' ? undefined : new Residency(this.slots, reuse);
    this.using = reuse === 'none' ? undefined : new Residency(this.slots, reuse);
    this.keyMask = keyMask;
    this.numbers = new Array<number>(this.slots).fill(NO_SLOT);
    this.grantCycles = new Array<number>(this.slots).fill(0);
  }

  /** The next use begins at the nest's iteration and lasts up to `lastStep`: where is its tile? */
  place(nest: LoopNest, lastStep: number): void {
    const { placing } = this;
    if (placing === undefined) {
      this.isMissing = true;
      return;
    }
    placing.use(nest.key(this.keyMask), lastStep);
    this.isMissing = placing.isMiss;
    if (placing.isMiss) this.freeAfterSteps = placing.evictedLastStep + 1;
  }

  /** Whether every use loads its tile. */
  get isReloading(): boolean {
    return this.placing === undefined;
  }

  hasFreeSlot(): boolean {
    return this.sram.freeSlots > 0;
  }

  /** Whether there is room, after so many steps, for the tile placed last, which is missing. */
  hasRoom(computed: number): boolean {
    if (this.placing === undefined || this.numbers[this.placing.slot] === NO_SLOT) return this.sram.freeSlots > 0;
    return computed >= this.freeAfterSteps;
  }

  /** Gives the tile placed last its slot; its load is about to be asked for. */
  grant(cycle: number): void {
    const { placing, sram, numbers } = this;
    const slot = placing === undefined ? this.grantPlace : placing.slot;
    // With reuse a slot is this layer's own: another tile takes it from the one that was there.
    if (placing !== undefined && numbers[slot] !== NO_SLOT) sram.release(numbers[slot]!, cycle);
    numbers[slot] = sram.grant(cycle);
    this.grantCycles[slot] = cycle;
    if (placing === undefined) this.grantPlace = this.after(slot);
    this.freeAfterSteps = 0;
  }

  /** Without reuse, and where nobody asks which slot it is: the same. */
  grantAny(cycle: number): void {
    this.sram.take(cycle);
  }

  /** Likewise: the current use is over, and the next one begins. */
  turn(cycle: number): void {
    this.sram.giveBack(cycle);
    this.readyCycle = 0;
    this.needed++;
  }

  /** Likewise: the last use is over. */
  endAny(cycle: number): void {
    this.sram.giveBack(cycle);
  }

  /** The oldest tile under way is here; returns whether the current use has waited for it. */
  arrive(cycle: number, bits: number): boolean {
    this.sram.loadedBits += bits;
    if (++this.arrivals !== this.needed) return false;
    this.readyCycle = cycle;
    return true;
  }

  /** The current use is over, and the next one begins. */
  turnFrom(nest: LoopNest, cycle: number): void {
    this.end(cycle);
    this.turnTo(nest);
  }

  /** The current use is over: without reuse its slot is free. */
  end(cycle: number): void {
    if (this.placing !== undefined) return;
    this.sram.release(this.numbers[this.usePlace]!, cycle);
  }

  /** Turns to the next use, the first one included, at the nest's iteration. */
  turnTo(nest: LoopNest): void {
    const { using } = this;
    this.readyCycle = 0;
    if (using === undefined) {
      this.needed++;
      this.usePlace = this.after(this.usePlace);
      return;
    }
    using.use(nest.key(this.keyMask));
    this.needed = using.load + 1;
  }

  /** Whether the tile of the current use is here. */
  isReady(): boolean {
    return this.arrivals >= this.needed;
  }

  /** With reuse: gives back the slots whose tiles, after so many steps, no later step of the layer uses. */
  releaseUnused(computed: number, cycle: number): void {
    this.placing?.forEachResident((slot, lastStep) => {
      if (lastStep >= computed || this.numbers[slot] === NO_SLOT) return;
      this.sram.release(this.numbers[slot]!, cycle);
      this.numbers[slot] = NO_SLOT;
    });
  }

  /** The slot, in the SRAM, of the tile placed last and of the current use. */
  placedSlot(): number {
    const { placing, grantPlace, slots } = this;
    return this.numbers[placing === undefined ? (grantPlace > 0 ? grantPlace : slots) - 1 : placing.slot]!;
  }

  currentSlot(): number {
    return this.numbers[this.currentPlace()]!;
  }

  /** When the tile of the current use was given its slot. */
  grantCycle(): number {
    return this.grantCycles[this.currentPlace()]!;
  }

  private currentPlace(): number {
    return this.using === undefined ? this.usePlace : this.using.slot;
  }

  private after(place: number): number {
    return place + 1 < this.slots ? place + 1 : 0;
  }

  /**
   * Lists its state, given where the loading side is (at an iteration and its step, or past the end), and the using
   * side after `computed` steps. Between events every arrival is past; tiles under way show in their interface's queue.
   */
  listState(state: StateList, placing: LoopNest | undefined, step: number, using: LoopNest, computed: number): void {
    const { keyMask, arrivals } = this;
    if (this.placing === undefined) {
      state.same(arrivals - this.needed);
      this.needed = state.total(this.needed);
    } else {
      if (placing !== undefined) {
        this.placing.listTiles(state, placing.key(keyMask), arrivals);
        this.placing.listUses(state, step, computed);
        const isWaiting = computed < this.freeAfterSteps;
        state.same(flag(isWaiting));
        if (isWaiting) state.same(step - this.freeAfterSteps);
        this.freeAfterSteps = state.total(isWaiting ? this.freeAfterSteps : computed);
      }
      this.using!.listTiles(state, using.key(keyMask), arrivals);
      // `needed` follows from what it needs: a load that has arrived or the one that it waits for.
      const isReady = arrivals >= this.needed;
      state.same(flag(isReady));
      this.needed = state.total(isReady ? arrivals : this.needed);
    }
    this.arrivals = state.total(arrivals);
  }
}
