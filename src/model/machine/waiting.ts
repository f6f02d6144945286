/** Why a unit does not compute: every such cycle has exactly one cause (SEMANTICS.md, Waiting). */
import type { Stateful, StateList } from '../engine/stateList.ts';

/**
 * The causes, by number. `hazard`: a psum waits for its own store to end; `barrier`: the rest of a segment in lockstep;
 * `drain`: the last stores of a layer; `instructions`: they are being loaded; `producer`: a tile waits for the last store
 * of a layer that makes its tensor; `noWork`: the unit has no layer left, or none at all, while the other still runs;
 * `obufTile`: the SIMD side of a fused group waits for the PE array's next tile.
 */
export const CAUSE = {
  weight: 0,
  bias: 1,
  ifmap: 2,
  psumLoad: 3,
  outputSlot: 4,
  vmemLoad: 5,
  vmemStore: 6,
  hazard: 7,
  barrier: 8,
  drain: 9,
  instructions: 10,
  producer: 11,
  noWork: 12,
  obufTile: 13,
} as const;

/** Why a unit waits. */
export type WaitingCause = keyof typeof CAUSE;

/** The causes' names by number. */
export const WAITING_CAUSES = Object.keys(CAUSE) as WaitingCause[];

/** Cycles by cause. */
export type Waiting = Record<WaitingCause, number>;

/** Counts waiting cycles, without looking names up. */
export class WaitingCounter implements Stateful {
  private readonly cycles = new Array<number>(WAITING_CAUSES.length).fill(0);

  /** `cause` is a number of `CAUSE`. */
  add(cause: number, cycles: number): void {
    this.cycles[cause]! += cycles;
  }

  /** Adds what another has counted. */
  addAll(other: WaitingCounter): void {
    for (let cause = 0; cause < this.cycles.length; cause++) this.cycles[cause]! += other.cycles[cause]!;
  }

  clear(): void {
    this.cycles.fill(0);
  }

  total(): number {
    let total = 0;
    for (let cause = 0; cause < this.cycles.length; cause++) total += this.cycles[cause]!;
    return total;
  }

  /** What has been counted, by name. */
  byCause(): Waiting {
    const waiting = noWaiting();
    for (let cause = 0; cause < this.cycles.length; cause++) waiting[WAITING_CAUSES[cause]!] = this.cycles[cause]!;
    return waiting;
  }

  listState(state: StateList): void {
    state.totals(this.cycles);
  }
}

/** No waiting yet. */
export function noWaiting(): Waiting {
  return {
    weight: 0,
    bias: 0,
    ifmap: 0,
    psumLoad: 0,
    outputSlot: 0,
    vmemLoad: 0,
    vmemStore: 0,
    hazard: 0,
    barrier: 0,
    drain: 0,
    instructions: 0,
    producer: 0,
    noWork: 0,
    obufTile: 0,
  };
}

/** All waiting cycles. */
export function totalWaiting(waiting: Waiting): number {
  return WAITING_CAUSES.reduce((sum, cause) => sum + waiting[cause], 0);
}
