/** What a fused group has taken as two layers of a trace, one per array. */
import type { Layer } from '../../model/layers/layer.ts';
import { addInto } from '../../model/layers/result.ts';
import type { GroupResult, UnitTime } from '../../model/machine/programRun.ts';
import { emptySimulatedResult, type SimulatedResult } from '../../model/machine/statistics.ts';
import { totalWaiting } from '../../model/machine/waiting.ts';
import { simulatedWork, workInAll } from '../../model/network/work.ts';
import type { Assumptions } from '../../model/schedule/assumptions.ts';
import type { Hardware } from '../../model/schemas/hardware.ts';
import type { LayerRun, RunTime } from './traceFile.ts';

/** How the group was run, and when: of each side, when it had its unit. */
interface GroupRun {
  readonly hardware: Hardware;
  readonly assumptions: Assumptions;
  readonly times: Readonly<Record<Layer['unit'], RunTime>>;
}

/** What a group has taken, and its members. */
interface GroupCounts extends Pick<GroupResult, 'totalCycles' | 'units'> {
  readonly layers: readonly SimulatedResult[];
}

/** Counts with the time of a side, and the cycles of the group. */
function withTime(counts: SimulatedResult, { busyCycles, waiting }: UnitTime, totalCycles: number): SimulatedResult {
  const stallCycles = totalWaiting(waiting);
  return { ...counts, computeCycles: busyCycles, stallCycles, totalCycles, waiting };
}

/** The two sides of a group that has run; `shown` are its layers in the trace, `members` those of the program. */
export function groupRuns(
  shown: readonly Layer[],
  members: readonly Layer[],
  { layers, units, totalCycles }: GroupCounts,
  { hardware, assumptions, times }: GroupRun,
): LayerRun[] {
  const [first, second] = shown as [Layer, Layer];
  const [sa, ...simd] = layers as [SimulatedResult, ...SimulatedResult[]];
  const ofSa = withTime(sa, units.SA, totalCycles);
  const sum = emptySimulatedResult();
  for (const each of simd) addInto(sum, each);
  const [{ tiles, steppedTiles, jumpedTiles }] = simd as [SimulatedResult];
  const ofSimd = withTime({ ...sum, tiles, steppedTiles, jumpedTiles }, units.SIMD, totalCycles);
  const parts = simd.map((result, place) => {
    const layer = members[place + 1]!;
    return { layer, result, work: simulatedWork(layer, hardware, assumptions, result) };
  });
  return [
    {
      ...{ layer: first, ...times.SA, result: ofSa },
      work: simulatedWork(first, hardware, assumptions, ofSa),
    },
    { layer: second, ...times.SIMD, result: ofSimd, work: workInAll(parts, hardware), isSecondSide: true },
  ];
}
