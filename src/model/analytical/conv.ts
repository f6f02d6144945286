/** The paper's closed form for conv and gemm on the systolic array (MODEL section 3; eqs 2–18). */
import type { SaLayer } from '../layers/layer.ts';
import { isOneRowGemm } from '../layers/layer.ts';
import { type Cycles, emptyResult, type Result } from '../layers/result.ts';
import { ceilDiv } from '../layers/rounding.ts';
import { innerTiles, saFillCycles } from '../operations/saCosts.ts';
import { type Hardware, usableWeightBitsPerCycle } from '../schemas/hardware.ts';
import { convTileBits } from '../tiling/convTiling.ts';
import { convMultipliers, type Variant, variantSizes } from './multipliers.ts';

/** Times of one tile in cycles: its four transfers, each ⌈bits/BW⌉, and its compute segment. */
export interface TileTimes {
  readonly weight: number;
  readonly bias: number;
  readonly ifmap: number;
  readonly psum: number;
  readonly compute: number;
}

/** How long the full tile of a layer computes and travels. */
export function tileTimes(layer: SaLayer, hardware: Hardware): TileTimes {
  const bits = convTileBits(layer.tile, layer.stride, layer.bits);
  const weightBandwidth = usableWeightBitsPerCycle(hardware);
  const { rows, columns } = hardware.array;
  return {
    weight: ceilDiv(bits.weight, weightBandwidth),
    bias: ceilDiv(bits.bias, weightBandwidth),
    ifmap: ceilDiv(bits.ifmap, hardware.bitsPerCycle.ifmap),
    psum: ceilDiv(bits.psum, hardware.bitsPerCycle.psum),
    compute: innerTiles(layer.tile, rows, columns) + saFillCycles(rows, columns),
  };
}

/** What a segment lasts beyond its compute cycles, given its longest transfer. */
function excess(compute: number, longestTransfer: number): number {
  return Math.max(0, longestTransfer - compute);
}

type Multipliers = ReturnType<typeof convMultipliers>;

/** A number per case of a segment: what else happens while a tile computes (section IV-C). */
export interface PerCase {
  /** An ifmap comes, a psum leaves. */
  readonly case1: number;
  /** The same, and a psum comes back. */
  readonly case2: number;
  /** The same with the weights of the next accumulation step. */
  readonly case4: number;
  /** An ifmap, weights and bias of the next oc tile come, a psum leaves. */
  readonly case5: number;
}

/** How many segments of each case the weight-stationary order has; counts are signed where there are few tiles. */
function segmentsPerCase(m: Multipliers): PerCase {
  const accumulations = m.kh * m.kw * m.ic;
  const weightTiles = m.oh * m.ow * m.n;
  const case5 = m.oc - 1;
  const case4 = accumulations * m.oc - m.oc; // eq (17)
  return {
    case1: weightTiles * m.oc - 2 - case5,
    case2: accumulations * m.oc * weightTiles - weightTiles * m.oc - case4,
    case4,
    case5,
  };
}

/** Cycles by which a segment of each case lasts longer than its compute. */
function stallPerCase({ weight: w, bias: b, ifmap: f, psum: p, compute: C }: TileTimes): PerCase {
  return {
    case1: excess(C, Math.max(f, p)),
    case2: excess(C, Math.max(f, 2 * p)),
    case4: excess(C, Math.max(f, w, 2 * p)), // eq (18)
    case5: excess(C, Math.max(f, p, w + b)),
  };
}

/** Stall cycles of the weight-stationary order: cases 1, 2, 4, 5 and the four end terms. */
function weightStationaryStalls(m: Multipliers, t: TileTimes): number {
  const { weight: w, bias: b, ifmap: f, psum: p, compute: C } = t;
  const segments = segmentsPerCase(m);
  const stalls = stallPerCase(t);
  return (
    segments.case1 * stalls.case1 +
    segments.case2 * stalls.case2 +
    segments.case4 * stalls.case4 +
    segments.case5 * stalls.case5 +
    excess(C, f) +
    excess(C, p) +
    Math.max(f, w + b) +
    p
  );
}

/** What a segment brings besides its compute: the cases of section IV-C, those of a one-row gemm, and the ends. */
export type SegmentKind =
  | keyof PerCase
  | 'first'
  | 'second'
  | 'secondLast'
  | 'last'
  | 'nextOc'
  | 'nextOcAndStore'
  | 'nextIc'
  | 'nextIcAndStore';

/** Segments of one kind. */
export interface Segment {
  readonly kind: SegmentKind;
  /** How many the closed form counts: fractional where it does not round, negative where tiles are few. */
  readonly count: number;
  /** Cycles by which one lasts longer than its compute. */
  readonly stallCycles: number;
}

/** The segments of the weight-stationary order; count · stallCycles add up to its stall. */
function weightStationarySegments(m: Multipliers, t: TileTimes): Segment[] {
  const { weight: w, bias: b, ifmap: f, psum: p, compute: C } = t;
  const segments = segmentsPerCase(m);
  const stalls = stallPerCase(t);
  const kinds = Object.keys(segments) as (keyof PerCase)[];
  return [
    { kind: 'first', count: 1, stallCycles: Math.max(f, w + b) },
    { kind: 'second', count: 1, stallCycles: excess(C, f) },
    ...kinds.map((kind): Segment => ({ kind, count: segments[kind], stallCycles: stalls[kind] })),
    { kind: 'secondLast', count: 1, stallCycles: excess(C, p) },
    { kind: 'last', count: 1, stallCycles: p },
  ];
}

