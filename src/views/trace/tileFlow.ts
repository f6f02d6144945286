/**
 * The way of a tile: the loads that brought what a compute uses, and the stores that take what it gives. It follows
 * from the slices: layer, tensor, step and time say which belong together.
 */
import {
  type ConvDim,
  type Layer,
  type LoopDim,
  REDUCTION_DIMS,
  RELEVANT_DIMS,
  type SaLayer,
  type SimdLayer,
} from '../../model/layers/layer.ts';
import type { InterfaceName } from '../../model/machine/observer.ts';
import { simdOperation, simdParts } from '../../model/operations/simdTable.ts';
import { simdPlace } from '../../model/schedule/simdTile.ts';
import { type FusedSide, isFusedSide, makingStep, takingStep } from './fusedSide.ts';
import { interfaceKey } from './lanes.ts';
import { type LoopSpans, loopSpans } from './loopSpans.ts';
import type { LaneSlices, PageHead, PageLane, PageLayer } from './pageData.ts';
import { firstEndingAfter } from './pyramid.ts';
import type { TraceSettings } from './traceFile.ts';

/** A slice by its lane and its place there. */
export interface SlicePlace {
  readonly lane: number;
  readonly place: number;
}

/** A compute, the loads of its operands and the stores of its results, as far as they were recorded. */
export interface TileFlow {
  readonly compute: SlicePlace;
  readonly loads: readonly SlicePlace[];
  readonly stores: readonly SlicePlace[];
}

/** The slices of a trace, per lane. */
export interface TraceSlices {
  readonly head: Pick<PageHead, 'lanes' | 'whats'> & {
    readonly layers: readonly Pick<PageLayer, 'layer' | 'start' | 'end'>[];
    readonly settings: Pick<TraceSettings, 'assumptions'>;
  };
  readonly slices: readonly LaneSlices[];
}

type SaTensor = keyof typeof RELEVANT_DIMS;

/** No tile is looked for further away than this, in slices of a lane: a look must take less than a frame. */
const FURTHEST = 1 << 15;

/** The way of the tile that a slice is about, or undefined where no compute of it was recorded. */
export function tileFlowOf(trace: TraceSlices, chosen: SlicePlace): TileFlow | undefined {
  const compute = computeOf(trace, chosen);
  if (compute === undefined) return undefined;
  const slices = trace.slices[compute.lane]!;
  const { layer } = trace.head.layers[slices.layers[compute.place]!]!;
  if (layer.unit === 'SA') return saFlow(trace, compute, layer);
  return isFusedSide(layer) ? fusedFlow(trace, compute, layer) : simdFlow(trace, compute, layer);
}

function whatOf({ head, slices }: TraceSlices, { lane, place }: SlicePlace): PageHead['whats'][number] {
  return head.whats[slices[lane]!.whats[place]!]!;
}

function lanesWith({ head }: TraceSlices, key: string): PageLane[] {
  return head.lanes.filter((lane) => lane.key === key);
}

function unitLane(trace: TraceSlices, layer: Layer): PageLane | undefined {
  return lanesWith(trace, layer.unit === 'SA' ? 'pe-array' : 'simd')[0];
}

/** The compute of the tile that a slice is about: for what moves or lies in a slot, the first that uses it. */
function computeOf(trace: TraceSlices, chosen: SlicePlace): SlicePlace | undefined {
  const slices = trace.slices[chosen.lane]!;
  const index = slices.layers[chosen.place]!;
  const step = slices.steps[chosen.place]!;
  const { layer } = trace.head.layers[index]!;
  const lane = unitLane(trace, layer);
  const { kind } = whatOf(trace, chosen);
  if (lane === undefined || kind === 'layer') return undefined;
  if (layer.unit === 'SIMD') {
    if (isFusedSide(layer)) return computeOfStep(trace, lane.index, index, step);
    const computes = kind === 'store' ? makerOf(layer, step) : firstComputingFrom(layer, step);
    return computeOfStep(trace, lane.index, index, computes);
  }
  if (kind === 'store') return lastComputeBefore(trace, lane.index, layer, { ...chosen, index });
  return computeOfStep(trace, lane.index, index, step);
}

