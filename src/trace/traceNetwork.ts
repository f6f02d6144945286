/** Runs a network with somebody watching. */
import type { Progress } from '../crosscheck/network.ts';
import { type DramModel, IDEAL } from '../dram/model.ts';
import type { Layer } from '../layers/layer.ts';
import { Machine } from '../machine/machine.ts';
import type { Assumptions } from '../schedule/assumptions.ts';
import type { Hardware } from '../spec/hardware.ts';
import { TraceRecorder } from './recorder.ts';
import type { TraceSink } from './slice.ts';
import type { LayerRun } from './traceFile.ts';

/** Runs all layers in program order, tells the sink what happens, yields progress now and then. */
export function* traceNetwork(
  layers: readonly Layer[],
  hardware: Hardware,
  assumptions: Assumptions,
  sink: TraceSink,
  dram: DramModel = IDEAL,
): Generator<Progress, LayerRun[]> {
  const machine = new Machine(hardware, { dram });
  const recorder = new TraceRecorder(hardware, !assumptions.reloadOperands, sink);
  machine.observe(recorder);
  const runs: LayerRun[] = [];
  for (const layer of layers) {
    const start = recorder.cycles;
    const run = machine.runWithPauses(layer, assumptions);
    let step = run.next();
    for (; step.done !== true; step = run.next()) {
      yield { layersDone: runs.length, layers: layers.length, layerName: layer.name, layerShare: step.value };
    }
    yield { layersDone: runs.length, layers: layers.length, layerName: layer.name, layerShare: 1 };
    runs.push({ layer, start, result: step.value });
  }
  return runs;
}