/** The segments of a gemm with one row, output stationary: no psum comes back. */
function outputStationarySegments(m: Multipliers, t: TileTimes): Segment[] {
  const { weight: w, bias: b, ifmap: f, psum: p, compute: C } = t;
  const first: Segment = { kind: 'first', count: 1, stallCycles: Math.max(f, w + b) };
  const last: Segment = { kind: 'last', count: 1, stallCycles: p };
  if (Math.ceil(m.ic) === 1) {
    if (Math.ceil(m.oc) < 2) return [first, last];
    return [
      first,
      { kind: 'nextOc', count: 1, stallCycles: excess(C, w + b) },
      { kind: 'nextOcAndStore', count: m.oc - 2, stallCycles: excess(C, Math.max(w + b, p)) },
      { kind: 'secondLast', count: 1, stallCycles: excess(C, p) },
      last,
    ];
  }
  const nextIcOnly = 1 + (m.ic * m.oc - m.oc - 1 - (m.oc - 1));
  return [
    first,
    { kind: 'nextOc', count: m.oc - 1, stallCycles: excess(C, Math.max(w + b, f)) },
    { kind: 'nextIc', count: nextIcOnly, stallCycles: excess(C, Math.max(w, f)) },
    { kind: 'nextIcAndStore', count: m.oc - 1, stallCycles: excess(C, Math.max(w, f, p)) },
    last,
  ];
}

/** The segments of a layer as the closed form counts them; count · stallCycles add up to its stall cycles. */
export function convSegments(layer: SaLayer, hardware: Hardware, variant: Variant): Segment[] {
  const m = convMultipliers(variantSizes(layer.sizes, layer.tile, variant), layer.tile);
  const times = tileTimes(layer, hardware);
  return isOneRowGemm(layer) ? outputStationarySegments(m, times) : weightStationarySegments(m, times);
}

/** Stall cycles of a gemm with one row, output stationary: no psum travels. */
function outputStationaryStalls(m: Multipliers, t: TileTimes): number {
  return outputStationarySegments(m, t).reduce((sum, { count, stallCycles }) => sum + count * stallCycles, 0);
}

/** Cycles of a conv or gemm layer as the paper computes them, without the other columns. */
export function convCycles(layer: SaLayer, hardware: Hardware, variant: Variant): Cycles {
  const m = convMultipliers(variantSizes(layer.sizes, layer.tile, variant), layer.tile);
  const times = tileTimes(layer, hardware);
  return {
    computeCycles: Math.ceil(times.compute * m.oh * m.ow * m.n * m.oc * m.kh * m.kw * m.ic), // eq (16)
    stallCycles: isOneRowGemm(layer) ? outputStationaryStalls(m, times) : weightStationaryStalls(m, times),
  };
}

/** All columns of a conv or gemm layer as the paper computes them. */
export function convClosedForm(layer: SaLayer, hardware: Hardware, variant: Variant): Result {
  const { rows, columns } = hardware.array;
  const { tile, bits } = layer;
  const sizes = variantSizes(layer.sizes, tile, variant);
  const m = convMultipliers(sizes, tile);
  const tileBits = convTileBits(tile, layer.stride, bits);
  const outputs = sizes.oh * sizes.ow * sizes.n * sizes.oc;
  const macs = outputs * sizes.kh * sizes.kw * sizes.ic;
  const outputStationary = isOneRowGemm(layer);

  // Which multipliers the published runs round up, and which not (MODEL section 3).
  const weightTiles = m.oh * m.ow * m.n;
  const ifmapLoads = weightTiles * m.kh * m.kw * m.ic * Math.ceil(m.oc); // eq (6)
  const weightLoads = m.kh * m.kw * m.ic * m.oc; // eq (3)
  const accumulationsUp = Math.ceil(m.ic) * Math.ceil(m.kw) * Math.ceil(m.kh);
  const inner = innerTiles(tile, rows, columns);

  const result = emptyResult();
  const ofmap = outputs * bits.psum;
  const psumTiles = weightTiles * m.oc;
  result.dramBits = {
    weight: tileBits.weight * weightLoads,
    ifmap: outputStationary ? tileBits.ifmap * m.ic * m.oc : tileBits.ifmap * ifmapLoads,
    // Eq (10) less the final ofmap; all psum tiles together are as large as the ofmap.
    psum: outputStationary ? 0 : ofmap * (2 * accumulationsUp - 2),
    ofmap,
    bias: tileBits.bias * m.oc, // eq (11)
  };
  // Table III.
  const weightReads = Math.ceil(m.oh) * Math.ceil(m.ow) * Math.ceil(m.n) * weightLoads;
  result.sramBits.wbuf = rows * columns * inner * weightReads * bits.weight;
  result.sramBits.ibuf = rows * inner * ifmapLoads * bits.ifmap;
  result.sramBits.obuf = (columns * 2 * inner * psumTiles * accumulationsUp - outputs) * bits.psum;
  result.sramBits.bbuf = outputs * bits.bias;
  const { computeCycles, stallCycles } = convCycles(layer, hardware, variant);
  result.computeCycles = computeCycles;
  result.stallCycles = stallCycles;
  result.totalCycles = computeCycles + stallCycles;
  result.ops = 2 * macs;
  result.opCounts.mac = macs;
  return result;
}