/** Layers and steps never go back on a unit's lane. */
function computeOfStep(trace: TraceSlices, lane: number, layer: number, step: number): SlicePlace | undefined {
  const slices = trace.slices[lane]!;
  let [low, high] = [0, slices.count];
  while (low < high) {
    const middle = (low + high) >> 1;
    const isBefore =
      slices.layers[middle]! < layer || (slices.layers[middle]! === layer && slices.steps[middle]! < step);
    if (isBefore) low = middle + 1;
    else high = middle;
  }
  for (let place = low; place < slices.count; place++) {
    if (slices.layers[place] !== layer || slices.steps[place] !== step) return undefined;
    if (whatOf(trace, { lane, place }).kind === 'compute') return { lane, place };
  }
  return undefined;
}

/** The last compute that has added to the psum tile of a store. */
function lastComputeBefore(
  trace: TraceSlices,
  lane: number,
  layer: SaLayer,
  store: SlicePlace & { readonly index: number },
): SlicePlace | undefined {
  const stored = trace.slices[store.lane]!;
  const slices = trace.slices[lane]!;
  const isSame = sameTile(layer, 'psum', stored.steps[store.place]!);
  const next = firstEndingAfter(slices, stored.starts[store.place]!);
  for (let place = next - 1; place >= Math.max(0, next - FURTHEST); place--) {
    // Where layers overlap the array may be at the next one already.
    if (slices.layers[place]! > store.index) continue;
    if (slices.layers[place]! < store.index) return undefined;
    if (whatOf(trace, { lane, place }).kind === 'compute' && isSame(slices.steps[place]!)) return { lane, place };
  }
  return undefined;
}

/** Whether a tensor's tile of a step is that of another step. */
function sameTile(layer: SaLayer, tensor: SaTensor, step: number): (other: number) => boolean {
  const spans = loopSpans(layer);
  const dims: readonly LoopDim[] = ['g', ...RELEVANT_DIMS[tensor]];
  const coordinates = dims.map((dim) => coordinate(spans, dim, step));
  return (other) => dims.every((dim, place) => coordinate(spans, dim, other) === coordinates[place]);
}

function coordinate(spans: LoopSpans, dim: LoopDim, step: number): number {
  return Math.floor(step / spans[dim].span) % spans[dim].trips;
}

/** The step with which the use of a tensor begins that `step` is part of, where tiles are always loaded again. */
function useStart(layer: SaLayer, tensor: SaTensor, step: number): number {
  const spans = loopSpans(layer);
  const dims: readonly ConvDim[] = RELEVANT_DIMS[tensor];
  const span = Math.min(...dims.map((dim) => spans[dim].span));
  return step - (step % span);
}

/** What a step of the SA needs: a bias where a sum begins, a psum where an earlier visit has begun one. */
function operandsOf(layer: SaLayer, step: number): SaTensor[] {
  const spans = loopSpans(layer);
  const isFirst = (at: number): boolean => REDUCTION_DIMS.every((dim) => coordinate(spans, dim, at) === 0);
  const hasPsum = !isFirst(useStart(layer, 'psum', step));
  return ['weight', 'ifmap', ...(hasPsum ? (['psum'] as const) : []), ...(isFirst(step) ? (['bias'] as const) : [])];
}

const INTERFACE_OF: Readonly<Record<SaTensor, InterfaceName>> = {
  weight: 'weight',
  bias: 'weight',
  ifmap: 'ifmap',
  psum: 'psum',
};

