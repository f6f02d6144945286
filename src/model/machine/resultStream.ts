/**
 * A layer's visits to the slots of its results: psum tiles in OBuf, working sets in VMem. Slots are granted in the order
 * of visits; a visit's loads come into its slot, its stores leave it, and the slot is free when the last store has
 * ended. So with one slot nothing overlaps, and with two the next visit's loads come while this one computes.
 */
import { flag, type Stateful, type StateList } from '../engine/stateList.ts';
import { BOOKED, type StepTransfer } from '../schedule/step.ts';
import type { VisitWalk } from '../schedule/visitWalk.ts';
import type { Announcer } from './announcer.ts';
import type { TileMove } from './observer.ts';
import { NO_MOVES, type RequestPort } from './ports.ts';
import type { Producers } from './producers.ts';
import { detailedTag, detailOf, TAG, tagOf } from './tags.ts';
import type { TileSram } from './tileSram.ts';

/** What a stream is made of. */
export interface ResultWiring {
  readonly sram: TileSram;
  readonly port: RequestPort;
  readonly announcer: Announcer;
  readonly producers: Producers;
  /** The layer's place in its program. */
  readonly place: number;
  /** Loads into a slot may arrive in another order than that in which they were asked for. */
  readonly isOutOfOrder: boolean;
}

const [IFMAP, PSUM] = [BOOKED.indexOf('ifmap'), BOOKED.indexOf('psum')];
/** Loads of a visit are told apart by their number, where they can overtake each other. */
const MOST_LOADS = 64;

/** A visit that has been given a slot; reused for another when it is done. */
export class Visit {
  readonly place: number;
  number = 0;
  slot = 0;
  /** Its first step. */
  step = 0;
  /** Loads and stores still to come. */
  loadsLeft = 0;
  storesLeft = 0;
  /** When it was given its slot, when the visit that its loads wait for was done, and when it had its loads. */
  grantCycle = 0;
  gateCycle = 0;
  readyCycle = 0;
  /** When the layer that makes what came last had stored it; 0 if nobody was waited for. */
  producerCycle = 0;
  /** When the producer of what each load brings had stored it; 0 if nobody was waited for. */
  readonly heldUntil: number[] = [];
  /** The place that is taken after this one. */
  next: Visit;
  /** Under lockstep: when its compute was over. */
  overCycle = 0;
  /** Of a tile that is handed over to the SIMD array: since when, and whether that still needs it. */
  handedCycle = 0;
  isHeld = false;

  constructor(place: number) {
    this.place = place;
    this.next = this;
  }
}

/** The next visit with loads under way, of which there is one. */
function nextLoading(visit: Visit): Visit {
  let { next } = visit;
  while (next.loadsLeft === 0) next = next.next;
  return next;
}

export class ResultStream implements Stateful {
  /** Visits that have been given a slot, whose compute is over, and that are completely done. */
  granted = 0;
  visited = 0;
  done = 0;
  /** Bits asked of DRAM, as they are booked. */
  ifmapBits = 0;
  psumBits = 0;
  ofmapBits = 0;
  /** The visit whose steps compute next; it may not have its slot yet. */
  current: Visit;

  readonly visits: VisitWalk;
  protected readonly sram: TileSram;
  private readonly port: RequestPort;
  protected readonly wiring: ResultWiring;
  private readonly isOutOfOrder: boolean;
  protected readonly isWatched: boolean;
  private readonly waitsForProducers: boolean;
  /** Nobody watches, nobody is waited for, and loads come in the order in which they are asked for. */
  private readonly isSimple: boolean;
  protected readonly loadTag: number;
  protected readonly storeTag: number;
  /** The visit granted last has not asked for its loads: another must be done before. */
  private isGated = false;
  /** Visits in turn, as many as there are slots; the one granted last, the one granted next and the one done next. */
  protected readonly ring: readonly Visit[];
  protected latest: Visit;
  private upcoming: Visit;
  private oldest: Visit;
  /** Visits with loads under way and the first of them, where loads end in the order of visits. */
  private loading = 0;
  private firstLoading: Visit;

  constructor(visits: VisitWalk, wiring: ResultWiring) {
    const { slots } = wiring.sram.spec;
    this.visits = visits;
    this.sram = wiring.sram;
    this.port = wiring.port;
    this.wiring = wiring;
    this.isOutOfOrder = wiring.isOutOfOrder;
    this.isWatched = wiring.announcer.isWanted();
    this.waitsForProducers = !wiring.producers.hasNone;
    this.isSimple = !this.isWatched && !this.isOutOfOrder && !this.waitsForProducers;
    this.loadTag = tagOf(TAG.load, wiring.place);
    this.storeTag = tagOf(TAG.store, wiring.place);
    const first = new Visit(0);
    const ring = [first];
    for (let place = 1; place < slots; place++) {
      const visit = new Visit(place);
      ring[place - 1]!.next = visit;
      ring.push(visit);
    }
    ring[slots - 1]!.next = first;
    this.ring = ring;
    this.current = first;
    this.latest = first;
    this.upcoming = first;
    this.oldest = first;
    this.firstLoading = first;
  }

