/** What the recorder must know of a step that the schedules, which only walk, do not keep. */
import { CONV_DIMS, type ConvDim, REDUCTION_DIMS } from '../../model/layers/layer.ts';
import { ceilDiv } from '../../model/layers/rounding.ts';
import { simdOperation } from '../../model/operations/simdTable.ts';
import { SaSchedule } from '../../model/schedule/saSchedule.ts';
import type { SimdSchedule } from '../../model/schedule/simdSchedule.ts';
import { type SimdPlace, simdPlace } from '../../model/schedule/simdTile.ts';
import { type LoopSpans, loopSpans } from './tileCoordinates.ts';

/** The dimensions whose loop is in its last iteration at a step of the SA. */
export function lastDimsOf(spans: LoopSpans, step: number): ConvDim[] {
  return CONV_DIMS.filter((dim) => {
    const { span, trips } = spans[dim];
    return Math.floor(step / span) % trips === trips - 1;
  });
}

/** The last step that uses a tile whose use begins with `step`. */
export function lastStepOfUse(schedule: SaSchedule | SimdSchedule, tensor: string, step: number): number {
  if (!(schedule instanceof SaSchedule)) return lastStepOfSimdUse(schedule, step);
  switch (tensor) {
    case 'weight':
    case 'ifmap':
      return step + schedule[tensor].stepsPerUse - 1;
    case 'bias':
      return lastStepOfBias(schedule, step);
    default:
      return step + schedule.psum.stepsPerUse - 1;
  }
}

/**
 * A bias tile serves every step that begins a psum until oc advances (never, if it has one trip): all loops inside oc
 * that do not accumulate run to their end.
 */
function lastStepOfBias({ layer }: SaSchedule, step: number): number {
  const spans = loopSpans(layer);
  const outermost = spans.oc.trips === 1 ? 0 : layer.loopOrder.indexOf('oc') + 1;
  return layer.loopOrder
    .slice(outermost)
    .filter((dim) => !REDUCTION_DIMS.includes(dim))
    .reduce((last, dim) => last + (spans[dim].trips - 1) * spans[dim].span, step);
}

/** A tile serves its own step, a vector all that is left of its tile of the outer loops. */
function lastStepOfSimdUse({ layer, parts, steps }: SimdSchedule, step: number): number {
  const { part } = simdPlace(layer, step);
  if (parts[part]!.per === 'tile') return step;
  const blocks = simdOperation(layer.op).outer.reduce(
    (count, dim) => count * ceilDiv(layer.sizes[dim], layer.tile[dim]),
    1,
  );
  const stepsPerBlock = steps / blocks;
  return (Math.floor(step / stepsPerBlock) + 1) * stepsPerBlock - 1;
}

/** What a SIMD step keeps in VMem, in bits as loaded or stored, whichever is more, and how many tiles it stores. */
export function simdWorkingSet(schedule: SimdSchedule, place: SimdPlace): { bits: number; stores: number } {
  const { sizes, tile, op } = schedule.layer;
  const outer: readonly string[] = simdOperation(op).outer;
  const isTilePart = schedule.parts[place.part]!.per === 'tile';
  const lastDims = (['c', 'n', 'h', 'w'] as const).filter(
    (dim) => place[dim] === ceilDiv(sizes[dim], tile[dim]) - 1 || (!isTilePart && !outer.includes(dim)),
  );
  const { loads, stores } = schedule.shape(place.part, schedule.shapeOf(lastDims));
  const sum = (moves: typeof loads): number => moves.reduce((bits, move) => bits + move.bits, 0);
  return { bits: Math.max(sum(loads), sum(stores)), stores: stores.length };
}
