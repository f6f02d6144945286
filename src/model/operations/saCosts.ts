/** What a tile costs on the systolic array. */
import type { ConvSizes } from '../layers/layer.ts';
import { ceilDiv } from '../layers/rounding.ts';

/** Inner tiles of an outer tile: cycles in which the array takes a 1×J vector of ifmap (eq 15). */
export function innerTiles(tile: ConvSizes, rows: number, columns: number): number {
  return tile.oh * tile.ow * tile.n * tile.kh * tile.kw * ceilDiv(tile.ic, rows) * ceilDiv(tile.oc, columns);
}

/** Cycles to fill the array before each outer tile: PSO_SA = (J − 1) + (K − 1) (eq 16). */
export function saFillCycles(rows: number, columns: number): number {
  return rows - 1 + (columns - 1);
}
