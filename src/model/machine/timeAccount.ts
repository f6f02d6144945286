/**
 * A unit's time: every cycle in which it does not compute is booked under one cause, when its next step starts
 * (SEMANTICS.md, Waiting). Of all that a step needs, what became ready last decides.
 */
import type { StateList } from '../engine/stateList.ts';
import type { Step, StepTile } from '../schedule/step.ts';
import type { Announcer } from './announcer.ts';
import type { LayerRun } from './layerRun.ts';
import { CAUSE, WAITING_CAUSES, WaitingCounter } from './waiting.ts';

export class TimeAccount<Tile extends StepTile> {
  /** Waiting that belongs to no layer: for the last stores, and for the other unit. */
  readonly idle = new WaitingCounter();
  /** Up to when the unit's time is accounted for. */
  accounted = 0;
  /** When instructions were asked for last, and when they came. */
  instructionsFrom = 0;
  instructionsTo = 0;
  private readonly announcer: Announcer;

  constructor(announcer: Announcer) {
    this.announcer = announcer;
  }

  /** Another program begins. */
  clear(): void {
    this.accounted = 0;
    this.idle.clear();
  }

  /** The unit has waited up to now, when a step of this layer starts: for the item that became ready last, in the order of ties. */
  bookWaiting(run: LayerRun<Tile>, { startsResult }: Step<Tile>, cycle: number): void {
    const { weights, biases, ifmaps, result } = run;
    if (run.takes !== undefined) {
      this.bookTaking(run, startsResult, cycle);
      return;
    }
    let awaited = result.current.readyCycle;
    let decides: number = CAUSE.outputSlot;
    if (ifmaps !== undefined && ifmaps.readyCycle > awaited) {
      awaited = ifmaps.readyCycle;
      decides = CAUSE.ifmap;
    }
    if (weights !== undefined && weights.readyCycle > awaited) {
      awaited = weights.readyCycle;
      decides = CAUSE.weight;
    }
    if (startsResult && biases !== undefined && biases.readyCycle > awaited) {
      awaited = biases.readyCycle;
      decides = CAUSE.bias;
    }
    if (cycle > awaited) this.book(run, CAUSE.barrier, cycle);
    else if (decides === CAUSE.outputSlot) this.bookResult(run, startsResult);
    else if (decides === CAUSE.ifmap) this.bookIfmap(run, cycle);
    else this.bookWeight(run, decides, cycle);
    this.accounted = cycle;
  }

  private bookIfmap(run: LayerRun<Tile>, cycle: number): void {
    if (!run.producers.hasNone) this.bookProducer(run, CAUSE.ifmap, run.ifmaps!.grantCycle(), 'ifmap');
    this.book(run, CAUSE.ifmap, cycle);
  }

  /** A bias travels behind its weight tile, if that is loaded too: until the weights are in it waits for them. */
  private bookWeight(run: LayerRun<Tile>, decides: number, cycle: number): void {
    const weights = run.weights!;
    if (!run.producers.hasNone) this.bookProducer(run, CAUSE.weight, weights.grantCycle(), 'weight');
    this.book(run, CAUSE.weight, weights.readyCycle);
    this.book(run, decides, cycle);
  }

  /** On the SIMD side of a group: of the step's slot, the tile and the loads the last decides; of equals the first. */
  private bookTaking(run: LayerRun<Tile>, startsResult: boolean, cycle: number): void {
    const takes = run.takes!;
    const { grantCycle, readyCycle } = run.result.current;
    const tile = run.walk.step.takesTile ? takes.tile()! : undefined;
    const handedCycle = tile === undefined ? 0 : tile.handedCycle;
    if (takes.isLockstep && tile !== undefined) {
      // With the tile, once the segment that has computed it is over, comes the slot.
      this.book(run, CAUSE.obufTile, tile.overCycle);
      this.book(run, CAUSE.barrier, handedCycle);
    }
    const waitsForTile = handedCycle > grantCycle && (handedCycle >= readyCycle || readyCycle === grantCycle);
    if (waitsForTile) this.book(run, CAUSE.obufTile, cycle);
    else this.bookResult(run, startsResult);
    this.accounted = cycle;
  }

  /** For a slot, the store of the same psum, the producer and the loads, one after another. */
  private bookResult(run: LayerRun<Tile>, startsResult: boolean): void {
    const { grantCycle, gateCycle, producerCycle, readyCycle } = run.result.current;
    const slot = startsResult ? run.slotCause : CAUSE.psumLoad;
    const load = startsResult ? run.loadCause : CAUSE.psumLoad;
    if (run.instructions !== undefined) this.bookInstructions(run, slot);
    this.book(run, slot, grantCycle);
    if (gateCycle > grantCycle) this.book(run, CAUSE.hazard, gateCycle);
    if (producerCycle > 0) this.book(run, CAUSE.producer, producerCycle);
    this.book(run, load, readyCycle);
  }

  private bookInstructions(run: LayerRun<Tile>, slotCause: number): void {
    this.book(run, slotCause, this.instructionsFrom);
    this.book(run, CAUSE.instructions, this.instructionsTo);
  }

  /** Until its slot an operand's tile counts as itself, then it waits for the layer that makes it. */
  private bookProducer(run: LayerRun<Tile>, cause: number, grantCycle: number, tensor: 'weight' | 'ifmap'): void {
    const doneCycle = run.producers.doneCycle(tensor);
    if (doneCycle <= this.accounted) return;
    this.book(run, cause, grantCycle);
    this.book(run, CAUSE.producer, doneCycle);
  }

  /** The unit has waited up to a cycle, unless that is accounted for already. */
  private book(run: LayerRun<Tile>, cause: number, to: number): void {
    const from = this.accounted;
    if (to <= from) return;
    run.waiting.add(cause, to - from);
    this.accounted = to;
    if (this.announcer.observer !== undefined) this.tellWaited(run.place, cause, from);
  }

  private tellWaited(place: number, cause: number, from: number): void {
    this.announcer.observer!.waited?.(WAITING_CAUSES[cause]!, from, this.accounted, place);
  }

  /**
   * The program is over, whose last layer on the unit is at this place, if it has any: what is not accounted for is
   * waiting for its last stores, then for the other unit.
   */
  finish(lastPlace: number | undefined, lastStore: number, end: number): void {
    for (const [cause, to] of [
      [CAUSE.drain, lastPlace === undefined ? 0 : lastStore],
      [CAUSE.noWork, end],
    ] as const) {
      const from = this.accounted;
      if (to <= from) continue;
      this.idle.add(cause, to - from);
      this.accounted = to;
      if (lastPlace !== undefined && this.announcer.observer !== undefined) this.tellWaited(lastPlace, cause, from);
    }
  }

  listState(state: StateList): void {
    this.accounted = state.cycle(this.accounted);
  }

  /** The same of a unit that may have waited for a while: what came before that does not matter any more. */
  listPast(state: StateList): void {
    const { accounted } = this;
    this.instructionsFrom = state.pastCycle(Math.max(this.instructionsFrom, accounted));
    this.instructionsTo = state.pastCycle(Math.max(this.instructionsTo, accounted));
    this.accounted = state.pastCycle(accounted);
  }
}
