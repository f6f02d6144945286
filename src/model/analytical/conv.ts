/** The paper's closed form for conv and gemm on the systolic array, in any loop order (MODEL.md §3; eqs 2–18). */
import { type ConvSizes, isOneRowGemm, OUTPUT_STATIONARY, type SaLayer, WEIGHT_STATIONARY } from '../layers/layer.ts';
import { type Cycles, noOpCounts, type Result } from '../layers/result.ts';
import { ceilDiv, ceilQuotient } from '../layers/rounding.ts';
import { type BitsPerTensor, convTileBits, innerTiles, saFillCycles } from '../operations/saCosts.ts';
import { type Hardware, usableWeightBitsPerCycle } from '../schemas/hardware.ts';
import { loopReuse, MOVES, tileLoads } from './loopReuse.ts';
import { type ConvMultipliers, convMultipliers, type Variant, variantSizes } from './multipliers.ts';
import { countSegments, noSegments, type SegmentCounts, stallsOf, type TileTimes } from './segments.ts';

/** How long the full tile of a layer computes and travels. */
export function tileTimes(layer: SaLayer, hardware: Hardware): TileTimes {
  const { rows, columns } = hardware.array;
  return timesOf(convTileBits(layer.tile, layer, layer.bits), innerTiles(layer.tile, rows, columns), hardware);
}

function timesOf(bits: BitsPerTensor, inner: number, hardware: Hardware): TileTimes {
  const weightBandwidth = usableWeightBitsPerCycle(hardware);
  const { rows, columns } = hardware.array;
  return {
    weight: ceilDiv(bits.weight, weightBandwidth),
    bias: ceilDiv(bits.bias, weightBandwidth),
    ifmap: ceilDiv(bits.ifmap, hardware.bitsPerCycle.ifmap),
    psum: ceilDiv(bits.psum, hardware.bitsPerCycle.psum),
    compute: inner + saFillCycles(rows, columns),
  };
}

/** The other weight-stationary order of the published tool: image by image, so that weights come again for each. */
export const WEIGHT_STATIONARY_BY_IMAGE: SaLayer['loopOrder'] = ['oc', 'n', 'ic', 'kh', 'kw', 'oh', 'ow'];

/** Whose formula counts a layer's segments. */
export type SegmentForm =
  /** The published one for its weight-stationary orders: right where a weight tile stays for several tiles. */
  | 'weight stationary'
  /** The published one for a gemm with one row. */
  | 'output stationary'
  /** No published one: the segments of the loop nest. */
  | 'loop nest';

const isOrder = (order: SaLayer['loopOrder'], other: SaLayer['loopOrder']): boolean =>
  order === other || order.every((dim, place) => dim === other[place]);

/** The formula for a layer in its loop order. */
export function segmentForm(layer: SaLayer): SegmentForm {
  const { loopOrder } = layer;
  if (isOneRowGemm(layer)) return isOrder(loopOrder, OUTPUT_STATIONARY) ? 'output stationary' : 'loop nest';
  const isPublished = isOrder(loopOrder, WEIGHT_STATIONARY) || isOrder(loopOrder, WEIGHT_STATIONARY_BY_IMAGE);
  return isPublished ? 'weight stationary' : 'loop nest';
}

/** What the published form of a gemm with one row counts: of a single ic tile it forgets the ifmap after the first. */
function countOneRow(layer: SaLayer, m: ConvMultipliers, into: SegmentCounts): SegmentCounts {
  const counts = countSegments(loopReuse(layer.loopOrder), m, false, into);
  if (m.ic > 1) return counts;
  // Fewer than two tiles of (g, oc), unrounded: only the first and the last segment, in which nothing computes.
  if (m.g * m.oc < 2) return counts.fill(0);
  return counts.map((_, moves) => ((moves & MOVES.ifmap) !== 0 ? 0 : counts[moves]! + (counts[moves + 1] ?? 0)));
}

/**
 * The segments that compute, as the closed form counts them: those of a published form may be negative. `into` are
 * counts of a layer before, which nobody needs any more.
 */
export function publishedSegments(layer: SaLayer, m: ConvMultipliers, into = noSegments()): SegmentCounts {
  const form = segmentForm(layer);
  if (form === 'output stationary') return countOneRow(layer, m, into);
  return countSegments(loopReuse(layer.loopOrder), m, form === 'weight stationary', into);
}

