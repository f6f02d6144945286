/**
 * Which slot of an SRAM holds which tile, decided in step order and hence independent of timing: the loading side
 * and the computing side each keep one and agree. The slot used longest ago is taken.
 */
import { flag, type StateList } from '../engine/stateList.ts';

/** What a slot holds. */
interface Resident {
  readonly slot: number;
  /** −1 if nothing yet. */
  key: number;
  /** The number of the load that filled it. */
  load: number;
  /** The last step that uses it. */
  lastStep: number;
}

export class Residency {
  /** Whether the last `use` needs a new load. */
  isMiss = false;
  /** Of a miss: the last step that uses what the slot held before; it must have computed first. −1 if there is none. */
  evictedLastStep = -1;

  /** The slot used last comes last. */
  private readonly residents: Resident[];
  private readonly reuse: 'any slot' | 'latest';
  private loadCount = 0;

  /** `reuse`: whether a tile is found in any slot, or only in the one used last. */
  constructor(slots: number, reuse: 'any slot' | 'latest') {
    this.residents = [];
    for (let slot = 0; slot < slots; slot++) this.residents.push({ slot, key: -1, load: -1, lastStep: -1 });
    this.reuse = reuse;
  }

  /** The slot of the last `use`. */
  get slot(): number {
    return this.latest().slot;
  }

  /** The number of the load that brought the tile of the last `use`. */
  get load(): number {
    return this.latest().load;
  }

  /** The tile `key` is used by the steps up to `lastStep`, which only a user that loads ahead must know. */
  use(key: number, lastStep = 0): void {
    const place = this.find(key);
    this.isMiss = place < 0;
    const resident = this.residents[Math.max(place, 0)]!;
    this.makeLatest(Math.max(place, 0));
    if (this.isMiss) {
      this.evictedLastStep = resident.lastStep;
      resident.key = key;
      resident.load = this.loadCount++;
    }
    resident.lastStep = lastStep;
  }

  /**
   * Shows what is held, relative to where its user is: the key of the tile that it is at, and loads that have arrived.
   * Slots may have changed roles: they are shown in the order of their last use.
   */
  listTiles(state: StateList, key: number, arrivals: number): void {
    state.same(arrivals - this.loadCount);
    this.loadCount = state.total(this.loadCount);
    for (const resident of this.residents) {
      const isEmpty = resident.key < 0;
      state.same(flag(isEmpty));
      if (isEmpty) continue;
      state.same(key - resident.key);
      resident.key = state.total(resident.key);
      // Of a tile that is here it does not matter since when.
      const load = Math.max(resident.load, arrivals - 1);
      state.same(load - arrivals);
      resident.load = state.total(load);
    }
  }

  /** Shows up to when tiles are used, relative to the step that their user is at; what is over is over. */
  listUses(state: StateList, step: number, computed: number): void {
    for (const resident of this.residents) {
      const isUsed = resident.lastStep >= computed;
      state.same(flag(isUsed));
      if (isUsed) state.same(step - resident.lastStep);
      resident.lastStep = state.total(isUsed ? resident.lastStep : computed - 1);
    }
  }

  /** Calls `use` with each slot that holds a tile, and the last step that uses it. */
  forEachResident(use: (slot: number, lastStep: number) => void): void {
    for (const { slot, key, lastStep } of this.residents) if (key >= 0) use(slot, lastStep);
  }

  private latest(): Resident {
    return this.residents[this.residents.length - 1]!;
  }

  private makeLatest(place: number): void {
    const { residents } = this;
    const resident = residents[place]!;
    for (let next = place + 1; next < residents.length; next++) residents[next - 1] = residents[next]!;
    residents[residents.length - 1] = resident;
  }

  /** The place of a tile; −1 if no slot holds it. */
  private find(key: number): number {
    const { residents } = this;
    const oldest = this.reuse === 'latest' ? residents.length - 1 : 0;
    for (let place = residents.length - 1; place >= oldest; place--) if (residents[place]!.key === key) return place;
    return -1;
  }
}
