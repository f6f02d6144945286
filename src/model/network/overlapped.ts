/** Runs layers that overlap, and says how far that is. */
import type { FusedGroup } from '../fusion/groups.ts';
import type { Layer } from '../layers/layer.ts';
import type { Machine } from '../machine/machine.ts';
import type { ProgramResult } from '../machine/programRun.ts';
import type { Assumptions } from '../schedule/assumptions.ts';

/** How far a network run has come. */
export interface Progress {
  readonly layersDone: number;
  readonly layers: number;
  /** The layer that runs, and the share of it that is done. */
  readonly layerName: string;
  readonly layerShare: number;
}

/** The layers of a network without a barrier between them; progress is that of the network as a whole. */
export function* runOverlapped(
  machine: Machine,
  layers: readonly Layer[],
  assumptions: Assumptions,
  groups: readonly FusedGroup[] = [],
): Generator<Progress, ProgramResult> {
  const run = machine.runOverlapped(layers, assumptions, groups);
  for (let step = run.next(); ; step = run.next()) {
    if (step.done === true) return step.value;
    const { layersDone, layerShare } = step.value;
    yield { layersDone, layers: layers.length, layerName: layers[layersDone]?.name ?? '', layerShare };
  }
}