/** Counts that become stalls at once: a search does so for millions of layers. */
const passing = noSegments();

/** The multipliers that a variant computes with. */
export function multipliersOf(layer: SaLayer, variant: Variant): ConvMultipliers {
  return convMultipliers(variantSizes(layer.sizes, layer.tile, variant), layer.tile, layer.groups);
}

/** The seven sizes, read one by one: a search does so for millions of tiles. */
const inOrder = ({ oc, ic, kh, kw, n, oh, ow }: ConvSizes): number[] => [oc, ic, kh, kw, n, oh, ow];

/** Cycles of a conv or gemm layer as the paper computes them, without the other columns. */
export function convCycles(layer: SaLayer, hardware: Hardware, variant: Variant): Cycles {
  const sizes = variantSizes(layer.sizes, layer.tile, variant);
  const m = convMultipliers(sizes, layer.tile, layer.groups);
  return cyclesOf(layer, sizes, m, tileTimes(layer, hardware));
}

function cyclesOf(layer: SaLayer, sizes: ConvSizes, m: ConvMultipliers, times: TileTimes): Cycles {
  return {
    computeCycles: ceilQuotient([times.compute, layer.groups, ...inOrder(sizes)], inOrder(layer.tile)), // eq (16)
    stallCycles: stallsOf(publishedSegments(layer, m, passing), times),
  };
}

/** All columns of a conv or gemm layer as the paper computes them. */
export function convClosedForm(layer: SaLayer, hardware: Hardware, variant: Variant): Result {
  const { rows, columns } = hardware.array;
  const { tile, bits, groups } = layer;
  const sizes = variantSizes(layer.sizes, tile, variant);
  const m = convMultipliers(sizes, tile, groups);
  const tileBits = convTileBits(tile, layer, bits);
  const loads = tileLoads(loopReuse(layer.loopOrder), m);
  const outputs = groups * sizes.oh * sizes.ow * sizes.n * sizes.oc;
  const macs = outputs * sizes.kh * sizes.kw * sizes.ic;

  const ofmap = outputs * bits.psum;
  // The published form of a gemm with one row leaves m_oc fractional.
  const isOneRow = segmentForm(layer) === 'output stationary';
  // Table III, whatever the order. Which multipliers the published runs round up, and which not: MODEL.md §3.
  // Groups are further oc tiles: G · m_oc takes the place of m_oc, G · ⌈m_oc⌉ that of ⌈m_oc⌉.
  const inner = innerTiles(tile, rows, columns);
  const [ocTiles, wholeOcTiles] = [m.g * m.oc, m.g * Math.ceil(m.oc)];
  const positionTiles = m.oh * m.ow * m.n;
  const wholePositionTiles = Math.ceil(m.oh) * Math.ceil(m.ow) * Math.ceil(m.n);
  const accumulations = m.kh * m.kw * m.ic;
  const wholeAccumulations = Math.ceil(m.ic) * Math.ceil(m.kw) * Math.ceil(m.kh);
  const { computeCycles, stallCycles } = cyclesOf(layer, sizes, m, timesOf(tileBits, inner, hardware));
  const opCounts = noOpCounts();
  opCounts.mac = macs;
  return {
    computeCycles,
    stallCycles,
    totalCycles: computeCycles + stallCycles,
    dramBits: {
      weight: tileBits.weight * loads.weight,
      ifmap: tileBits.ifmap * (isOneRow ? m.ic * m.oc * m.g : loads.ifmap),
      // Eq (10) less the final ofmap; all psum tiles together are as large as the ofmap.
      psum: ofmap * (2 * loads.visits - 2),
      ofmap,
      bias: tileBits.bias * loads.bias, // eq (11)
    },
    sramBits: {
      wbuf: rows * columns * inner * wholePositionTiles * (accumulations * ocTiles) * bits.weight,
      ibuf: rows * inner * (positionTiles * accumulations * wholeOcTiles) * bits.ifmap,
      obuf: (columns * 2 * inner * positionTiles * ocTiles * wholeAccumulations - outputs) * bits.psum,
      bbuf: outputs * bits.bias,
      vmem: 0,
      imm: 0,
      imem: 0,
    },
    ops: 2 * macs,
    opCounts,
  };
}
