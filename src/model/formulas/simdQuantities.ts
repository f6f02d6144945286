/** The names of layers on the SIMD array, in the paper's notation, and what their rows of the operations table come to. */
import { type SimdLayer, windowInput } from '../layers/layer.ts';
import { ceilDiv } from '../layers/rounding.ts';
import { instructionCosts, simdFillCycles } from '../operations/simdCosts.ts';
import { type Operand, type Part, tensorElements } from '../operations/simdRow.ts';
import { innerDims, simdOperation, simdParts } from '../operations/simdTable.ts';
import type { Hardware } from '../schemas/hardware.ts';
import { BITS, CYCLES, perDimension, type Quantities, SIZE, SLIDING, TILES } from './quantity.ts';

const SIMD_DIMS = ['c', 'n', 'h', 'w'] as const;
type SimdDim = (typeof SIMD_DIMS)[number];

const productOver = (sizes: SimdLayer['sizes'], dims: readonly SimdDim[]): number =>
  dims.reduce((product, dim) => product * sizes[dim], 1);

/** The loops outside of a row's parts. */
const outerOf = (layer: SimdLayer): readonly SimdDim[] => simdOperation(layer.op).outer;
const innerOf = (layer: SimdLayer): readonly SimdDim[] => innerDims(simdOperation(layer.op));

/** A sum over the parts of a layer's row that run per tile, or per block. */
function overParts(per: Part['per'], of: (part: Part, layer: SimdLayer, hardware: Hardware) => number) {
  return (layer: SimdLayer, hardware: Hardware): number => {
    let sum = 0;
    for (const part of simdParts(layer)) if (part.per === per) sum += of(part, layer, hardware);
    return sum;
  };
}

const bitsOf = (operand: Operand, { tile, window, bits }: SimdLayer): number =>
  tensorElements(operand, tile, window) * bits[operand.width];

function bookedAs(column: Operand['booked']) {
  return (part: Part, layer: SimdLayer): number =>
    [...part.loads, ...part.stores].reduce(
      (sum, operand) => (operand.booked === column ? sum + bitsOf(operand, layer) : sum),
      0,
    );
}

const costsOf = (part: Part, { window, bits }: SimdLayer, { aluCycles }: Hardware) =>
  instructionCosts(part, window, bits, aluCycles);

/** What a row of the operations table comes to, for the parts that run once per tile or once per block of tiles. */
function rowQuantities(prefix: 'tile' | 'block', per: Part['per'], whose: string): Quantities<SimdLayer> {
  return {
    [`${prefix}.cycles`]: {
      unit: CYCLES,
      meaning: `of the instructions ${whose}, for K elements`,
      read: overParts(per, (part, layer, hardware) => costsOf(part, layer, hardware).cycles),
    },
    [`${prefix}.transfers`]: {
      unit: CYCLES,
      meaning: `Σ ⌈bits / BW_v⌉ of what is loaded and stored ${whose}`,
      read: overParts(per, (part, layer, { bitsPerCycle }) =>
        [...part.loads, ...part.stores].reduce(
          (sum, operand) => sum + ceilDiv(bitsOf(operand, layer), bitsPerCycle.vmem),
          0,
        ),
      ),
    },
    [`${prefix}.ifmapBits`]: {
      unit: BITS,
      meaning: `loaded ${whose}, and what else is booked as ifmap`,
      read: overParts(per, bookedAs('ifmap')),
    },
    [`${prefix}.ofmapBits`]: { unit: BITS, meaning: `stored ${whose}`, read: overParts(per, bookedAs('ofmap')) },
    [`${prefix}.vmemBits`]: {
      unit: BITS,
      meaning: `VMem accesses ${whose}, for each element`,
      read: overParts(per, (part, layer, hardware) => costsOf(part, layer, hardware).vmemBits),
    },
    [`${prefix}.immBits`]: {
      unit: BITS,
      meaning: `IMM reads ${whose}, for K elements`,
      read: overParts(per, (part, layer, hardware) => costsOf(part, layer, hardware).immBitsPerVector),
    },
    [`${prefix}.immBitsOfEach`]: {
      unit: BITS,
      meaning: `IMM reads ${whose}, for each element`,
      read: overParts(per, (part, layer, hardware) => costsOf(part, layer, hardware).immBitsPerElement),
    },
    [`${prefix}.imemBits`]: {
      unit: BITS,
      meaning: `instruction fetches ${whose}, for K elements`,
      read: overParts(per, (part, layer, hardware) => costsOf(part, layer, hardware).imemBits),
    },
  };
}