  /** Whether all visits have their slots and have asked for their loads. */
  isOver(): boolean {
    return this.visits.isOver();
  }

  /** Whether the next visit can be given its slot, or its loads be asked for, if nothing else forbids it. */
  mayGrant(): boolean {
    return this.sram.freeSlots > 0 || this.isGated;
  }

  /**
   * Gives the next visit its slot, and asks for its loads; returns whether it got as far as that. Only where `mayGrant`
   * says so. `furthestStep`: the last step whose tiles may be asked for.
   */
  grantNext(furthestStep: number, cycle: number): boolean {
    const { visits } = this;
    if (visits.step > furthestStep) return false;
    if (!this.isGated) {
      if (this.done < visits.grantAfter) return false;
      this.grant(cycle);
    }
    const { loads } = visits;
    if (loads.length > 0) {
      // A psum waits for its own store, and holds up the grants behind it.
      this.isGated = !this.mayLoad();
      if (this.isGated) return false;
      this.requestLoads(loads, cycle);
    }
    visits.advance();
    return true;
  }

  private grant(cycle: number): void {
    const visit = this.takeVisit();
    visit.loadsLeft = this.visits.loads.length;
    visit.grantCycle = cycle;
    visit.gateCycle = cycle;
    visit.readyCycle = cycle;
    visit.producerCycle = 0;
    this.granted++;
    this.latest = visit;
    if (this.isWatched) this.grantNumber(visit, cycle);
    else this.sram.take(cycle);
  }

  /** The place of the next visit. */
  protected takeVisit(): Visit {
    const visit = this.upcoming;
    this.upcoming = visit.next;
    return visit;
  }

  /** Whether the psum that the next visit loads has been stored. */
  protected mayLoad(): boolean {
    return this.done >= this.visits.loadAfter;
  }

  /** Who watches is told which slot it is. */
  private grantNumber(visit: Visit, cycle: number): void {
    const { sram, wiring } = this;
    visit.slot = sram.grant(cycle);
    visit.step = this.visits.step;
    const { slot, step, grantCycle } = visit;
    const name = sram.spec.name as 'obuf' | 'vmem';
    wiring.announcer.observer?.slotGranted?.(name, slot, step, grantCycle, wiring.place);
  }

  private requestLoads(loads: readonly StepTransfer[], cycle: number): void {
    const visit = this.latest;
    visit.gateCycle = cycle;
    if (this.loading === 0) this.firstLoading = visit;
    this.loading++;
    if (this.isSimple) this.requestSimply(this.loadTag, loads);
    else this.requestLoadsOf(visit, loads);
  }

  /** Nobody watches, nobody is waited for, and transfers of a kind end in the order in which they are asked for. */
  private requestSimply(tag: number, transfers: readonly StepTransfer[]): void {
    for (let number = 0; number < transfers.length; number++) {
      const transfer = transfers[number]!;
      this.book(transfer);
      this.port.request(tag, transfer.bits, 0, NO_MOVES);
    }
  }

  private requestLoadsOf(visit: Visit, loads: readonly StepTransfer[]): void {
    for (let number = 0; number < loads.length; number++) {
      const load = loads[number]!;
      this.book(load);
      if (this.isOutOfOrder) visit.heldUntil[number] = 0;
      if (this.mustWait(load)) this.requestLater(load, number, visit);
      else this.requestLoad(load, number, visit);
    }
  }

  private mustWait({ operand }: StepTransfer): boolean {
    return this.waitsForProducers && !this.wiring.producers.areDone(operand.tensor);
  }

  private requestLoad(load: StepTransfer, number: number, visit: Visit): void {
    const moves = this.isWatched ? this.movesOf(load, 'load', number, visit) : NO_MOVES;
    const tag = this.isOutOfOrder ? detailedTag(this.loadTag, visit.place * MOST_LOADS + number) : this.loadTag;
    this.port.request(tag, load.bits, 0, moves);
  }

  private requestLater(load: StepTransfer, number: number, visit: Visit): void {
    this.wiring.producers.whenDone(load.operand.tensor, (cycle) => {
      visit.heldUntil[number] = cycle;
      this.requestLoad(load, number, visit);
    });
  }

  /** A load is here: the one that the tag says, or the oldest; returns whether the current visit has waited for it. */
  loadEnded(cycle: number, bits: number, tag: number): boolean {
    this.sram.loadedBits += bits;
    if (this.isOutOfOrder) return this.loadEndedFor(detailOf(tag), cycle);
    const visit = this.firstLoading;
    if (--visit.loadsLeft > 0) return false;
    this.loading--;
    if (this.loading > 0) this.firstLoading = nextLoading(visit);
    visit.readyCycle = cycle;
    return visit === this.current;
  }

