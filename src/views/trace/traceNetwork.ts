/** Runs a network with somebody watching. */

import { IDEAL, isRegular } from '../../model/dram/model.ts';
import { expectExact } from '../../model/layers/exactness.ts';
import type { Layer } from '../../model/layers/layer.ts';
import { Machine, type MachineOptions } from '../../model/machine/machine.ts';
import type { SimulatedResult } from '../../model/machine/statistics.ts';
import type { Progress } from '../../model/network/network.ts';
import { simulatedWork } from '../../model/network/work.ts';
import type { Assumptions } from '../../model/schedule/assumptions.ts';
import type { Hardware } from '../../model/schemas/hardware.ts';
import { InternalError } from '../../model/schemas/inputError.ts';
import { ChannelRecorder } from './channelRecorder.ts';
import { lanesOf } from './lanes.ts';
import { TraceRecorder } from './recorder.ts';
import type { TracedLayer, TraceSink } from './slice.ts';
import type { LayerRun } from './traceFile.ts';

/**
 * Runs all layers in program order, tells the sink what happens, yields progress now and then. A layer is run by
 * fast-forward first, where that is possible, and again step by step if the sink wants any of it: the long way to a
 * short stretch takes no time.
 */
export function* traceNetwork(
  layers: readonly Layer[],
  hardware: Hardware,
  assumptions: Assumptions,
  sink: TraceSink,
  options: MachineOptions = {},
): Generator<Progress, LayerRun[]> {
  const { dram = IDEAL, fastForward = true } = options;
  const { isCycleStepped } = options;
  const lanes = lanesOf(hardware, dram, layers, isCycleStepped !== undefined);
  const traced: TracedLayer[] = [];
  const channels = dram.kind === 'banked' ? new ChannelRecorder(lanes.channels, dram.spec, traced, sink) : undefined;
  let isRunWatched = false;
  const machine = new Machine(hardware, {
    ...options,
    channelObserver: channels,
    // What nobody looks at need not be stepped.
    ...(isCycleStepped && { isCycleStepped: (layer: Layer) => isRunWatched && isCycleStepped(layer) }),
  });
  const isFast = fastForward && isRegular(dram);
  const recorder = new TraceRecorder(hardware, lanes, !assumptions.reloadOperands, sink);
  const runs: LayerRun[] = [];
  let start = 0;

  function* run(layer: Layer, isWatched: boolean): Generator<Progress, SimulatedResult> {
    isRunWatched = isWatched;
    if (isWatched) machine.observe(recorder);
    else machine.forget(recorder);
    const run = machine.runWithPauses(layer, assumptions);
    const progress = { layersDone: runs.length, layers: layers.length, layerName: layer.name };
    let step = run.next();
    for (; step.done !== true; step = run.next()) yield { ...progress, layerShare: step.value };
    yield { ...progress, layerShare: 1 };
    return step.value;
  }

  for (const layer of layers) {
    traced.push({ index: runs.length, layer, start });
    recorder.turnTo(traced.at(-1)!);
    const ahead = isFast ? yield* run(layer, false) : undefined;
    const end = start + (ahead?.totalCycles ?? Number.POSITIVE_INFINITY);
    const isWanted = sink.wants?.(layer, start, end) ?? true;
    const watched = isWanted ? yield* run(layer, true) : undefined;
    const result = watched ?? ahead ?? (yield* run(layer, false));
    if (ahead !== undefined && ahead.totalCycles !== result.totalCycles) {
      throw new InternalError(
        `${layer.name}: ${ahead.totalCycles} cycles by fast-forward, ${result.totalCycles} by steps`,
      );
    }
    runs.push({ layer, start, result, work: simulatedWork(layer, hardware, assumptions, result) });
    start += result.totalCycles;
    expectExact(undefined, 'totalCycles', start);
  }
  machine.drainMemory();
  channels?.finish();
  recorder.finish();
  return runs;
}
