/** A fused group that runs alone, as fast-forward sees it: both sides and what passes between them, step by step of its SA layer. */
import type { SteppedLayer } from '../engine/fastForward.ts';
import type { Stateful, StateList } from '../engine/stateList.ts';

export class GroupState implements SteppedLayer {
  private readonly sa: SteppedLayer;
  private readonly others: readonly Stateful[];

  /** `others`: the SIMD side, which shows the tiles handed over, and whatever puts requests in order. */
  constructor(sa: SteppedLayer, others: readonly Stateful[]) {
    this.sa = sa;
    this.others = others;
  }

  get computed(): number {
    return this.sa.computed;
  }

  iterationsLeft(position: number): number {
    return this.sa.iterationsLeft(position);
  }

  listState(state: StateList): void {
    this.sa.listState(state);
    for (const other of this.others) other.listState(state);
  }
}
