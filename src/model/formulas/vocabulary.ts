/**
 * All that the expressions of a formula can read, in the paper's notation: the one table from which formulas are
 * compiled, misspelt names are told the right one, and `systole list names` is made.
 */
import { CONV_DIMS, ifmapPlane, type Layer, type SaLayer, type SimdLayer, windowInput } from '../layers/layer.ts';
import { ceilDiv } from '../layers/rounding.ts';
import { convTileBits, innerTiles, saFillCycles } from '../operations/saCosts.ts';
import { instructionCosts, simdFillCycles } from '../operations/simdCosts.ts';
import { ALU_OPS, type AluOp, type Operand, type Part, tensorElements } from '../operations/simdRow.ts';
import { innerDims, simdOperation, simdParts } from '../operations/simdTable.ts';
import { type Hardware, usableWeightBitsPerCycle } from '../schemas/hardware.ts';
import { HARDWARE_PARAMETERS, type HardwareParameter } from '../tiling/costIdentity.ts';

/** A number that expressions can read. */
export interface Quantity<Of extends Layer = Layer> {
  readonly unit: string;
  readonly meaning: string;
  readonly read: (layer: Of, hardware: Hardware) => number;
}

/** A text that expressions can compare. */
export interface TextQuantity<Of extends Layer = Layer> {
  readonly meaning: string;
  readonly text: (layer: Of) => string;
}

type Quantities<Of extends Layer> = Readonly<Record<string, Quantity<Of>>>;

/** The same for every dimension: `T_oc`, `T_ic`, …. */
function perDimension<Of extends Layer, Dim extends string>(
  dims: readonly Dim[],
  nameOf: (dim: Dim) => string,
  quantityOf: (dim: Dim) => Quantity<Of>,
): Record<string, Quantity<Of>> {
  return Object.fromEntries(dims.map((dim) => [nameOf(dim), quantityOf(dim)]));
}

/** A number of the hardware file; 0 where the file has none. */
function hardwareNumber(hardware: Hardware, path: string): number {
  let at: unknown = hardware;
  for (const key of path.split('.')) at = (at as Readonly<Record<string, unknown>> | undefined)?.[key];
  return typeof at === 'number' ? at : 0;
}

const UNIT_OF_HARDWARE: Readonly<Record<string, string>> = {
  array: 'PEs',
  bits: 'bits',
  sramKiB: 'KiB',
  slots: 'tiles',
  bitsPerCycle: 'bits/cycle',
  aluCycles: 'cycles',
  instructionLoading: 'bits/cycle',
  clockPicoseconds: 'ps',
};

/** What depends on the hardware alone. */
export const HARDWARE_QUANTITIES: Quantities<Layer> = {
  J: { unit: 'PEs', meaning: 'rows of the PE array', read: (_, { array }) => array.rows },
  K: {
    unit: 'PEs',
    meaning: 'columns of the PE array, lanes of the SIMD array',
    read: (_, { array }) => array.columns,
  },
  BW_w: { unit: 'bits/cycle', meaning: 'of weights and biases', read: (_, { bitsPerCycle }) => bitsPerCycle.weight },
  BW_w_usable: {
    unit: 'bits/cycle',
    meaning: 'what the array takes of it: min(BW_w, J · bits.weight)',
    read: (_, hardware) => usableWeightBitsPerCycle(hardware),
  },
  BW_i: { unit: 'bits/cycle', meaning: 'of ifmaps', read: (_, { bitsPerCycle }) => bitsPerCycle.ifmap },
  BW_o: { unit: 'bits/cycle', meaning: 'of psums and ofmaps', read: (_, { bitsPerCycle }) => bitsPerCycle.psum },
  BW_v: { unit: 'bits/cycle', meaning: 'of VMem', read: (_, { bitsPerCycle }) => bitsPerCycle.vmem },
  ...perDimension<Layer, AluOp>(
    ALU_OPS,
    (alu) => `λ_${alu}`,
    (alu) => ({
      unit: 'cycles',
      meaning: `an ALU takes for ${alu}, also aluCycles.${alu}`,
      read: (_, { aluCycles }) => aluCycles[alu],
    }),
  ),
  ...perDimension<Layer, HardwareParameter>(
    Object.keys(HARDWARE_PARAMETERS) as HardwareParameter[],
    (path) => path,
    (path) => ({
      unit: UNIT_OF_HARDWARE[path.split('.')[0]!]!,
      meaning: path === 'instructionLoading.bitsPerCycle' ? 'of the hardware file, 0 without' : 'of the hardware file',
      read: (_, hardware) => hardwareNumber(hardware, path),
    }),
  ),
};

