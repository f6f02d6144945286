/** Why a unit does not compute: every such cycle has exactly one cause (SEMANTICS, Waiting). */

import type { StateVisitor } from '../engine/stateVisitor.ts';

/** Cycles by cause. */
export interface Waiting {
  weight: number;
  bias: number;
  ifmap: number;
  psumLoad: number;
  outputSlot: number;
  vmemLoad: number;
  vmemStore: number;
  /** A psum that waits for its own store to end. */
  hazard: number;
  /** The rest of a segment in lockstep. */
  barrier: number;
  /** The last stores of a layer. */
  drain: number;
}

/** Why a unit waits. */
export type WaitingCause = keyof Waiting;

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
  };
}

/** All waiting cycles. */
export function totalWaiting(waiting: Waiting): number {
  const { weight, bias, ifmap, psumLoad, outputSlot, vmemLoad, vmemStore, hazard, barrier, drain } = waiting;
  return weight + bias + ifmap + psumLoad + outputSlot + vmemLoad + vmemStore + hazard + barrier + drain;
}

/** Shows waiting cycles to a visitor. */
export function visitWaiting(waiting: Waiting, state: StateVisitor): void {
  waiting.weight = state.total(waiting.weight);
  waiting.bias = state.total(waiting.bias);
  waiting.ifmap = state.total(waiting.ifmap);
  waiting.psumLoad = state.total(waiting.psumLoad);
  waiting.outputSlot = state.total(waiting.outputSlot);
  waiting.vmemLoad = state.total(waiting.vmemLoad);
  waiting.vmemStore = state.total(waiting.vmemStore);
  waiting.hazard = state.total(waiting.hazard);
  waiting.barrier = state.total(waiting.barrier);
  waiting.drain = state.total(waiting.drain);
}
