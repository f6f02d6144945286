/**
 * The ids of arrows. Perfetto joins the events that list the same id, so both ends of an arrow must: but a slice is written
 * before it is known what uses it. Each id follows from the slice that the arrow begins at, which lists as many as may be
 * needed; those that nothing else lists draw nothing.
 */
import type { Layer } from '../../../model/layers/layer.ts';
import { simdParts } from '../../../model/operations/simdTable.ts';
import { isFusedSide } from '../fusedSide.ts';
import type { Flow, Slice } from '../slice.ts';

type FlowEnd = Flow['from'];

const WORD = 2 ** 32;
/** Of the upper half: bits of the cycle, of the lane, and of the place among a slice's arrows. */
const CYCLE_FACTOR = 2 ** 12;
const LANE_FACTOR = 2 ** 16;
const ARROW_FACTOR = 2 ** 4;
/** Slices of which it is kept how many of their arrows have been drawn. */
const MOST_KEPT = 1024;

/** 64 bits as two halves. */
export interface FlowId {
  readonly low: number;
  readonly high: number;
}

/** An arrow of a slice that ends with this cycle, the last one that it has. */
function idOf({ lane, cycle }: FlowEnd, arrow: number): FlowId {
  const upper = Math.floor(cycle / WORD) % CYCLE_FACTOR;
  const place = (lane.index % LANE_FACTOR) * ARROW_FACTOR + (arrow % ARROW_FACTOR);
  return { low: cycle % WORD, high: place * CYCLE_FACTOR + upper };
}

/** How many arrows may begin at a slice. */
function arrowsFrom({ kind, traced }: Slice, isFused: boolean): number {
  if (kind === 'load') return 1;
  return kind === 'compute' ? mostUses(traced.layer, isFused) : 0;
}

/**
 * A tile of sums is stored once, and in a fused group handed over once; the SIMD array stores all that it makes, at once or
 * in a later part.
 */
function mostUses(layer: Layer, isFused: boolean): number {
  if (layer.unit === 'SA') return isFused ? 2 : 1;
  const stores = simdParts(layer).reduce((sum, part) => sum + part.stores.length, 0);
  return isFusedSide(layer) ? Math.max(stores, layer.mostTransfers) : stores;
}

/** The ids of all arrows that may begin at a slice; `isFused`: in a run with fused groups. */
export function idsFrom(slice: Slice, isFused: boolean): FlowId[] {
  const from = { lane: slice.lane, cycle: slice.end - 1 };
  return Array.from({ length: arrowsFrom(slice, isFused) }, (_, arrow) => idOf(from, arrow));
}

/** Gives each arrow of a slice another of its ids. */
export class FlowIds {
  /** By lane and cycle; those that have been used last. */
  private readonly drawn = new Map<string, number>();

  nextFrom(from: FlowEnd): FlowId {
    const key = `${from.lane.index} ${from.cycle}`;
    const arrow = this.drawn.get(key) ?? 0;
    this.drawn.delete(key);
    this.drawn.set(key, arrow + 1);
    if (this.drawn.size > MOST_KEPT) this.drawn.delete(this.drawn.keys().next().value!);
    return idOf(from, arrow);
  }
}
