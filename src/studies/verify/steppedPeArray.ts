/** A tile with real numbers on the PE array whose registers move every cycle: its buffers and adders. */
import type { ConvSizes, Sliding } from '../../model/layers/layer.ts';
import { createPeRegisters, type IfmapEntry, stepPeRegisters } from '../../model/machine/cycleStepped/peRegisters.ts';

/** The operands of one outer tile. IC is a multiple of J, OC of K; there is no padding left to add. */
export interface ArrayTile extends Sliding {
  readonly sizes: ConvSizes;
  readonly weight: (oc: number, ic: number, kh: number, kw: number) => number;
  readonly ifmap: (ic: number, n: number, ih: number, iw: number) => number;
  readonly bias: (oc: number) => number;
}

/** A vector of ifmap (one value per row) by its number in the tile, and whether its pass starts with it. */
export interface FedVector {
  readonly vector: number;
  readonly startsPass: boolean;
}

/** Which vector of the tile's `vectors` feeds a row in a cycle, if any. */
export type IfmapFeed = (cycle: number, row: number, vectors: number, vectorsPerPass: number) => FedVector | undefined;

/** The array's way: a vector a cycle, each row one cycle behind the row above. */
export const skewedFeed: IfmapFeed = (cycle, row, vectors, vectorsPerPass) => {
  const vector = cycle - row;
  if (vector < 0 || vector >= vectors) return undefined;
  return { vector, startsPass: vector % vectorsPerPass === 0 };
};

/** What computing a tile took. Accesses are counted in elements. */
export interface ArrayRun {
  /** OBuf at the end, in the order n, oh, ow, oc. */
  readonly ofmap: Float64Array;
  /** From the first value that enters to the last that leaves. */
  readonly cycles: number;
  readonly passes: number;
  readonly vectorsPerPass: number;
  readonly macs: number;
  /** Table III reads a weight for every MAC. */
  readonly wbuf: number;
  /** What the array really takes from WBuf: each weight once a pass, into the shadow. */
  readonly wbufHeld: number;
  readonly ibuf: number;
  readonly obuf: number;
  readonly bbuf: number;
}

/** The pass of a number, in the order of eq (15)'s loops: kw runs fastest, then kh, ic-block, oc-block. */
function passAt(number: number, { kh, kw, ic }: ConvSizes, rows: number): Record<'kw' | 'kh' | 'ic' | 'oc', number> {
  const rest = Math.floor(number / kw);
  const blocks = ic / rows;
  const block = Math.floor(rest / kh);
  return { kw: number % kw, kh: rest % kh, ic: block % blocks, oc: Math.floor(block / blocks) };
}

/** The order and number of a tile's vectors. */
interface TileShape {
  readonly rows: number;
  readonly columns: number;
  readonly vectorsPerPass: number;
  /** Passes that add to the same sums: those of one oc-block. */
  readonly passesPerBlock: number;
  readonly passes: number;
}

type Counts = Record<'wbufHeld' | 'ibuf' | 'obuf' | 'bbuf' | 'macs', number>;

/** The buffers above and to the left of the array: the weight of a PE in a pass, the ifmap value of a row in a vector. */
function operandBuffers(
  { sizes, stride, dilation, weight, ifmap }: ArrayTile,
  shape: TileShape,
  counts: Counts,
): { weight: (pass: number, pe: number) => number; ifmap: (vector: number, row: number) => number } {
  const { rows, columns, vectorsPerPass, passes } = shape;
  return {
    weight: (pass, pe) => {
      if (pass >= passes) return 0;
      counts.wbufHeld++;
      const { kw, kh, ic, oc } = passAt(pass, sizes, rows);
      return weight(oc * columns + (pe % columns), ic * rows + Math.floor(pe / columns), kh, kw);
    },
    ifmap: (vector, row) => {
      counts.ibuf++;
      const { kw, kh, ic } = passAt(Math.floor(vector / vectorsPerPass), sizes, rows);
      const position = vector % vectorsPerPass;
      const line = Math.floor(position / sizes.ow);
      const ih = (line % sizes.oh) * stride.h + kh * dilation.h;
      const iw = (position % sizes.ow) * stride.w + kw * dilation.w;
      return ifmap(ic * rows + row, Math.floor(line / sizes.oh), ih, iw);
    },
  };
}

