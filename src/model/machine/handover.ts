/**
 * Between the two sides of a fused group: tiles whose sums are complete, in their OBuf slots, from the PE array to the
 * SIMD array. Handing over takes no cycle.
 */
import type { StateList } from '../engine/stateList.ts';
import type { HandingStream, TileReceiver } from './handingStream.ts';
import type { Visit } from './resultStream.ts';

/** Hears that a tile has been handed over. */
export interface TileTaker {
  tileHandedOver(cycle: number): void;
  /** Whether its unit does not compute and its interface moves nothing. */
  isQuiet(): boolean;
}

/** Hears that a visit is done: its tile has been used, and stored if it must. */
export interface TileGiver {
  visitReleased(place: number, cycle: number): void;
  /** Under lockstep: the SIMD side is quiet, which may end the segment. */
  takerIsQuiet(cycle: number): void;
}

/** Who is on which side. */
export interface HandoverWiring {
  readonly stream: HandingStream;
  /** Of the SA layer in its program. */
  readonly place: number;
  readonly giver: TileGiver;
  readonly taker: TileTaker;
  /** A tile is handed over when the segment after its compute begins, and used within that. */
  readonly isLockstep: boolean;
}

export class Handover implements TileReceiver {
  /** Tiles that have been handed over. */
  given = 0;
  readonly isLockstep: boolean;
  /** Tiles that the SIMD array has not used yet, the oldest first. */
  private readonly waiting: Visit[] = [];
  private readonly wiring: HandoverWiring;
  private isNew = false;

  constructor(wiring: HandoverWiring) {
    this.wiring = wiring;
    this.isLockstep = wiring.isLockstep;
    wiring.stream.handover = this;
  }

  /** The tile that is used next; undefined if it is not here. */
  tile(): Visit | undefined {
    return this.waiting[0];
  }

  /** A visit has completed its sums. */
  give(visit: Visit): void {
    this.waiting.push(visit);
    this.given++;
    this.isNew = true;
  }

  /** Once the step that has given a tile is over: the SIMD side may start on it. */
  wake(cycle: number): void {
    if (!this.isNew) return;
    this.isNew = false;
    this.wiring.taker.tileHandedOver(cycle);
  }

  /** The SIMD side has computed on the oldest tile. */
  use(cycle: number): void {
    const { stream, giver, place } = this.wiring;
    if (stream.release(this.waiting.shift()!, cycle)) giver.visitReleased(place, cycle);
  }

  /** Tiles that wait, and since when, for a unit whose time is accounted for up to a cycle. */
  listState(state: StateList, accounted: number): void {
    state.same(this.waiting.length);
    for (const visit of this.waiting) {
      state.same(visit.storesLeft);
      visit.overCycle = state.pastCycle(Math.max(visit.overCycle, accounted));
      visit.handedCycle = state.pastCycle(Math.max(visit.handedCycle, accounted));
    }
    this.given = state.total(this.given);
  }

  /** Whether nothing happens on the SIMD side. */
  isQuiet(): boolean {
    return this.wiring.taker.isQuiet();
  }

  /** Under lockstep: something on the SIMD side has ended, perhaps all that the segment held for it. */
  endedSomething(cycle: number): void {
    if (this.isQuiet()) this.wiring.giver.takerIsQuiet(cycle);
  }
}