const SIZE = 'elements';
const TILES = 'tiles';
const CYCLES = 'cycles';
const BITS = 'bits';

/** Of a sliding kernel: what convs and windows have in common. */
const SLIDING = {
  S_h: { unit: SIZE, meaning: 'stride along the height' },
  S_w: { unit: SIZE, meaning: 'stride along the width' },
  D_h: { unit: SIZE, meaning: 'dilation along the height; 1 is none' },
  D_w: { unit: SIZE, meaning: 'dilation along the width' },
} as const;

const tileBitsOf = (layer: SaLayer) => convTileBits(layer.tile, layer, layer.bits);
const WITHOUT_WIDTHS = { weight: 1, ifmap: 1, psum: 1, bias: 1 } as const;
const tileVolumes = (layer: SaLayer) => convTileBits(layer.tile, layer, WITHOUT_WIDTHS);

/** What can be read of a conv or gemm. */
export const SA_QUANTITIES: Quantities<SaLayer> = {
  ...perDimension<SaLayer, (typeof CONV_DIMS)[number]>(
    CONV_DIMS,
    (dim) => dim.toUpperCase(),
    (dim) => ({
      unit: SIZE,
      meaning: `size along ${dim} of a group${dim === 'oc' || dim === 'ic' ? ', padded to the array' : ''}`,
      read: ({ sizes }) => sizes[dim],
    }),
  ),
  G: { unit: 'groups', meaning: 'groups, one after the other', read: ({ groups }) => groups },
  IH: { unit: SIZE, meaning: 'height that the outputs need of the ifmap', read: (l) => ifmapPlane(l.sizes, l).h },
  IW: { unit: SIZE, meaning: 'width that the outputs need of the ifmap', read: (l) => ifmapPlane(l.sizes, l).w },
  S_h: { ...SLIDING.S_h, read: ({ stride }) => stride.h },
  S_w: { ...SLIDING.S_w, read: ({ stride }) => stride.w },
  D_h: { ...SLIDING.D_h, read: ({ dilation }) => dilation.h },
  D_w: { ...SLIDING.D_w, read: ({ dilation }) => dilation.w },
  ...perDimension<SaLayer, 'oc' | 'ic' | 'n' | 'oh' | 'ow'>(
    ['oc', 'ic', 'n', 'oh', 'ow'],
    (dim) => `own.${dim.toUpperCase()}`,
    (dim) => ({
      unit: SIZE,
      meaning: `size along ${dim} of a group before padding`,
      read: ({ useful, sizes }) => (useful?.sizes ?? sizes)[dim],
    }),
  ),
  ...perDimension<SaLayer, (typeof CONV_DIMS)[number]>(
    CONV_DIMS,
    (dim) => `T_${dim}`,
    (dim) => ({ unit: SIZE, meaning: `size of the outer tile along ${dim}`, read: ({ tile }) => tile[dim] }),
  ),
  T_ih: { unit: SIZE, meaning: 'height of an ifmap tile', read: (l) => ifmapPlane(l.tile, l).h },
  T_iw: { unit: SIZE, meaning: 'width of an ifmap tile', read: (l) => ifmapPlane(l.tile, l).w },
  ...perDimension<SaLayer, (typeof CONV_DIMS)[number]>(
    CONV_DIMS,
    (dim) => `m_${dim}`,
    (dim) => ({
      unit: TILES,
      meaning: `${dim.toUpperCase()} / T_${dim}, not rounded (eq 1)`,
      read: ({ sizes, tile }) => sizes[dim] / tile[dim],
    }),
  ),
  m: {
    unit: TILES,
    meaning: 'the product of the seven m_φ and of G (eq 14)',
    read: ({ sizes, tile, groups }) => CONV_DIMS.reduce((m, dim) => m * (sizes[dim] / tile[dim]), groups),
  },
  ...perDimension<SaLayer, (typeof CONV_DIMS)[number]>(
    CONV_DIMS,
    (dim) => `M_${dim}`,
    (dim) => ({
      unit: TILES,
      meaning: `⌈m_${dim}⌉: whole tiles along ${dim}`,
      read: ({ sizes, tile }) => ceilDiv(sizes[dim], tile[dim]),
    }),
  ),
  ...perDimension<SaLayer, (typeof CONV_DIMS)[number]>(
    CONV_DIMS,
    (dim) => `at.${dim}`,
    (dim) => ({
      unit: 'loops',
      meaning: `how many loops are outside of that over ${dim}`,
      read: ({ loopOrder }) => loopOrder.indexOf(dim),
    }),
  ),
  b_w: { unit: BITS, meaning: 'of a weight', read: ({ bits }) => bits.weight },
  b_i: { unit: BITS, meaning: 'of an element of the ifmap', read: ({ bits }) => bits.ifmap },
  b_p: { unit: BITS, meaning: 'of a psum, and of an element of the ofmap', read: ({ bits }) => bits.psum },
  b_b: { unit: BITS, meaning: 'of a bias', read: ({ bits }) => bits.bias },
  V_w: { unit: SIZE, meaning: 'weight tile (eq 2)', read: (l) => tileVolumes(l).weight },
  V_i: { unit: SIZE, meaning: 'ifmap tile (eq 5)', read: (l) => tileVolumes(l).ifmap },
  V_p: { unit: SIZE, meaning: 'psum tile (eq 8)', read: (l) => tileVolumes(l).psum },
  V_b: { unit: SIZE, meaning: 'bias tile, T_oc', read: (l) => tileVolumes(l).bias },
  transfer_w: {
    unit: CYCLES,
    meaning: '⌈V_w · b_w / BW_w_usable⌉',
    read: (l, hardware) => ceilDiv(tileBitsOf(l).weight, usableWeightBitsPerCycle(hardware)),
  },
  transfer_b: {
    unit: CYCLES,
    meaning: '⌈V_b · b_b / BW_w_usable⌉',
    read: (l, hardware) => ceilDiv(tileBitsOf(l).bias, usableWeightBitsPerCycle(hardware)),
  },
  transfer_i: {
    unit: CYCLES,
    meaning: '⌈V_i · b_i / BW_i⌉',
    read: (l, { bitsPerCycle }) => ceilDiv(tileBitsOf(l).ifmap, bitsPerCycle.ifmap),
  },
  transfer_p: {
    unit: CYCLES,
    meaning: '⌈V_p · b_p / BW_o⌉',
    read: (l, { bitsPerCycle }) => ceilDiv(tileBitsOf(l).psum, bitsPerCycle.psum),
  },
  C_tile: {
    unit: CYCLES,
    meaning: 'of a full tile, without PSO (eq 15)',
    read: ({ tile }, { array }) => innerTiles(tile, array.rows, array.columns),
  },
  PSO: {
    unit: CYCLES,
    meaning: 'to fill the array before each outer tile: (J − 1) + (K − 1)',
    read: (_, { array }) => saFillCycles(array.rows, array.columns),
  },
};

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

