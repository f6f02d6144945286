/**
 * Networks whose layers are fused, and what is then the share of the non-conv layers. Where these run one after another
 * that is their time over all; where the arrays work at the same time it is what the network takes beyond its convs and
 * gemms by themselves, which comes to the same without fusion.
 */
import type { ByModel } from '../../model/energy/networkEnergy.ts';
import type { Fusion } from '../../model/fusion/groups.ts';
import type { Layer } from '../../model/layers/layer.ts';
import { type NetworkRun, type Progress, runNetwork, totalsOf } from '../../model/network/network.ts';
import { HARDWARE } from '../../model/schedule/assumptions.ts';
import type { Hardware } from '../../model/schemas/hardware.ts';

/** A run, and what its convs and gemms take by themselves. */
export interface FusedRun extends NetworkRun {
  readonly convCycles: number;
}

/** Runs a network with the paper's closed form beside it. */
export function* runFused(layers: readonly Layer[], hardware: Hardware, fusion: Fusion): Generator<Progress, FusedRun> {
  const run = yield* runNetwork(layers, hardware, HARDWARE, 'published', { fusion });
  if (fusion === 'none') return { ...run, convCycles: totalsOf(run.layers).SA.simulated.totalCycles };
  const convs = layers.filter(({ unit }) => unit === 'SA');
  const apart = runNetwork(convs, hardware, HARDWARE, 'published');
  // The network has been counted: this is a small part of it.
  for (let step = apart.next(); ; step = apart.next()) {
    if (step.done === true) return { ...run, convCycles: totalsOf(step.value.layers).all.simulated.totalCycles };
    yield { ...step.value, layersDone: layers.length - 1, layers: layers.length };
  }
}

/** The non-conv layers' share of the runtime, in percent. */
export function nonConvRuntimePct({ layers, groups, convCycles }: FusedRun): ByModel<number> {
  const { SIMD, all } = totalsOf(layers, groups);
  const beyondConvs = all.simulated.totalCycles - convCycles;
  return {
    closedForm: (100 * SIMD.closedForm.totalCycles) / all.closedForm.totalCycles,
    simulated: (100 * beyondConvs) / all.simulated.totalCycles,
  };
}

/** What a reader must know of figures of fused layers. */
export function fusedNotes(fusion: Fusion): string[] {
  return [
    fusion === 'pairs'
      ? "closed form of pairs: the published tool's own estimate, whose layers still follow each other"
      : 'the published closed form has no estimate of chains: computed is without fusion',
    'non-conv runtime, simulated: what the network takes beyond its convs and gemms by themselves; printed: the paper, without fusion',
  ];
}