/** OBuf with the adders below the columns; each knows by counting which vector's sum comes out of its column. */
function outputAdders(
  { sizes, bias }: ArrayTile,
  shape: TileShape,
  counts: Counts,
): { ofmap: Float64Array; arrived: readonly number[]; add: (column: number, psum: number) => void } {
  const { columns, vectorsPerPass, passesPerBlock } = shape;
  const ofmap = new Float64Array(vectorsPerPass * sizes.oc);
  const arrived = new Array<number>(columns).fill(0);
  return {
    ofmap,
    arrived,
    add: (column, psum) => {
      const vector = arrived[column]!++;
      const pass = Math.floor(vector / vectorsPerPass);
      const oc = Math.floor(pass / passesPerBlock) * columns + column;
      const place = (vector % vectorsPerPass) * sizes.oc + oc;
      const isFirst = pass % passesPerBlock === 0;
      if (isFirst) counts.bbuf++;
      counts.obuf += isFirst ? 1 : 2;
      ofmap[place] = (isFirst ? bias(oc) : ofmap[place]!) + psum;
    },
  };
}

/**
 * Computes a tile: for each (oc-block, ic-block, kh, kw) one pass of T_n·T_oh·T_ow vectors, the next pass right behind.
 * Bias is the first value of a sum. The adders take the bottom row's psum in the cycle in which it is made: a register
 * between them would cost a cycle a tile that eq (16) does not have. `feed` is there for tests, which show what a wrong
 * one does.
 */
export function runTile(rows: number, columns: number, tile: ArrayTile, feed: IfmapFeed = skewedFeed): ArrayRun {
  const { sizes } = tile;
  const vectorsPerPass = sizes.n * sizes.oh * sizes.ow;
  const passesPerBlock = (sizes.ic / rows) * sizes.kh * sizes.kw;
  const passes = passesPerBlock * (sizes.oc / columns);
  const vectors = passes * vectorsPerPass;
  const shape: TileShape = { rows, columns, vectorsPerPass, passesPerBlock, passes };
  const counts: Counts = { wbufHeld: 0, ibuf: 0, obuf: 0, bbuf: 0, macs: 0 };
  const buffers = operandBuffers(tile, shape, counts);
  const { ofmap, arrived, add } = outputAdders(tile, shape, counts);

  const array = createPeRegisters(rows, columns);
  const swaps = new Array<number>(rows * columns).fill(0);
  for (let pe = 0; pe < rows * columns; pe++) array.shadow[pe] = buffers.weight(0, pe);
  let cycles = 0;
  const enter = (row: number): IfmapEntry | undefined => {
    const fed = feed(cycles, row, vectors, vectorsPerPass);
    return fed && { value: buffers.ifmap(fed.vector, row), startsPass: fed.startsPass };
  };
  while (arrived[columns - 1]! < vectors) {
    const entries = Array.from({ length: rows }, (_, row) => enter(row));
    counts.macs += stepPeRegisters(array, entries, (pe) => buffers.weight(++swaps[pe]!, pe));
    cycles++;
    for (let column = 0; column < columns; column++) {
      const bottom = (rows - 1) * columns + column;
      if (array.holdsIfmap[bottom] === 1) add(column, array.psum[bottom]!);
    }
  }
  return { ofmap, cycles, passes, vectorsPerPass, wbuf: counts.macs, ...counts };
}

/**
 * Cycles that filling the shadow weights row by row from above, J cycles a pass, would add to a tile; eq (15) has none.
 * `exposed` waits for each filling. `hidden` fills a shadow behind the pass that runs: only the tile's first filling
 * shows, and what a pass of fewer than J vectors leaves over.
 */
export function shadowFillingCycles(
  rows: number,
  passes: number,
  vectorsPerPass: number,
): { readonly exposed: number; readonly hidden: number } {
  return { exposed: passes * rows, hidden: rows + (passes - 1) * Math.max(0, rows - vectorsPerPass) };
}
