/** The golden files: per-layer results of the paper's closed form, verified against its published figures. */
import { readFileSync } from 'node:fs';
import type { Layer } from '../../src/model/layers/layer.ts';
import { columnsOf, type Result } from '../../src/model/layers/result.ts';

export interface GoldenLayer {
  readonly op: string;
  readonly unit: 'SA' | 'SIMD';
  readonly dims: Record<string, number>;
  readonly tile: Record<string, number>;
  readonly arith?: Record<string, number>;
  readonly result: readonly number[];
  /** In the files of fused pairs: whether it is a member of one. */
  readonly fused?: boolean;
}

export interface GoldenFile {
  readonly network: string;
  readonly hardware: string;
  readonly columns: readonly string[];
  readonly total_SA: readonly number[];
  readonly total_SIMD: readonly number[];
  readonly layers: readonly GoldenLayer[];
}

export function golden(name: string): GoldenFile {
  return JSON.parse(readFileSync(new URL(`../golden/${name}.json`, import.meta.url), 'utf8')) as GoldenFile;
}

/** Which of our columns each golden column is. */
const COLUMNS: Record<string, string> = {
  SRAM_WBuf: 'sramBits.wbuf',
  SRAM_IBuf: 'sramBits.ibuf',
  SRAM_OBuf: 'sramBits.obuf',
  SRAM_BBuf: 'sramBits.bbuf',
  SRAM_VMem: 'sramBits.vmem',
  SRAM_IMM: 'sramBits.imm',
  SRAM_InsMem: 'sramBits.imem',
  DRAM_weight: 'dramBits.weight',
  DRAM_ifmap: 'dramBits.ifmap',
  DRAM_psum: 'dramBits.psum',
  DRAM_ofmap: 'dramBits.ofmap',
  DRAM_bias: 'dramBits.bias',
  cycles_compute: 'computeCycles',
  cycles_stall: 'stallCycles',
  ops: 'ops',
};

/** Some golden zeros are what floating point left of a difference of large numbers, e.g. 4.8e-7 bits of psum. */
const ROUNDING_NOISE = 1e-6;

/** Columns of `result` that differ from a golden row by more than 1e-9 of its value, in words. */
export function differences(result: Result, columns: readonly string[], row: readonly number[]): string[] {
  const ours = columnsOf(result);
  return columns.flatMap((column, place) => {
    const [expected, found] = [row[place]!, ours.get(COLUMNS[column]!)!];
    return Math.abs(found - expected) <= 1e-9 * Math.abs(expected) + ROUNDING_NOISE
      ? []
      : [`${column}: ${found}, golden ${expected}`];
  });
}

/** A layer's tile in the words of the golden files, for the dimensions that a golden tile names. */
export function tileInGoldenWords(layer: Layer, goldenTile: Record<string, number>): Record<string, number> {
  const { tile } = layer;
  const [kh, kw, stride] =
    layer.unit === 'SA'
      ? [layer.tile.kh, layer.tile.kw, layer.stride.h]
      : [layer.window.kh, layer.window.kw, layer.window.stride.h];
  const [oh, ow] = 'oh' in tile ? [tile.oh, tile.ow] : [tile.h, tile.w];
  const all: Record<string, number> = {
    oh,
    ow,
    kh,
    kw,
    ih: (oh - 1) * stride + kh,
    iw: (ow - 1) * stride + kw,
    oc: 'oc' in tile ? tile.oc : tile.c,
    ic: 'ic' in tile ? tile.ic : 0,
    batch: tile.n,
    N: tile.n,
    C: 'oc' in tile ? tile.oc : tile.c,
    H: oh,
    W: ow,
  };
  return Object.fromEntries(Object.keys(goldenTile).map((dim) => [dim, all[dim]!]));
}
