/** What a tile costs on the systolic array. */

import { ceilDiv } from '../layers/rounding.ts';
import { type ConvSizes, ifmapPlane, type Sliding } from '../layers/sizes.ts';

/** Inner tiles of an outer tile: cycles in which the array takes a 1×J vector of ifmap (eq 15). */
export function innerTiles(tile: ConvSizes, rows: number, columns: number): number {
  return tile.oh * tile.ow * tile.n * tile.kh * tile.kw * ceilDiv(tile.ic, rows) * ceilDiv(tile.oc, columns);
}

/** Cycles to fill the array before each outer tile: PSO_SA = (J − 1) + (K − 1) (eq 16). */
export function saFillCycles(rows: number, columns: number): number {
  return rows - 1 + (columns - 1);
}

/** A number of bits per tensor of a conv tile: of an element, or of the whole tile. */
export interface BitsPerTensor {
  readonly weight: number;
  readonly ifmap: number;
  readonly psum: number;
  readonly bias: number;
}

/** Bits of each tensor of a tile, in DRAM as on chip, given the bits of an element: eqs (2), (5), (8), (11). */
export function convTileBits(tile: ConvSizes, sliding: Sliding, bits: BitsPerTensor): BitsPerTensor {
  const { oc, ic, kh, kw, n, oh, ow } = tile;
  const input = ifmapPlane(tile, sliding);
  return {
    weight: kh * kw * ic * oc * bits.weight,
    ifmap: input.h * input.w * ic * n * bits.ifmap,
    psum: oh * ow * oc * n * bits.psum,
    bias: oc * bits.bias,
  };
}