function saFlow(trace: TraceSlices, compute: SlicePlace, layer: SaLayer): TileFlow {
  const slices = trace.slices[compute.lane]!;
  const step = slices.steps[compute.place]!;
  // A tile that stays in its slot is not loaded where its use begins.
  const isReloaded = trace.head.settings.assumptions.includes('reload-operands');
  const isTile = (tensor: SaTensor): ((other: number) => boolean) => {
    if (!isReloaded || tensor === 'bias') return sameTile(layer, tensor, step);
    const start = useStart(layer, tensor, step);
    return (other) => other === start;
  };
  const loads = operandsOf(layer, step).map((tensor) => {
    const isLoad = isTile(tensor);
    return before(trace, compute, interfaceKey(INTERFACE_OF[tensor]), (kind, moved, at) =>
      kind === 'load' && moved === tensor && isLoad(at) ? 'take and stop' : 'go on',
    );
  });
  const isStored = isTile('psum');
  const stores = after(trace, compute, interfaceKey('psum'), (kind, _, at) =>
    kind === 'store' && isStored(at) ? 'take and stop' : 'go on',
  );
  const taken = takingCompute(trace, compute, layer);
  return { compute, loads: loads.flatMap((found) => found.slice(0, 1)), stores: [...taken, ...stores.slice(0, 1)] };
}

/** In a fused group, the compute of the SIMD array on what a step has completed. */
function takingCompute(trace: TraceSlices, compute: SlicePlace, layer: SaLayer): SlicePlace[] {
  const slices = trace.slices[compute.lane]!;
  const index = slices.layers[compute.place]! + 1;
  const side = trace.head.layers[index]?.layer;
  const lane = lanesWith(trace, 'simd')[0];
  if (side === undefined || lane === undefined || !isFusedSide(side)) return [];
  const step = takingStep(side, layer, slices.steps[compute.place]!);
  const found = step === undefined ? undefined : computeOfStep(trace, lane.index, index, step);
  return found === undefined ? [] : [found];
}

/** The SIMD side of a group: what the PE array has handed over, and what the step itself loads and stores. */
function fusedFlow(trace: TraceSlices, compute: SlicePlace, layer: FusedSide): TileFlow {
  const slices = trace.slices[compute.lane]!;
  const step = slices.steps[compute.place]!;
  const index = slices.layers[compute.place]! - 1;
  const lane = lanesWith(trace, 'pe-array')[0];
  const making = makingStep(layer, trace.head.layers[index]!.layer as SaLayer, step);
  const handed =
    lane === undefined || making === undefined ? undefined : computeOfStep(trace, lane.index, index, making);
  const isOwn =
    (wanted: string): Look =>
    (kind, _, at) => {
      if (kind !== wanted) return 'go on';
      if (at === step) return 'take';
      return (wanted === 'load') === at < step ? 'stop' : 'go on';
    };
  const loads = before(trace, compute, interfaceKey('vmem'), isOwn('load'));
  const stores = after(trace, compute, interfaceKey('vmem'), isOwn('store'));
  return { compute, loads: [...(handed === undefined ? [] : [handed]), ...loads.reverse()], stores };
}

/** Whether a step of the SIMD array computes: some parts only move vectors. */
function computesInStep(layer: SimdLayer, step: number): boolean {
  return simdParts(layer)[simdPlace(layer, step).part]!.instructions.length > 0;
}

/** The first step from this one on that computes: it uses what steps before it have only loaded. */
function firstComputingFrom(layer: SimdLayer, step: number): number {
  let computing = step;
  while (!computesInStep(layer, computing)) computing++;
  return computing;
}

/** The part that has made what a step stores, where it was an earlier one. */
function makingPart(layer: SimdLayer, step: number): number | undefined {
  return simdParts(layer)[simdPlace(layer, step).part]!.stores[0]?.madeIn;
}

/** The step that has computed what a step stores: itself, or the last one of an earlier part. */
function makerOf(layer: SimdLayer, step: number): number {
  const made = makingPart(layer, step);
  if (made === undefined) return step;
  let maker = step - 1;
  while (simdPlace(layer, maker).part !== made) maker--;
  return maker;
}