  private loadEndedFor(detail: number, cycle: number): boolean {
    const visit = this.ring[Math.floor(detail / MOST_LOADS)]!;
    if (--visit.loadsLeft > 0) return false;
    visit.readyCycle = cycle;
    visit.producerCycle = visit.heldUntil[detail % MOST_LOADS] ?? 0;
    return visit === this.current;
  }

  /** Whether every visit that was computed has stored its result. */
  isDone(): boolean {
    return this.done === this.visited;
  }

  /** Whether the current visit has its slot and all of its loads. */
  isReady(): boolean {
    return this.granted > this.visited && this.current.loadsLeft === 0;
  }

  /** The compute of the current visit is over; its stores are still to come. Returns it. */
  endVisit(): Visit {
    const visit = this.current;
    this.visited++;
    this.current = visit.next;
    return visit;
  }

  /** Stores the result of a visit that is over; without stores it is done. Returns whether it is. */
  store(visit: Visit, stores: readonly StepTransfer[], cycle: number): boolean {
    this.requestStores(visit, stores);
    if (stores.length > 0) return false;
    this.oldest = visit.next;
    this.finish(visit, cycle);
    return true;
  }

  protected requestStores(visit: Visit, stores: readonly StepTransfer[]): void {
    visit.storesLeft = stores.length;
    if (this.isSimple) this.requestSimply(this.storeTag, stores);
    else this.requestStoresOf(visit, stores);
  }

  private requestStoresOf(visit: Visit, stores: readonly StepTransfer[]): void {
    for (let number = 0; number < stores.length; number++) {
      const store = stores[number]!;
      this.book(store);
      const moves = this.isWatched ? this.movesOf(store, 'store', number, visit) : NO_MOVES;
      this.port.request(this.storeTag, store.bits, 0, moves);
    }
  }

  /** The oldest store under way has ended; returns whether its visit is done. */
  storeEnded(cycle: number, bits: number): boolean {
    this.sram.storedBits += bits;
    const visit = this.oldest;
    if (--visit.storesLeft > 0) return false;
    this.oldest = visit.next;
    this.finish(visit, cycle);
    return true;
  }

  /** The visit is done: its slot is free. */
  protected finish(visit: Visit, cycle: number): void {
    if (this.isWatched) this.sram.release(visit.slot, cycle);
    else this.sram.giveBack(cycle);
    this.done++;
  }

  private book({ column, bits }: StepTransfer): void {
    if (column === PSUM) this.psumBits += bits;
    else if (column === IFMAP) this.ifmapBits += bits;
    else this.ofmapBits += bits;
  }

  private movesOf(
    { operand: { tensor, booked }, bits }: StepTransfer,
    direction: 'load' | 'store',
    operand: number,
    { step, slot }: Visit,
  ): TileMove[] {
    const { place: layer } = this.wiring;
    const move: TileMove = { tensor, direction, step, slot, bits, layer, operand };
    const isPsumStore = tensor === 'psum' && direction === 'store';
    return [isPsumStore ? { ...move, isComplete: booked === 'ofmap' } : move];
  }

  /**
   * Since when the visits that have a slot have waited for what, for a unit whose time is accounted for up to a cycle: what
   * came before does not matter. Not needed where that is now.
   */
  listPastCycles(state: StateList, accounted: number): void {
    for (let count = this.visited, visit = this.current; count < this.granted; count++, visit = visit.next) {
      visit.grantCycle = state.pastCycle(Math.max(visit.grantCycle, accounted));
      visit.gateCycle = state.pastCycle(Math.max(visit.gateCycle, accounted));
      visit.readyCycle = state.pastCycle(Math.max(visit.readyCycle, accounted));
    }
  }

  /** Which visit takes which place does not matter, and neither do cycles up to now, as they all are between events. */
  listState(state: StateList): void {
    const { granted, visited, done } = this;
    this.visits.listState(state);
    state.same(flag(this.isGated));
    state.same(granted - visited);
    state.same(granted - done);
    this.listVisits(state);
    this.granted = state.total(granted);
    this.visited = state.total(visited);
    this.done = state.total(done);
    this.ifmapBits = state.total(this.ifmapBits);
    this.psumBits = state.total(this.psumBits);
    this.ofmapBits = state.total(this.ofmapBits);
  }

  protected listVisits(state: StateList): void {
    const { ring } = this;
    for (let count = 0, visit = this.upcoming; count < ring.length; count++, visit = visit.next) {
      state.same(visit.loadsLeft);
      state.same(visit.storesLeft);
    }
  }
}
