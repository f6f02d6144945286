/** Runs a network with somebody watching. */

import { IDEAL, isRegular } from '../../model/dram/model.ts';
import { aloneOf, fuse } from '../../model/fusion/fuse.ts';
import type { FusedGroup } from '../../model/fusion/groups.ts';
import { expectExact } from '../../model/layers/exactness.ts';
import type { Layer } from '../../model/layers/layer.ts';
import { Machine } from '../../model/machine/machine.ts';
import type { Progress, RunOptions } from '../../model/network/network.ts';
import { simulatedWork } from '../../model/network/work.ts';
import type { Assumptions } from '../../model/schedule/assumptions.ts';
import type { Hardware } from '../../model/schemas/hardware.ts';
import { InternalError } from '../../model/schemas/inputError.ts';
import { ChannelRecorder } from './channelRecorder.ts';
import { layersOfGroup } from './fusedSide.ts';
import { groupRuns } from './groupRuns.ts';
import { lanesOf } from './lanes.ts';
import { TraceRecorder } from './recorder.ts';
import type { TracedLayer, TraceSink } from './slice.ts';
import type { LayerRun } from './traceFile.ts';

/** What runs on the drained machine: a layer, or a fused group. */
export interface TracedUnit {
  /** The layers of the trace: the layer itself, or the two sides of the group. */
  readonly shown: readonly Layer[];
  /** Of a group: that, and its members as the machine runs them. */
  readonly group?: { readonly group: FusedGroup; readonly members: readonly Layer[] };
}

/** The layers and groups of a network, in program order, one after another. */
export function tracedUnits(
  layers: readonly Layer[],
  hardware: Hardware,
  { fusion = 'none' }: RunOptions,
): TracedUnit[] {
  const program = fuse(layers, hardware, fusion);
  const firsts = new Map(program.groups.map((group) => [group.first, group] as const));
  const units: TracedUnit[] = [];
  for (let place = 0; place < layers.length; place++) {
    const group = firsts.get(place);
    if (group === undefined) {
      units.push({ shown: [program.layers[place]!] });
      continue;
    }
    const members = program.layers.slice(group.first, group.last + 1);
    units.push({ shown: layersOfGroup(group, hardware.array.columns), group: { group: aloneOf(group), members } });
    place = group.last;
  }
  return units;
}

/**
 * Runs all layers, and fused groups, in program order, tells the sink what happens, yields progress now and then. Each is
 * run by fast-forward first, where that is possible, and again step by step if the sink wants any of it: the long way to
 * a short stretch takes no time.
 */
export function* traceNetwork(
  layers: readonly Layer[],
  hardware: Hardware,
  assumptions: Assumptions,
  sink: TraceSink,
  options: RunOptions = {},
): Generator<Progress, LayerRun[]> {
  const { dram = IDEAL, fastForward = true } = options;
  const { isCycleStepped } = options;
  const units = tracedUnits(layers, hardware, options);
  const shown = units.flatMap((unit) => unit.shown);
  const lanes = lanesOf(hardware, dram, shown, isCycleStepped !== undefined);
  // By the number of a layer of the program: members of a group are its two sides.
  const numbered: TracedLayer[] = [];
  const channels = dram.kind === 'banked' ? new ChannelRecorder(lanes.channels, dram.spec, numbered, sink) : undefined;
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

  function* run(unit: TracedUnit, isWatched: boolean): Generator<Progress, LayerRun[]> {
    isRunWatched = isWatched;
    if (isWatched) machine.observe(recorder);
    else machine.forget(recorder);
    const [layer] = unit.shown as [Layer];
    const progress = { layersDone: runs.length, layers: shown.length, layerName: layer.name };
    if (unit.group === undefined) {
      const result = yield* withProgress(machine.runWithPauses(layer, assumptions), (share) => share, progress);
      return [{ layer, start, result, work: simulatedWork(layer, hardware, assumptions, result) }];
    }
    const { group, members } = unit.group;
    const run = machine.runGroup(members, group, assumptions);
    const result = yield* withProgress(run, ({ layerShare }) => layerShare, progress);
    return groupRuns(unit.shown, members, result, { hardware, assumptions, start });
  }

  for (const unit of units) {
    const traced = unit.shown.map((layer, place): TracedLayer => ({ index: runs.length + place, layer, start }));
    const [first, last] = [traced[0]!, traced.at(-1)!];
    const places = unit.group?.members.length ?? 1;
    const byPlace = Array.from({ length: places }, (_, place) => (place === 0 ? first : last));
    numbered.push(...byPlace);
    recorder.turnTo(byPlace);
    const ahead = isFast ? yield* run(unit, false) : undefined;
    const end = start + (ahead === undefined ? Number.POSITIVE_INFINITY : cyclesOf(ahead));
    const isWanted = unit.shown.some((layer) => sink.wants?.(layer, start, end) ?? true);
    const watched = isWanted ? yield* run(unit, true) : undefined;
    const done = watched ?? ahead ?? (yield* run(unit, false));
    const cycles = cyclesOf(done);
    if (ahead !== undefined && cyclesOf(ahead) !== cycles) {
      throw new InternalError(`${first.layer.name}: ${cyclesOf(ahead)} cycles by fast-forward, ${cycles} by steps`);
    }
    runs.push(...done);
    start += cycles;
    expectExact(undefined, 'totalCycles', start);
  }
  machine.drainMemory();
  channels?.finish();
  recorder.finish();
  return runs;
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
