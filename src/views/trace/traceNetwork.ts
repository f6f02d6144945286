/** Runs a network with somebody watching. */

import { IDEAL } from '../../model/dram/model.ts';
import type { Layer } from '../../model/layers/layer.ts';
import { watchedBy } from '../../model/machine/channelWatching.ts';
import { Machine } from '../../model/machine/machine.ts';
import type { Progress, RunOptions } from '../../model/network/network.ts';
import type { Assumptions } from '../../model/schedule/assumptions.ts';
import type { Hardware } from '../../model/schemas/hardware.ts';
import { ChannelRecorder } from './channelRecorder.ts';
import { lanesOf } from './lanes.ts';
import { TraceRecorder } from './recorder.ts';
import type { TracedLayer, TraceSink } from './slice.ts';
import { tracedProgram } from './tracedUnits.ts';
import type { LayerRun } from './traceFile.ts';
import { traceOneByOne } from './traceOneByOne.ts';
import { traceOverlapped } from './traceOverlapped.ts';
import type { Tracing } from './tracing.ts';

/** Runs all layers, and fused groups, in program order, tells the sink what happens, yields progress now and then. */
export function* traceNetwork(
  layers: readonly Layer[],
  hardware: Hardware,
  assumptions: Assumptions,
  sink: TraceSink,
  options: RunOptions = {},
): Generator<Progress, LayerRun[]> {
  const { dram = IDEAL, cycleStepping } = options;
  const isOverlapped = assumptions.prefetch;
  const program = tracedProgram(layers, hardware, options);
  const { units } = program;
  const lanes = lanesOf(hardware, {
    ...{ dram, layers: units.flatMap(({ shown }) => shown) },
    ...{ isStepped: cycleStepping !== undefined, isOverlapped },
  });
  const numbered: TracedLayer[] = [];
  const recorder = new TraceRecorder(hardware, lanes, !assumptions.reloadOperands, sink);
  const channels =
    dram.kind === 'banked'
      ? new ChannelRecorder(lanes.channels, dram.spec, numbered, () => recorder.current(), sink)
      : undefined;
  let isRunWatched = false;
  const machine = new Machine(hardware, {
    ...options,
    channelWatching: channels && watchedBy(channels),
    ...(cycleStepping && {
      cycleStepping: {
        ...cycleStepping,
        isStepped: (layer: Layer) => isRunWatched && cycleStepping.isStepped(layer),
      },
    }),
  });
  const watch = (isWatched: boolean): void => {
    isRunWatched = isWatched;
    if (isWatched) machine.observe(recorder);
    else machine.forget(recorder);
  };
  const tracing: Tracing = { hardware, assumptions, options, units, sink, machine, recorder, numbered, watch };
  const runs = isOverlapped ? yield* traceOverlapped(tracing, program) : yield* traceOneByOne(tracing);
  machine.drainMemory();
  channels?.finish();
  recorder.finish();
  return runs;
}
