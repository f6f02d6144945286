/** The critical path beside a trace: how a page of it says what its end waits for. */
import { isRegular } from '../../model/dram/model.ts';
import type { Layer } from '../../model/layers/layer.ts';
import type { Progress } from '../../model/network/network.ts';
import type { Assumptions } from '../../model/schedule/assumptions.ts';
import { type LayerPath, type NetworkPath, networkPath } from '../../studies/criticalPath/networkPath.ts';
import { type Selection, selectsLayer } from '../../views/trace/selection.ts';
import type { TracedUnit } from '../../views/trace/tracedUnits.ts';
import type { LoadedNetwork } from './networkCommand.ts';

/** Whether the path is sought: if asked for, else where all of a run on regular memory is shown, which it takes as long as. */
export function wantsPath(asked: boolean | undefined, selection: Selection, { settings }: LoadedNetwork): boolean {
  return asked ?? (Object.keys(selection).length === 0 && isRegular(settings.dram));
}

/**
 * The path of a network, its layers numbered as the trace has them: a fused group's are its two sides. Its segments are
 * those within the selected layers and cycles.
 */
export function* tracedPath(
  { layers, settings, machine }: LoadedNetwork,
  units: readonly TracedUnit[],
  assumptions: Assumptions,
  selection: Selection,
): Generator<Progress, NetworkPath> {
  // A unit that is stepped cycle by cycle takes the same time.
  const { cycleStepping: _, ...tileGrained } = machine;
  const path = yield* networkPath(layers, settings.hardware, assumptions, { ...tileGrained, segments: true });
  const shown = units.flatMap((unit) => unit.shown);
  const places = placesInTrace(units);
  const segments = (path.segments ?? [])
    .map(({ tile, ...segment }) => ({ ...segment, tile: { ...tile, layer: places[tile.layer]! } }))
    .filter(({ from, to, tile }) => selectsLayer(selection, shown[tile.layer]!, from, to));
  return { ...path, layers: summed(path.layers, places, shown), segments };
}

/** Of each layer of the program, its place among the layers of the trace. */
function placesInTrace(units: readonly TracedUnit[]): number[] {
  let first = 0;
  return units.flatMap(({ shown, group }) => {
    const own = Array.from({ length: group?.members.length ?? 1 }, (_, member) => first + Math.min(member, 1));
    first += shown.length;
    return own;
  });
}

/** Shares of the path of the layers that a trace has. */
function summed(parts: readonly LayerPath[], places: readonly number[], shown: readonly Layer[]): LayerPath[] {
  const sums = shown.map((layer) => ({ layer, pathCycles: 0, byResource: {} as Record<string, number> }));
  parts.forEach(({ pathCycles, byResource }, place) => {
    const sum = sums[places[place]!]!;
    sum.pathCycles += pathCycles;
    for (const [resource, cycles] of Object.entries(byResource)) {
      sum.byResource[resource] = (sum.byResource[resource] ?? 0) + cycles;
    }
  });
  return sums;
}
