/** What a fused group has taken as two layers of a trace, one per array. */
import type { Layer } from '../../model/layers/layer.ts';
import { addInto } from '../../model/layers/result.ts';
import type { ProgramResult, UnitTime } from '../../model/machine/programRun.ts';
import { emptySimulatedResult, type SimulatedResult } from '../../model/machine/statistics.ts';
import { totalWaiting } from '../../model/machine/waiting.ts';
import { simulatedWork, workInAll } from '../../model/network/work.ts';
import type { Assumptions } from '../../model/schedule/assumptions.ts';
import type { Hardware } from '../../model/schemas/hardware.ts';
import type { LayerRun } from './traceFile.ts';

/** How the group was run, and when it began. */
interface GroupRun {
  readonly hardware: Hardware;
  readonly assumptions: Assumptions;
  readonly start: number;
}

/** Counts with the time of a side, which is the group's. */
function withTime(counts: SimulatedResult, { busyCycles, waiting }: UnitTime): SimulatedResult {
  const stallCycles = totalWaiting(waiting);
  const totalCycles = busyCycles + stallCycles;
  return { ...counts, computeCycles: busyCycles, stallCycles, totalCycles, waiting };
}

/** The two sides of a group that has run alone; `shown` are its layers in the trace, `members` those of the program. */
export function groupRuns(
  shown: readonly Layer[],
  members: readonly Layer[],
  { layers, units }: ProgramResult,
  { hardware, assumptions, start }: GroupRun,
): LayerRun[] {
  const [first, second] = shown as [Layer, Layer];
  const [sa, ...simd] = layers as [SimulatedResult, ...SimulatedResult[]];
  const ofSa = withTime(sa, units.SA);
  const sum = emptySimulatedResult();
  for (const each of simd) addInto(sum, each);
  const [{ tiles, steppedTiles, jumpedTiles }] = simd as [SimulatedResult];
  const ofSimd = withTime({ ...sum, tiles, steppedTiles, jumpedTiles }, units.SIMD);
  const parts = simd.map((result, place) => {
    const layer = members[place + 1]!;
    return { layer, result, work: simulatedWork(layer, hardware, assumptions, result) };
  });
  return [
    {
      ...{ layer: first, start, result: ofSa },
      work: simulatedWork(first, hardware, assumptions, ofSa),
    },
    { layer: second, start, result: ofSimd, work: workInAll(parts, hardware), isSecondSide: true },
  ];
}
