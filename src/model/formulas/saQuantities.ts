/** The names of convs and gemms, in the paper's notation. */
import { CONV_DIMS, ifmapPlane, type SaLayer } from '../layers/layer.ts';
import { ceilDiv } from '../layers/rounding.ts';
import { convTileBits, innerTiles, saFillCycles } from '../operations/saCosts.ts';
import { usableWeightBitsPerCycle } from '../schemas/hardware.ts';
import { BITS, CYCLES, perDimension, type Quantities, SIZE, SLIDING, type TextQuantity, TILES } from './quantity.ts';

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