/** Texts of any layer. */
export const TEXT_QUANTITIES: Readonly<Record<string, TextQuantity>> = {
  op: { meaning: 'the operation: conv, gemm, relu, …', text: ({ op }) => op },
};

const orderTexts = new WeakMap<SaLayer['loopOrder'], string>();

/** Texts of a conv or gemm. */
export const SA_TEXT_QUANTITIES: Readonly<Record<string, TextQuantity<SaLayer>>> = {
  order: {
    meaning: "the seven loops, outermost first: 'oc ic kh kw n oh ow'",
    text: ({ loopOrder }) => {
      let text = orderTexts.get(loopOrder);
      if (text === undefined) {
        text = loopOrder.join(' ');
        orderTexts.set(loopOrder, text);
      }
      return text;
    },
  },
};

/** All that the expressions for layers of one array can read. */
export interface Vocabulary {
  readonly hardware: Quantities<Layer>;
  readonly layer: Quantities<Layer>;
  readonly texts: Readonly<Record<string, TextQuantity>>;
}

/** The names by array. Layers only ever meet the names of their own. */
export const VOCABULARY = {
  SA: {
    hardware: HARDWARE_QUANTITIES,
    layer: SA_QUANTITIES as unknown as Quantities<Layer>,
    texts: { ...TEXT_QUANTITIES, ...(SA_TEXT_QUANTITIES as unknown as Vocabulary['texts']) },
  },
  SIMD: {
    hardware: HARDWARE_QUANTITIES,
    layer: SIMD_QUANTITIES as unknown as Quantities<Layer>,
    texts: TEXT_QUANTITIES,
  },
} as const satisfies Readonly<Record<Layer['unit'], Vocabulary>>;

/** All names that expressions for layers of an array can read. */
export function namesOf({ hardware, layer, texts }: Vocabulary): string[] {
  return [...Object.keys(layer), ...Object.keys(hardware), ...Object.keys(texts)];
}
