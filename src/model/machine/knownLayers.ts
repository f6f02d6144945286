/** Layers that have run: one that is the same but for its name takes as long again, the machine being drained in between. */
import { ByNumbers } from '../layers/byNumbers.ts';
import { CONV_DIMS, type Layer, type Sliding } from '../layers/layer.ts';
import { SIMD_OPS } from '../operations/simdTable.ts';
import type { Assumptions } from '../schedule/assumptions.ts';
import type { SimulatedResult } from './statistics.ts';

/** Everything that decides what a layer takes, as numbers. */
export function identityOf(layer: Layer, assumptions: Assumptions): number[] {
  const { fullEdgeTiles, lockstep, noPsumHazard, reloadOperands } = assumptions;
  const switches = Number(fullEdgeTiles) + 2 * Number(lockstep) + 4 * Number(noPsumHazard) + 8 * Number(reloadOperands);
  if (layer.unit === 'SA') {
    const { op, groups, sizes, tile, loopOrder, bits } = layer;
    const identity = [switches, op === 'conv' ? 0 : 1, groups, bits.ifmap, bits.weight, bits.psum, bits.bias];
    identity.push(...slidingOf(layer));
    for (let place = 0; place < CONV_DIMS.length; place++) {
      const dim = CONV_DIMS[place]!;
      identity.push(sizes[dim], tile[dim], CONV_DIMS.indexOf(loopOrder[place]!));
    }
    return identity;
  }
  const { op, sizes, tile, window, bits } = layer;
  const identity = [switches, 2 + SIMD_OPS.indexOf(op), sizes.c, sizes.n, sizes.h, sizes.w];
  identity.push(tile.c, tile.n, tile.h, tile.w, window.kh, window.kw, ...slidingOf(window));
  identity.push(bits.input, bits.output, bits.psum, bits.weight, bits.bias);
  return identity;
}

function slidingOf({ stride, dilation }: Sliding): number[] {
  return [stride.h, stride.w, dilation.h, dilation.w];
}

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
