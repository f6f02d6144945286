/** What of a run a trace shows. */
import type { Layer } from '../../model/layers/layer.ts';
import type { Range } from './range.ts';
import type { CounterSample, Slice } from './slice.ts';
import { hasStep } from './slice.ts';
import { coversTiles, hasTileDims, type TileRanges } from './tileRanges.ts';

/** What to show; whatever is left out is not restricted. */
export interface Selection {
  /** Names of layers. */
  readonly layers?: ReadonlySet<string>;
  /** Steps within a layer: tiles of which any is used in one of them. Counters and DRAM channels, which have no steps, are left out then. */
  readonly steps?: Range;
  /** Coordinates of tiles, in the same way. */
  readonly tiles?: TileRanges;
  /** Network cycles; a slice that reaches into the range is shown whole. */
  readonly cycles?: Range;
  /** Keys of lanes. */
  readonly lanes?: ReadonlySet<string>;
}

/** Whether anything of a layer that runs from one cycle of the network to another may be shown. */
export function selectsLayer({ layers, cycles, tiles }: Selection, layer: Layer, start: number, end: number): boolean {
  if (layers !== undefined && !layers.has(layer.name)) return false;
  if (tiles !== undefined && !hasTileDims(layer, tiles)) return false;
  return cycles === undefined || (start <= cycles.last && end > cycles.first);
}

/** Whether a slice is shown. */
export function selectsSlice(selection: Selection, slice: Slice): boolean {
  const { steps, tiles, lanes } = selection;
  const { kind, traced, step, lastStep, start, end } = slice;
  if (!selectsLayer(selection, traced.layer, start, end)) return false;
  if (lanes !== undefined && !lanes.has(slice.lane.key)) return false;
  if (kind === 'layer') return true;
  if (!hasStep(kind)) return steps === undefined && tiles === undefined;
  if (steps !== undefined && (step > steps.last || lastStep < steps.first)) return false;
  return tiles === undefined || coversTiles(slice, tiles);
}

/** Whether a counter is shown at all. */
export function selectsCounter({ steps, tiles, lanes }: Selection, { key }: CounterSample['counter']): boolean {
  return steps === undefined && tiles === undefined && (lanes === undefined || lanes.has(key));
}
