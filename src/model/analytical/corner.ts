/** What the ceiling closed form should have said where it is wrong (SEMANTICS, `corner`): layers with few tiles. */
import type { Layer, SaLayer, SimdLayer } from '../layers/layer.ts';
import { isOneRowGemm, OUTPUT_STATIONARY, WEIGHT_STATIONARY } from '../layers/layer.ts';
import { ceilDiv } from '../layers/rounding.ts';
import { instructionCosts, simdFillCycles } from '../operations/simdCosts.ts';
import { operandElements, simdOperation } from '../operations/simdTable.ts';
import type { Hardware } from '../schemas/hardware.ts';
import { closedForm } from './closedForm.ts';
import { convClosedForm, tileTimes } from './conv.ts';

/** Whole tiles along each loop that the weight tile stays for (W), along the reduction (A), and along oc (O). */
function tileCounts(layer: SaLayer): { W: number; A: number; O: number } {
  const count = (dim: keyof SaLayer['sizes']): number => Math.ceil(layer.sizes[dim] / layer.tile[dim]);
  return { W: count('oh') * count('ow') * count('n'), A: count('kh') * count('kw') * count('ic'), O: count('oc') };
}

/**
 * Stall cycles of the `ceiling` variant with the right case counts where W = 1. For a one-row gemm with several
 * ic tiles the published cases are right already. Equals the `paper` simulation on every layer in the paper's order.
 */
export function cornerStallCycles(layer: SaLayer, hardware: Hardware): number {
  const { W, A, O } = tileCounts(layer);
  if (W > 1 || (isOneRowGemm(layer) && A > 1)) return convClosedForm(layer, hardware, 'ceiling').stallCycles;
  const { weight: w, bias: b, ifmap: f, psum: p, compute: C } = tileTimes(layer, hardware);
  const first = Math.max(f, w + b);
  if (A * O === 1) return first + p;
  const case5 = Math.max(0, f - C, p - C, w + b - C);
  const ends = first + Math.max(0, p - C) + p;
  if (A === 1) return ends + Math.max(0, f - C, w + b - C) + (O - 2) * case5;
  const case4 = Math.max(0, f - C, w - C, 2 * p - C);
  return ends + Math.max(0, f - C, w - C, p - C) + ((A - 1) * O - 1) * case4 + (O - 1) * case5;
}

/** Total cycles of a reduction that loads every tile of its input; the closed form loads one per c-tile. */
function reductionCycles(layer: SimdLayer, hardware: Hardware): number {
  const { tile, sizes, window, bits } = layer;
  const lanes = hardware.array.columns;
  const planeTiles = ceilDiv(sizes.n, tile.n) * ceilDiv(sizes.h, tile.h) * ceilDiv(sizes.w, tile.w);
  const perChannelTile = simdOperation(layer.op).parts.reduce((cycles, part) => {
    const isTilePart = part.per === 'tile';
    const transfers = [...part.loads, ...part.stores].reduce(
      (sum, operand) =>
        sum + ceilDiv(operandElements(operand.extent, tile, window) * bits[operand.width], hardware.bitsPerCycle.vmem),
      0,
    );
    const vectors = (isTilePart ? tile.n * tile.h * tile.w : 1) * ceilDiv(tile.c, lanes);
    const costs = instructionCosts(part, window, bits, hardware.aluCycles);
    const compute = isTilePart ? vectors * costs.cycles + simdFillCycles(lanes) : 0;
    return cycles + (isTilePart ? planeTiles : 1) * (transfers + compute);
  }, 0);
  return ceilDiv(sizes.c, tile.c) * perChannelTile;
}

/**
 * What the machine takes under the paper's assumptions, predicted by formula: `ceiling`, with the right case counts
 * where W = 1, and with all loads of a tiled reduction. Undefined for a loop order that is not the paper's.
 */
export function cornerCycles(layer: Layer, hardware: Hardware): number | undefined {
  const ceiling = closedForm(layer, hardware, 'ceiling');
  if (layer.unit === 'SIMD') {
    return simdOperation(layer.op).reduces ? reductionCycles(layer, hardware) : ceiling.totalCycles;
  }
  const order = isOneRowGemm(layer) ? OUTPUT_STATIONARY : WEIGHT_STATIONARY;
  if (layer.loopOrder.some((dim, place) => dim !== order[place])) return undefined;
  return ceiling.computeCycles + cornerStallCycles(layer, hardware);
}
