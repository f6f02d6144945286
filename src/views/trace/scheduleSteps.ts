/** What the recorder must know of a step that the schedules, which only walk, do not keep. */
import { CONV_DIMS, type ConvDim, REDUCTION_DIMS, type SaLayer } from '../../model/layers/layer.ts';
import { ceilDiv } from '../../model/layers/rounding.ts';
import { simdOperation } from '../../model/operations/simdTable.ts';
import { FusedSchedule } from '../../model/schedule/fusedSchedule.ts';
import { SaSchedule } from '../../model/schedule/saSchedule.ts';
import type { SimdSchedule, SimdTransfer } from '../../model/schedule/simdSchedule.ts';
import { type SimdPlace, simdPlace } from '../../model/schedule/simdTile.ts';
import { type LoopSpans, loopSpans } from './loopSpans.ts';

/** The dimensions whose loop is in its last iteration at a step of the SA. */
export function lastDimsOf(spans: LoopSpans, step: number): ConvDim[] {
  return CONV_DIMS.filter((dim) => {
    const { span, trips } = spans[dim];
    return Math.floor(step / span) % trips === trips - 1;
  });
}

/** Whether a step of the SA has all loops that accumulate in their last iteration. */
export function completesSums(layer: SaLayer, step: number): boolean {
  const dims = lastDimsOf(loopSpans(layer), step);
  return REDUCTION_DIMS.every((dim) => dims.includes(dim));
}

/** The last step that uses a tile whose use begins with `step`. */
export function lastStepOfUse(
  schedule: SaSchedule | SimdSchedule | FusedSchedule,
  tensor: string,
  step: number,
): number {
  if (schedule instanceof FusedSchedule) return step;
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
export function workingSet(
  schedule: SimdSchedule | FusedSchedule,
  step: number,
  grants: ReturnType<FusedSchedule['walk']> | undefined,
): { bits: number; stores: number } {
  if (!(schedule instanceof FusedSchedule)) return simdWorkingSet(schedule, simdPlace(schedule.layer, step));
  // Slots are given in the order of the steps.
  const { loads, stores } = grants!.step.tile;
  grants!.advance();
  return { bits: largerOf(loads, stores), stores: stores.length };
}

function largerOf(loads: readonly SimdTransfer[], stores: readonly SimdTransfer[]): number {
  const sum = (moves: readonly SimdTransfer[]): number => moves.reduce((bits, move) => bits + move.bits, 0);
  return Math.max(sum(loads), sum(stores));
}

function simdWorkingSet(schedule: SimdSchedule, place: SimdPlace): { bits: number; stores: number } {
  const { sizes, tile, op } = schedule.layer;
  const outer: readonly string[] = simdOperation(op).outer;
  const isTilePart = schedule.parts[place.part]!.per === 'tile';
  const lastDims = (['c', 'n', 'h', 'w'] as const).filter(
    (dim) => place[dim] === ceilDiv(sizes[dim], tile[dim]) - 1 || (!isTilePart && !outer.includes(dim)),
  );
  const { loads, stores } = schedule.shape(place.part, schedule.shapeOf(lastDims));
  return { bits: largerOf(loads, stores), stores: stores.length };
}
