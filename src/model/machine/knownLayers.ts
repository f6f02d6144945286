/** Layers that have run: one that is the same but for its name takes as long again, the machine being drained in between. */
import { ByNumbers } from '../layers/byNumbers.ts';
import type { ProgramResult } from './programRun.ts';
import type { SimulatedResult } from './statistics.ts';

/** The results of layers that have run, each with all its tiles counted as jumped over. */
export class KnownLayers {
  private readonly results = new ByNumbers<SimulatedResult>();

  /** What a layer took; undefined if none like it has run. */
  find(identity: readonly number[]): SimulatedResult | undefined {
    return this.results.get(identity);
  }

  add(identity: readonly number[], result: SimulatedResult): void {
    this.results.set(identity, jumpedOver(result));
  }
}

/** The same of fused groups that have run alone. */
export class KnownGroups {
  private readonly results = new ByNumbers<ProgramResult>();

  find(identity: readonly number[]): ProgramResult | undefined {
    return this.results.get(identity);
  }

  add(identity: readonly number[], result: ProgramResult): void {
    this.results.set(identity, { ...result, layers: result.layers.map(jumpedOver) });
  }
}

function jumpedOver(result: SimulatedResult): SimulatedResult {
  return { ...result, steppedTiles: 0, jumpedTiles: result.tiles };
}
