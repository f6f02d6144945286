/**
 * The visits of an SA layer whose complete tiles are handed over to the SIMD array instead of being stored. They end in
 * another order than they begin: unfinished psums are stored and reloaded while a tile waits for the SIMD array.
 */
import { flag, type StateList } from '../engine/stateList.ts';
import type { StepTransfer } from '../schedule/step.ts';
import type { VisitWalk } from '../schedule/visitWalk.ts';
import { ResultStream, type ResultWiring, type Visit } from './resultStream.ts';

/** Takes the complete tiles. */
export interface TileReceiver {
  /** A visit has completed its sums. */
  give(visit: Visit): void;
}

export class HandingStream extends ResultStream {
  /** Set when the group's other side is put together. */
  handover: TileReceiver | undefined = undefined;
  private readonly isSumStored: boolean;
  /** Places that no visit has. */
  private readonly free: Visit[];
  /** Visits whose result has gone its way, and those of them with a store under way, in the order in which these end. */
  private over = 0;
  private readonly storing: Visit[] = [];

  /** `isSumStored`: a complete tile is stored too, as layers outside of the group read it. */
  constructor(visits: VisitWalk, wiring: ResultWiring, isSumStored: boolean) {
    super(visits, wiring);
    this.isSumStored = isSumStored;
    this.free = [...this.ring];
  }

  protected override takeVisit(): Visit {
    const visit = this.free.pop()!;
    visit.number = this.visits.number;
    this.latest.next = visit;
    if (this.granted === this.visited) this.current = visit;
    return visit;
  }

  /** Its own store must have ended, not those of all visits before it. Unfinished psums are stored in order. */
  protected override mayLoad(): boolean {
    return this.visits.loadAfter <= (this.storing[0]?.number ?? this.over);
  }

  override store(visit: Visit, stores: readonly StepTransfer[], cycle: number): boolean {
    const isComplete = stores[0]!.operand.booked === 'ofmap';
    this.over++;
    visit.storesLeft = 0;
    visit.isHeld = isComplete;
    if (isComplete) {
      visit.handedCycle = cycle;
      this.handover!.give(visit);
    }
    if (!isComplete || this.isSumStored) {
      this.storing.push(visit);
      this.requestStores(visit, stores);
    }
    return false;
  }

  override storeEnded(cycle: number, bits: number): boolean {
    this.sram.storedBits += bits;
    const visit = this.storing.shift()!;
    visit.storesLeft--;
    return this.finishIfOver(visit, cycle);
  }

  /** The SIMD array has used a tile; returns whether its visit is done with that. */
  release(visit: Visit, cycle: number): boolean {
    visit.isHeld = false;
    return this.finishIfOver(visit, cycle);
  }

  /** Visits from the current one on, as each follows the one granted before it, and those whose stores are under way. */
  protected override listVisits(state: StateList): void {
    for (let count = this.visited, visit = this.current; count < this.granted; count++, visit = visit.next) {
      state.same(visit.loadsLeft);
      visit.number = state.total(visit.number);
    }
    state.same(this.storing.length);
    for (const visit of this.storing) {
      state.same(this.over - visit.number);
      state.same(flag(visit.isHeld));
      visit.number = state.total(visit.number);
    }
    this.over = state.total(this.over);
  }

  private finishIfOver(visit: Visit, cycle: number): boolean {
    if (visit.isHeld || visit.storesLeft > 0) return false;
    this.free.push(visit);
    this.finish(visit, cycle);
    return true;
  }
}
