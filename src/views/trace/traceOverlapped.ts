/**
 * Traces a network whose layers overlap (`prefetch`). What a layer does depends on those before and behind it, and the
 * machine is never drained between them: so all of it is stepped, and watched, whatever is wanted of it.
 */
import type { Layer } from '../../model/layers/layer.ts';
import { totalWaiting } from '../../model/machine/waiting.ts';
import { type Progress, runOverlapped } from '../../model/network/network.ts';
import { simulatedWork } from '../../model/network/work.ts';
import { groupRuns } from './groupRuns.ts';
import type { TracedLayer } from './slice.ts';
import { layersIn, type TracedProgram } from './tracedUnits.ts';
import type { LayerRun, RunTime } from './traceFile.ts';
import type { Tracing } from './tracing.ts';

/** Runs all layers of a network together. */
export function* traceOverlapped(
  { hardware, assumptions, units, machine, recorder, numbered, watch }: Tracing,
  { layers, groups }: TracedProgram,
): Generator<Progress, LayerRun[]> {
  let index = 0;
  for (const unit of units) {
    const traced = unit.shown.map((layer): TracedLayer => ({ index: index++, layer }));
    for (let member = 0; member < layersIn(unit); member++) numbered.push(traced[Math.min(member, traced.length - 1)]!);
  }
  recorder.turnTo(numbered, 0, true);
  watch(true);
  const result = yield* runOverlapped(machine, layers, assumptions, groups);
  // A unit turns to its next layer when it has computed the last step of one.
  const turned: Record<Layer['unit'], number> = { SA: 0, SIMD: 0 };
  const timeOf = (place: number, unit: Layer['unit'], unitCycles: number): RunTime => {
    const unitStart = turned[unit];
    turned[unit] += unitCycles;
    return { ...recorder.timeOf(place), unitStart, unitEnd: turned[unit] };
  };
  const groupResults = [...result.groups];
  let place = 0;
  return units.flatMap((unit) => {
    const first = place;
    place += layersIn(unit);
    if (unit.group === undefined) {
      const layer = unit.shown[0]!;
      const own = result.layers[first]!;
      const time = timeOf(first, layer.unit, own.computeCycles + own.stallCycles);
      return [{ layer, ...time, result: own, work: simulatedWork(layer, hardware, assumptions, own) }];
    }
    const { totalCycles, units: sides } = groupResults.shift()!;
    const sideTime = (side: Layer['unit']): RunTime => {
      const { busyCycles, waiting } = sides[side];
      return timeOf(first, side, busyCycles + totalWaiting(waiting));
    };
    const times = { SA: sideTime('SA'), SIMD: sideTime('SIMD') };
    const counts = { layers: result.layers.slice(first, place), totalCycles, units: sides };
    return groupRuns(unit.shown, unit.group.members, counts, { hardware, assumptions, times });
  });
}
