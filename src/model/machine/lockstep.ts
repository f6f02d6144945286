/**
 * The paper's segments: the loads of step j+1, compute j and store j−1 run side by side, and nothing of the next segment
 * begins before all three are over (SEMANTICS.md, Time and order).
 */
import type { StateList } from '../engine/stateList.ts';
import { NO_TRANSFERS, type StepTransfer } from '../schedule/step.ts';
import type { ResultStream, Visit } from './resultStream.ts';

const NONE = -1;

/** What Lockstep knows of its layer. */
export interface SteppedRun {
  readonly steps: number;
  readonly result: ResultStream;
  /** The last step whose tiles may be asked for. */
  furthestStep: number;
}

export class Lockstep {
  /** The segment that runs: that of the step which it computes. */
  segment = NONE;
  private readonly run: SteppedRun;
  /** The visit that is over and its stores, kept for the next segment. */
  private kept: Visit | undefined = undefined;
  private keptStores: readonly StepTransfer[] = NO_TRANSFERS;

  constructor(run: SteppedRun) {
    this.run = run;
  }

  /** Keeps the stores of a visit that is over for the next segment. */
  keep(visit: Visit, stores: readonly StepTransfer[], cycle: number): void {
    visit.overCycle = cycle;
    this.kept = visit;
    this.keptStores = stores;
  }

  /** Whether the next psum may be loaded now: one that its own step already waits for comes in a segment of its own. */
  mayLoadPsum(): boolean {
    return this.run.result.visits.step > this.segment;
  }

  /** The next segment begins: what was kept is stored, and the tiles of one more step may be asked for. */
  beginSegment(cycle: number): void {
    const { run } = this;
    this.segment++;
    run.furthestStep = Math.min(this.segment + 1, run.steps - 1);
    const visit = this.kept;
    if (visit === undefined) return;
    this.kept = undefined;
    run.result.store(visit, this.keptStores, cycle);
  }

  listState(state: StateList, computed: number): void {
    state.same(this.segment - computed);
    state.same(this.kept === undefined ? 0 : this.keptStores[0]!.bits);
    state.same(this.kept === undefined || this.keptStores[0]!.operand.booked === 'ofmap' ? 1 : 0);
    if (this.kept !== undefined) {
      this.kept.number = state.total(this.kept.number);
      this.kept.overCycle = state.cycle(this.kept.overCycle);
    }
    this.segment = state.total(this.segment);
    this.run.furthestStep = state.total(this.run.furthestStep);
  }
}
