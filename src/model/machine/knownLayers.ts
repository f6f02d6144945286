/** Layers that have run: one that is the same but for its name takes as long again, the machine being drained in between. */
import { ByNumbers } from '../layers/byNumbers.ts';
import type { SimulatedResult } from './statistics.ts';

/** The results of layers that have run, each with all its tiles counted as jumped over. */
export class KnownLayers {
  private readonly results = new ByNumbers<SimulatedResult>();

  /** What a layer took; undefined if none like it has run. */
  find(identity: readonly number[]): SimulatedResult | undefined {
    return this.results.get(identity);
  }

  add(identity: readonly number[], result: SimulatedResult): void {
    this.results.set(identity, { ...result, steppedTiles: 0, jumpedTiles: result.tiles });
  }
}
