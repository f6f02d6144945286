/** The arrows of a trace, as its recorder draws them and as the page finds them. */
import { type SlicePlace, type TileFlow, type TraceSlices, tileFlowOf } from '../../src/views/trace/tileFlow.ts';
import type { MemoryTrace } from './memoryTrace.ts';

/** An arrow by the lanes and cycles that the recorder gives: the last cycle of where it begins, the first where it ends. */
function arrow({ slices }: TraceSlices, from: SlicePlace, to: SlicePlace): string {
  return `${from.lane}@${slices[from.lane]!.ends[from.place]! - 1} → ${to.lane}@${slices[to.lane]!.starts[to.place]!}`;
}

/** Every compute of a trace with its flow. */
export function flowsOf(trace: TraceSlices): TileFlow[] {
  return trace.head.lanes
    .filter(({ kind }) => kind === 'unit')
    .flatMap(({ index: lane }) =>
      Array.from({ length: trace.slices[lane]!.count }, (_, place) => ({ lane, place }))
        .filter(({ place }) => trace.head.whats[trace.slices[lane]!.whats[place]!]!.kind === 'compute')
        .map((compute) => tileFlowOf(trace, compute)!),
    );
}

/** The arrows that the recorder has drawn. */
export function recordedArrows({ flows }: MemoryTrace): string[] {
  return flows.map(({ from, to }) => `${from.lane.index}@${from.cycle} → ${to.lane.index}@${to.cycle}`).sort();
}

/**
 * The recorder, which knows the slots, draws an arrow from a load to the first compute that uses it, and from the last
 * compute that adds to a tile to its store. The page's arrows show every compute its operands and its store; those of
 * first and last uses are the recorder's.
 */
export function pageArrows(trace: TraceSlices): string[] {
  const flows = flowsOf(trace);
  const loads = new Map<string, string>();
  const stores = new Map<string, string>();
  for (const { compute, loads: from, stores: to } of flows) {
    for (const load of from) {
      const key = `${load.lane} ${load.place}`;
      if (!loads.has(key)) loads.set(key, arrow(trace, load, compute));
    }
    for (const store of to) stores.set(`${store.lane} ${store.place}`, arrow(trace, compute, store));
  }
  return [...loads.values(), ...stores.values()].sort();
}