/** What can be read of a layer on the SIMD array. */
export const SIMD_QUANTITIES: Quantities<SimdLayer> = {
  ...perDimension<SimdLayer, SimdDim>(
    SIMD_DIMS,
    (dim) => dim.toUpperCase(),
    (dim) => ({
      unit: SIZE,
      meaning: `size along ${dim}${dim === 'c' ? ', padded to the lanes' : ''}; of pool gradients that of dY`,
      read: ({ sizes }) => sizes[dim],
    }),
  ),
  KH: { unit: SIZE, meaning: 'height of the window; 1 where there is none', read: ({ window }) => window.kh },
  KW: { unit: SIZE, meaning: 'width of the window', read: ({ window }) => window.kw },
  S_h: { ...SLIDING.S_h, read: ({ window }) => window.stride.h },
  S_w: { ...SLIDING.S_w, read: ({ window }) => window.stride.w },
  D_h: { ...SLIDING.D_h, read: ({ window }) => window.dilation.h },
  D_w: { ...SLIDING.D_w, read: ({ window }) => window.dilation.w },
  IH: { unit: SIZE, meaning: 'height that the windows reach', read: (l) => windowInput(l.sizes, l.window).h },
  IW: { unit: SIZE, meaning: 'width that the windows reach', read: (l) => windowInput(l.sizes, l.window).w },
  ...perDimension<SimdLayer, SimdDim>(
    SIMD_DIMS,
    (dim) => `own.${dim.toUpperCase()}`,
    (dim) => ({
      unit: SIZE,
      meaning: `size along ${dim} before padding`,
      read: ({ useful, sizes }) => (useful?.sizes ?? sizes)[dim],
    }),
  ),
  ...perDimension<SimdLayer, SimdDim>(
    SIMD_DIMS,
    (dim) => `T_${dim}`,
    (dim) => ({ unit: SIZE, meaning: `size of the tile along ${dim}`, read: ({ tile }) => tile[dim] }),
  ),
  T_ih: {
    unit: SIZE,
    meaning: 'height that the windows of a tile reach',
    read: (l) => windowInput(l.tile, l.window).h,
  },
  T_iw: { unit: SIZE, meaning: 'width that the windows of a tile reach', read: (l) => windowInput(l.tile, l.window).w },
  ...perDimension<SimdLayer, SimdDim>(
    SIMD_DIMS,
    (dim) => `m_${dim}`,
    (dim) => ({
      unit: TILES,
      meaning: `${dim.toUpperCase()} / T_${dim}, not rounded`,
      read: ({ sizes, tile }) => sizes[dim] / tile[dim],
    }),
  ),
  m: {
    unit: TILES,
    meaning: 'the product of the four m_φ (eq 19)',
    read: ({ sizes, tile }) => productOver(sizes, SIMD_DIMS) / productOver(tile, SIMD_DIMS),
  },
  ...perDimension<SimdLayer, SimdDim>(
    SIMD_DIMS,
    (dim) => `M_${dim}`,
    (dim) => ({
      unit: TILES,
      meaning: `⌈m_${dim}⌉: whole tiles along ${dim}`,
      read: ({ sizes, tile }) => ceilDiv(sizes[dim], tile[dim]),
    }),
  ),
  b_in: { unit: BITS, meaning: 'of an element of the input', read: ({ bits }) => bits.input },
  b_out: { unit: BITS, meaning: 'of an element of the output', read: ({ bits }) => bits.output },
  b_p: { unit: BITS, meaning: 'of an element in VMem', read: ({ bits }) => bits.psum },
  b_w: { unit: BITS, meaning: 'of a weight, of depthwise kernels', read: ({ bits }) => bits.weight },
  b_b: { unit: BITS, meaning: 'of a bias', read: ({ bits }) => bits.bias },
  V: { unit: SIZE, meaning: 'a tile: T_c · T_n · T_h · T_w', read: ({ tile }) => productOver(tile, SIMD_DIMS) },
  C_tile: {
    unit: CYCLES,
    meaning: 'of the instructions for a full tile, without PSO (eq 21)',
    read: (layer, hardware) => {
      const { tile } = layer;
      const vectors = tile.h * tile.w * tile.n * ceilDiv(tile.c, hardware.array.columns);
      return vectors * SIMD_QUANTITIES['tile.cycles']!.read(layer, hardware);
    },
  },
  PSO: {
    unit: CYCLES,
    meaning: 'to fill the pipeline before each tile: (6 − 1) + (K − 1)',
    read: (_, { array }) => simdFillCycles(array.columns),
  },
  blocks: {
    unit: TILES,
    meaning: 'tiles along the loops outside of an operation’s parts: m_c, or m_c · m_n',
    read: (layer) => productOver(layer.sizes, outerOf(layer)) / productOver(layer.tile, outerOf(layer)),
  },
  plane: {
    unit: SIZE,
    meaning: 'sizes along the loops inside of its parts: N · H · W, or H · W',
    read: (layer) => productOver(layer.sizes, innerOf(layer)),
  },
  T_plane: {
    unit: SIZE,
    meaning: 'the same of a tile',
    read: (layer) => productOver(layer.tile, innerOf(layer)),
  },
  'tile.passes': {
    unit: 'parts',
    meaning: 'parts that compute on tiles, each of which pays PSO',
    read: overParts('tile', ({ instructions }) => (instructions.length > 0 ? 1 : 0)),
  },
  ...rowQuantities('tile', 'tile', 'once per tile'),
  ...rowQuantities('block', 'channel', 'once per block of tiles'),
};
