/**
 * The published tool's estimate of a fused pair (FUSION.md, The published tool's estimate): the pair's tensor stays on
 * chip, so that the SA layer does not store it and the SIMD layer does not load it. Layers still follow one another.
 */
import { isOneRowGemm, type Layer, type SaLayer, type SimdLayer } from '../layers/layer.ts';
import type { Result } from '../layers/result.ts';
import { ceilDiv } from '../layers/rounding.ts';
import { tensorElements } from '../operations/simdRow.ts';
import { type SimdOp, simdParts } from '../operations/simdTable.ts';
import type { Hardware } from '../schemas/hardware.ts';
import { closedForm } from './closedForm.ts';
import { multipliersOf, publishedSegments, tileTimes } from './conv.ts';
import { MOVES } from './loopReuse.ts';
import { type Variant, variantSizes } from './multipliers.ts';
import { stallOf, stallsOf } from './segments.ts';
import { partCounts, times } from './simd.ts';

const { ifmap, weight, bias, psumLoad, psumStore } = MOVES;

/** Cases 1, 2, 4 and 5 of section IV-C: those in which a psum or ofmap tile leaves. */
const CASES = {
  one: ifmap + psumStore,
  two: ifmap + psumLoad + psumStore,
  four: ifmap + weight + psumLoad + psumStore,
  five: ifmap + weight + bias + psumStore,
} as const;

/** Stall cycles that a fused conv, or gemm with several rows, no longer has. */
function savedStall(layer: SaLayer, hardware: Hardware, variant: Variant): number {
  const times = tileTimes(layer, hardware);
  const m = multipliersOf(layer, variant);
  const counts = publishedSegments(layer, m);
  const reloads = counts[CASES.two]! + counts[CASES.four]! !== 0;
  const cases = reloads ? Object.values(CASES) : [CASES.one, CASES.five];
  let [stall, segments] = [0, 0];
  for (const moves of cases) {
    stall += stallOf(moves, times) * counts[moves]!;
    segments += counts[moves]!;
  }
  const average = segments <= 0 ? 0 : Math.ceil(stall / segments);
  const whileComputing = Math.min(stall, Math.ceil(average * (m.oh * m.ow * m.n * m.oc - 2)));
  return whileComputing + stallOf(psumStore, times) + times.psum;
}

function fusedSa(layer: SaLayer, hardware: Hardware, variant: Variant): Result {
  const result = closedForm(layer, hardware, variant);
  const stallCycles = isOneRowGemm(layer)
    ? stallsOf(publishedSegments(layer, multipliersOf(layer, variant)), { ...tileTimes(layer, hardware), psum: 0 })
    : result.stallCycles - savedStall(layer, hardware, variant);
  return {
    ...result,
    dramBits: { ...result.dramBits, ofmap: 0 },
    stallCycles,
    totalCycles: result.computeCycles + stallCycles,
  };
}

/** The tensor of a SIMD layer that the SA layer before it hands over. */
const HANDED_OVER: Partial<Record<SimdOp, string>> = {
  relu: 'X',
  'tensor-add': 'X2',
  'bn-statistics': 'X',
  'sgd-2d': 'P',
  'sgd-4d': 'P',
};

function fusedSimd(layer: SimdLayer, hardware: Hardware, variant: Variant): Result {
  const result = closedForm(layer, hardware, variant);
  const counts = partCounts(layer, variantSizes(layer.sizes, layer.tile, variant));
  let [bits, cycles] = [0, 0];
  for (const { per, loads } of simdParts(layer)) {
    const free = loads.find(({ tensor }) => tensor === HANDED_OVER[layer.op]);
    if (free === undefined) continue;
    const tileBits = tensorElements(free, layer.tile, layer.window) * layer.bits[free.width];
    bits += times(tileBits, counts[per]);
    cycles += times(ceilDiv(tileBits, hardware.bitsPerCycle.vmem), counts[per]);
  }
  const stallCycles = result.stallCycles - cycles;
  return {
    ...result,
    dramBits: { ...result.dramBits, ifmap: result.dramBits.ifmap - bits },
    stallCycles,
    totalCycles: result.computeCycles + stallCycles,
  };
}

/** All columns of a member of a fused pair, as the published tool estimates them. */
export function fusedClosedForm(layer: Layer, hardware: Hardware, variant: Variant): Result {
  return layer.unit === 'SA' ? fusedSa(layer, hardware, variant) : fusedSimd(layer, hardware, variant);
}
