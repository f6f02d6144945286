/**
 * Traces a network whose layers run one after another. Each is run by fast-forward first, where that is possible, and
 * again step by step if the sink wants any of it: the long way to a short stretch takes no time.
 */
import { IDEAL, isRegular } from '../../model/dram/model.ts';
import { expectExact } from '../../model/layers/exactness.ts';
import type { Layer } from '../../model/layers/layer.ts';
import type { Progress } from '../../model/network/network.ts';
import { simulatedWork } from '../../model/network/work.ts';
import { InternalError } from '../../model/schemas/inputError.ts';
import { groupRuns } from './groupRuns.ts';
import type { TracedLayer } from './slice.ts';
import { layersIn, type TracedUnit } from './tracedUnits.ts';
import type { LayerRun, RunTime } from './traceFile.ts';
import type { Tracing } from './tracing.ts';

/** Runs the units of a network in program order. */
export function* traceOneByOne(tracing: Tracing): Generator<Progress, LayerRun[]> {
  const { units, sink, recorder, numbered, options } = tracing;
  const { dram = IDEAL, fastForward = true } = options;
  const isFast = fastForward && isRegular(dram);
  const layers = units.reduce((sum, { shown }) => sum + shown.length, 0);
  const runs: LayerRun[] = [];
  let start = 0;
  for (const unit of units) {
    const progress = { layersDone: runs.length, layers };
    const traced = unit.shown.map((layer, place): TracedLayer => ({ index: runs.length + place, layer }));
    const [first, last] = [traced[0]!, traced.at(-1)!];
    const byPlace = Array.from({ length: layersIn(unit) }, (_, place) => (place === 0 ? first : last));
    numbered.push(...byPlace);
    recorder.turnTo(byPlace, start);
    const ahead = isFast ? yield* run(tracing, unit, start, progress, false) : undefined;
    const end = start + (ahead === undefined ? Number.POSITIVE_INFINITY : cyclesOf(ahead));
    const isWanted = unit.shown.some((layer) => sink.wants?.(layer, start, end) ?? true);
    const watched = isWanted ? yield* run(tracing, unit, start, progress, true) : undefined;
    const done = watched ?? ahead ?? (yield* run(tracing, unit, start, progress, false));
    const cycles = cyclesOf(done);
    if (ahead !== undefined && cyclesOf(ahead) !== cycles) {
      throw new InternalError(`${first.layer.name}: ${cyclesOf(ahead)} cycles by fast-forward, ${cycles} by steps`);
    }
    runs.push(...done);
    start += cycles;
    expectExact(undefined, 'totalCycles', start);
  }
  return runs;
}

/** Runs a layer or a group on the drained machine. */
function* run(
  { hardware, assumptions, machine, watch }: Tracing,
  { shown, group }: TracedUnit,
  start: number,
  done: Pick<Progress, 'layersDone' | 'layers'>,
  isWatched: boolean,
): Generator<Progress, LayerRun[]> {
  watch(isWatched);
  const [layer] = shown as [Layer];
  const progress = { ...done, layerName: layer.name };
  if (group === undefined) {
    const result = yield* withProgress(machine.runWithPauses(layer, assumptions), (share) => share, progress);
    const time = timeOf(start, result.totalCycles);
    return [{ layer, ...time, result, work: simulatedWork(layer, hardware, assumptions, result) }];
  }
  const together = machine.runGroup(group.members, group.group, assumptions);
  const result = yield* withProgress(together, ({ layerShare }) => layerShare, progress);
  const time = timeOf(start, result.totalCycles);
  return groupRuns(shown, group.members, result, { hardware, assumptions, times: { SA: time, SIMD: time } });
}

/** All cycles of a layer that runs alone are its unit's; those of a group are both units'. */
function timeOf(start: number, cycles: number): RunTime {
  const end = start + cycles;
  return { start, end, unitStart: start, unitEnd: end };
}

/** Either side of a group takes its cycles. */
function cyclesOf(runs: readonly LayerRun[]): number {
  return runs[0]!.result.totalCycles;
}

/** Takes a run to its end; yields how far it has come. */
function* withProgress<Pause, Result>(
  run: Generator<Pause, Result>,
  shareOf: (pause: Pause) => number,
  progress: Omit<Progress, 'layerShare'>,
): Generator<Progress, Result> {
  let step = run.next();
  for (; step.done !== true; step = run.next()) yield { ...progress, layerShare: shareOf(step.value) };
  yield { ...progress, layerShare: 1 };
  return step.value;
}
