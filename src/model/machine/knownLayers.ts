/** Layers that have run: one that is the same but for its name takes as long again, the machine being drained in between. */
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
  identity.push(bits.input, bits.output, bits.psum);
  return identity;
}

function slidingOf({ stride, dilation }: Sliding): number[] {
  return [stride.h, stride.w, dilation.h, dilation.w];
}

interface Known {
  readonly identity: readonly number[];
  readonly result: SimulatedResult;
}

export class KnownLayers {
  /** By a number that few different layers share. */
  private readonly byFingerprint = new Map<number, Known[]>();

  /** What a layer took, all its tiles counted as jumped over; undefined if none like it has run. */
  find(identity: readonly number[]): SimulatedResult | undefined {
    return this.byFingerprint.get(fingerprint(identity))?.find((known) => areEqual(known.identity, identity))?.result;
  }

  add(identity: readonly number[], result: SimulatedResult): void {
    const known = { identity, result: { ...result, steppedTiles: 0, jumpedTiles: result.tiles } };
    const print = fingerprint(identity);
    const others = this.byFingerprint.get(print);
    if (others === undefined) this.byFingerprint.set(print, [known]);
    else others.push(known);
  }
}

function fingerprint(identity: readonly number[]): number {
  let print = 0;
  for (let place = 0; place < identity.length; place++) print = (Math.imul(print, 31) + identity[place]!) | 0;
  return print;
}

function areEqual(a: readonly number[], b: readonly number[]): boolean {
  if (a.length !== b.length) return false;
  for (let place = 0; place < a.length; place++) if (a[place] !== b[place]) return false;
  return true;
}