/** The last step that stores what a step has made: a later part of the same c-tile may. */
function lastStoring(layer: SimdLayer, step: number): number {
  const { part, c, n } = simdPlace(layer, step);
  const isByImage = simdOperation(layer.op).outer.includes('n');
  const isOfBlock = (other: number): boolean => {
    const at = simdPlace(layer, other);
    return at.c === c && (!isByImage || at.n === n);
  };
  if (!simdParts(layer).some(({ stores }) => stores.some(({ madeIn }) => madeIn === part))) return step;
  if (simdPlace(layer, step + 1).part === part) return step;
  let storing = step + 1;
  while (isOfBlock(storing) && makingPart(layer, storing) !== part) storing++;
  return storing;
}

/**
 * A step of the SIMD array loads its operands and stores its results itself, but for per-channel vectors: parts without
 * instructions load and store those.
 */
function simdFlow(trace: TraceSlices, compute: SlicePlace, layer: SimdLayer): TileFlow {
  const step = trace.slices[compute.lane]!.steps[compute.place]!;
  const key = interfaceKey('vmem');
  let earliest = step;
  while (earliest > 0 && !computesInStep(layer, earliest - 1)) earliest--;
  const latest = lastStoring(layer, step);
  const loads = before(trace, compute, key, (kind, _, at) => {
    if (kind !== 'load') return 'go on';
    return at < earliest ? 'stop' : at <= step ? 'take' : 'go on';
  });
  const stores = after(trace, compute, key, (kind, _, at) => {
    if (kind !== 'store') return 'go on';
    return at > latest ? 'stop' : makerOf(layer, at) === step ? 'take' : 'go on';
  });
  return { compute, loads: loads.reverse(), stores };
}

type Look = (kind: string, tensor: string, step: number) => 'take' | 'take and stop' | 'go on' | 'stop';

/** What is taken of the slices that end before a compute starts, the latest first. */
function before(trace: TraceSlices, compute: SlicePlace, key: string, look: Look): SlicePlace[] {
  const cycle = trace.slices[compute.lane]!.starts[compute.place]!;
  return inTime(trace, key, (slices) => firstEndingAfter(slices, cycle) - 1, -1, compute, look).sort(
    (a, b) => trace.slices[b.lane]!.ends[b.place]! - trace.slices[a.lane]!.ends[a.place]!,
  );
}

/** What is taken of the slices that start after a compute has ended, the earliest first. */
function after(trace: TraceSlices, compute: SlicePlace, key: string, look: Look): SlicePlace[] {
  const cycle = trace.slices[compute.lane]!.ends[compute.place]!;
  return inTime(trace, key, (slices) => firstEndingAfter(slices, cycle), 1, compute, look).sort(
    (a, b) => trace.slices[a.lane]!.starts[a.place]! - trace.slices[b.lane]!.starts[b.place]!,
  );
}

/** Looks at the slices of a compute's layer on the lanes of a key, from a place on in one direction. */
function inTime(
  trace: TraceSlices,
  key: string,
  from: (slices: LaneSlices) => number,
  by: 1 | -1,
  compute: SlicePlace,
  look: Look,
): SlicePlace[] {
  const layer = trace.slices[compute.lane]!.layers[compute.place]!;
  const { start, end } = trace.head.layers[layer]!;
  // A load that waits for the layer that makes its tensor is overtaken by those of later steps.
  const overtakes = by < 0 && trace.head.settings.assumptions.includes('prefetch');
  return lanesWith(trace, key).flatMap(({ index: lane }) => {
    const slices = trace.slices[lane]!;
    const taken: SlicePlace[] = [];
    // Where layers overlap tiles of others lie between.
    const isWithin = (place: number): boolean =>
      place >= 0 && place < slices.count && slices.ends[place]! > start && slices.starts[place]! < end;
    let place = from(slices);
    for (let left = FURTHEST; left > 0 && isWithin(place); left--, place += by) {
      if (slices.layers[place] !== layer) continue;
      const { kind, tensor } = whatOf(trace, { lane, place });
      const found = look(kind, tensor, slices.steps[place]!);
      if (found === 'take' || found === 'take and stop') taken.push({ lane, place });
      if (found === 'take and stop' || (found === 'stop' && !overtakes)) break;
    }
    return taken;
  });
}
