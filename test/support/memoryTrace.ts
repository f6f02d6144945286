/** A trace kept in memory, for tests that look at slices. */
import { type DramModel, IDEAL } from '../../src/model/dram/model.ts';
import type { Fusion } from '../../src/model/fusion/groups.ts';
import type { Layer } from '../../src/model/layers/layer.ts';
import { type Assumptions, HARDWARE } from '../../src/model/schedule/assumptions.ts';
import type { Hardware } from '../../src/model/schemas/hardware.ts';
import { BoundedSink } from '../../src/views/trace/bounds.ts';
import type { CounterSample, Flow, Slice, TraceSink } from '../../src/views/trace/slice.ts';
import type { LayerRun } from '../../src/views/trace/traceFile.ts';
import { traceNetwork } from '../../src/views/trace/traceNetwork.ts';

export interface MemoryTrace {
  readonly slices: Slice[];
  readonly flows: Flow[];
  readonly samples: CounterSample[];
  readonly runs: readonly LayerRun[];
}

/** Runs a generator to its end. */
export function finish<Result>(run: Generator<unknown, Result>): Result {
  for (;;) {
    const step = run.next();
    if (step.done === true) return step.value;
  }
}

/** Runs layers with everything recorded; `bound` may put a sink in between. */
export function traceInMemory(
  layers: readonly Layer[],
  hardware: Hardware,
  assumptions: Assumptions = HARDWARE,
  bound: (sink: TraceSink) => TraceSink = (sink) => sink,
  dram: DramModel = IDEAL,
  fusion: Fusion = 'none',
): MemoryTrace {
  const slices: Slice[] = [];
  const flows: Flow[] = [];
  const samples: CounterSample[] = [];
  const all: TraceSink = {
    slice: (slice) => slices.push(slice) > 0,
    flow: (flow) => flows.push(flow) > 0,
    counter: (sample) => samples.push(sample) > 0,
  };
  const sink = bound(all);
  const runs = finish(traceNetwork(layers, hardware, assumptions, sink, { dram, fusion }));
  if (sink instanceof BoundedSink) samples.push(...sink.end());
  return { slices, flows, samples, runs };
}

/** The cycles in which any of the slices that pass lies. */
export function coveredCycles(slices: readonly Slice[], passes: (slice: Slice) => boolean): number {
  let covered = 0;
  let end = 0;
  for (const slice of slices.filter(passes).sort((a, b) => a.start - b.start)) {
    covered += Math.max(0, slice.end - Math.max(slice.start, end));
    end = Math.max(end, slice.end);
  }
  return covered;
}

/** The cycles of the slices that pass, added up. */
export function cyclesOf(slices: readonly Slice[], passes: (slice: Slice) => boolean): number {
  return slices.filter(passes).reduce((sum, { start, end }) => sum + end - start, 0);
}
