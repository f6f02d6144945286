/** A trace in memory as the page has it: packed and unpacked. */
import type { Assumptions } from '../../src/model/schedule/assumptions.ts';
import { assumptionNames } from '../../src/model/schedule/assumptions.ts';
import type { Hardware } from '../../src/model/schemas/hardware.ts';
import { lanesOf } from '../../src/views/trace/lanes.ts';
import { LanePacker, unpackLanes, type What } from '../../src/views/trace/pageData.ts';
import type { TraceSlices } from '../../src/views/trace/tileFlow.ts';
import type { MemoryTrace } from './memoryTrace.ts';

/** The slices as the page unpacks them, with what the page's head says of them. */
export function packedTrace({ slices, runs }: MemoryTrace, hardware: Hardware, assumptions: Assumptions): TraceSlices {
  const isOverlapped = assumptions.prefetch;
  const lanes = lanesOf(hardware, { layers: runs.map(({ layer }) => layer), isOverlapped }).all;
  const packers = lanes.map((lane) => new LanePacker(lane));
  const whats: What[] = [];
  for (const slice of slices) {
    const { kind, tensor, cause } = slice;
    let what = whats.findIndex((each) => each.kind === kind && each.tensor === tensor && each.cause === cause);
    if (what < 0) what = whats.push({ kind, tensor, cause }) - 1;
    packers[slice.lane.index]!.add(slice, what);
  }
  const unpacked = unpackLanes(
    lanes.length,
    packers.map((packer) => packer.take()),
  );
  const settings = { assumptions: assumptionNames(assumptions) };
  return { head: { lanes, whats, layers: runs, settings }, slices: unpacked };
}
