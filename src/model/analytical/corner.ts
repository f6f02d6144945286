/** What the ceiling closed form should have said where it is wrong (SEMANTICS.md, `corner`): layers with few tiles. */
import type { Layer, SaLayer, SimdLayer } from '../layers/layer.ts';
import { ceilDiv } from '../layers/rounding.ts';
import { instructionCosts, simdFillCycles } from '../operations/simdCosts.ts';
import { tensorElements } from '../operations/simdRow.ts';
import { simdOperation } from '../operations/simdTable.ts';
import type { Hardware } from '../schemas/hardware.ts';
import { closedForm } from './closedForm.ts';
import { multipliersOf, publishedSegments, tileTimes } from './conv.ts';
import { loopReuse } from './loopReuse.ts';
import { type Move, movesOf } from './segmentKinds.ts';
import { countSegments, type SegmentCounts, stallOf, stallsOf } from './segments.ts';

/** The segments that occur, counted in whole tiles. */
function occurringSegments(layer: SaLayer): SegmentCounts {
  return countSegments(loopReuse(layer.loopOrder), multipliersOf(layer, 'ceiling'), false);
}

/**
 * Stall cycles of the `ceiling` variant with the segments that occur, in any loop order. Equals the `paper` simulation
 * on every layer; the published forms are wrong where the innermost loops of a weight tile have one trip, and where
 * they forget the ifmap of a gemm with one row.
 */
export function cornerStallCycles(layer: SaLayer, hardware: Hardware): number {
  return stallsOf(occurringSegments(layer), tileTimes(layer, hardware));
}

/** A kind of segment that the published form counts wrong. */
export interface Miscount {
  readonly moves: readonly Move[];
  readonly counted: number;
  readonly occurring: number;
  /** Cycles that this is worth: the stall of one, times the difference. */
  readonly stallCycles: number;
}

/** The segments whose number of the `ceiling` variant is not the number that occurs, and costs or saves cycles. */
export function miscounts(layer: SaLayer, hardware: Hardware): Miscount[] {
  const times = tileTimes(layer, hardware);
  const counts = publishedSegments(layer, multipliersOf(layer, 'ceiling'));
  const occurring = occurringSegments(layer);
  return [...counts.keys()]
    .map((moves) => ({
      moves: movesOf(moves),
      counted: counts[moves]!,
      occurring: occurring[moves]!,
      stallCycles: (occurring[moves]! - counts[moves]!) * stallOf(moves, times),
    }))
    .filter(({ stallCycles }) => stallCycles !== 0);
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
        sum + ceilDiv(tensorElements(operand, tile, window) * bits[operand.width], hardware.bitsPerCycle.vmem),
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
 * What the machine takes under the paper's assumptions, predicted by formula: `ceiling`, with the segments that occur
 * and with all loads of a tiled reduction.
 */
export function cornerCycles(layer: Layer, hardware: Hardware): number {
  const ceiling = closedForm(layer, hardware, 'ceiling');
  if (layer.unit === 'SA') return ceiling.computeCycles + cornerStallCycles(layer, hardware);
  return simdOperation(layer.op).reduces ? reductionCycles(layer, hardware) : ceiling.totalCycles;
}
