/** A tensor in the layout `tiles`: its tiles one after the other, each in one piece. */
import { ceilDiv } from '../layers/rounding.ts';
import type { DramSpec } from '../schemas/dram.ts';
import type { Runs } from './burstWalk.ts';
import { wholeBursts } from './layout.ts';

/** How a tensor is cut into tiles. */
export interface Cut<Dim extends string> {
  /** The loops that it depends on, outermost first. */
  readonly dims: readonly Dim[];
  /** Sizes of a group as its tiles cover them, and of a tile. */
  readonly covered: Readonly<Record<Dim, number>>;
  readonly tile: Readonly<Record<Dim, number>>;
  /** Of the tensor; one unless given. */
  readonly groups?: number;
  /** Of a whole tile. */
  readonly tileBits: number;
}

/** A tensor whose tiles follow each other group by group and, within a group, loop by loop. Each begins a burst. */
export class TiledTensor<Dim extends string> {
  /** Of all tiles, each in whole bursts. */
  readonly bits: number;
  private readonly cut: Cut<Dim>;
  private readonly strideBits: number;

  constructor(cut: Cut<Dim>, spec: DramSpec) {
    this.cut = cut;
    this.strideBits = wholeBursts(cut.tileBits, spec);
    const tiles = cut.dims.reduce((count, dim) => count * this.trips(dim), cut.groups ?? 1);
    this.bits = tiles * this.strideBits;
  }

  /** The `bits` of the tile of a group that begins at `from`, where the tensor begins at `base`. */
  runOf(base: number, from: Readonly<Record<Dim, number>>, bits: number, group = 0): Runs {
    const { dims, tile } = this.cut;
    const number = dims.reduce((count, dim) => count * this.trips(dim) + from[dim] / tile[dim], group);
    return { base: base + number * this.strideBits, runBits: bits, loops: [] };
  }

  private trips(dim: Dim): number {
    return ceilDiv(this.cut.covered[dim], this.cut.tile[dim]);
  }
}
