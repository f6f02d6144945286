/** What of the network is in the file: the user may have selected lanes and stretches, or a size limit cut it off. */
import type { LaneSlices, LayerFigures, PageHead, PageLane } from '../pageData.ts';
import type { View } from './view.ts';

export interface Recorded {
  /** The lanes that were recorded; the one of the layers is always there, because the head lists them. */
  readonly lanes: readonly PageLane[];
  /** The stretches that were recorded, in order. */
  readonly ranges: readonly View[];
  /** Whether that is the whole network. */
  readonly isAll: boolean;
}

/** What was recorded, by the options that selected it and by the slices. */
export function recordedOf(head: PageHead, lanes: readonly LaneSlices[]): Recorded {
  const { selection } = head.settings;
  const keys = selection['lanes']?.split(',');
  const firstOfLayers = head.lanes.find(({ kind }) => kind === 'layers');
  const isSelected = (lane: PageLane): boolean => {
    // Of those of the layers as many as are needed.
    if (lane.kind === 'layers') return lane === firstOfLayers || lanes[lane.index]!.count > 0;
    return lane.kind === 'path' || keys === undefined || keys.includes(lane.key);
  };
  // Layers and path are what all other lanes are looked at beside.
  const first = (lane: PageLane): number => ['layers', 'path'].indexOf(lane.kind) + 1 || 3;
  const { layer, cycles, steps } = selection;
  const isWhole = layer === undefined && cycles === undefined && steps === undefined && head.notice === undefined;
  const ranges = isWhole ? [{ from: 0, to: cyclesOf(head) }] : merged(rangesOf(head, lanes));
  return { lanes: head.lanes.filter(isSelected).sort((a, b) => first(a) - first(b)), ranges, isAll: isWhole };
}

/** Network cycles. */
export function cyclesOf({ layers }: { readonly layers: readonly LayerFigures[] }): number {
  return layers.reduce((latest, { end }) => Math.max(latest, end), 0);
}

/** The part of each layer that was recorded. */
function rangesOf(head: PageHead, lanes: readonly LaneSlices[]): View[] {
  const { selection } = head.settings;
  const names = selection['layer']?.split(',');
  const [first = 0, last = Number.POSITIVE_INFINITY] = (selection['cycles'] ?? '')
    .split('-')
    .filter(Boolean)
    .map(Number);
  const extents = extentsOf(head, lanes);
  // Steps, and where a size limit cuts, are known from the slices alone.
  const isByExtent = selection['steps'] !== undefined || head.notice !== undefined;
  return head.layers.flatMap(({ layer, start, end }, place) => {
    if (names?.includes(layer.name) === false) return [];
    const extent = isByExtent ? extents[place]! : { from: start, to: end };
    const [from, to] = [Math.max(extent.from, first), Math.min(extent.to, last + 1)];
    return from < to ? [{ from, to }] : [];
  });
}

/** Per layer, from its first recorded cycle to its last; an empty range where there is none. */
function extentsOf(head: PageHead, lanes: readonly LaneSlices[]): View[] {
  const from = head.layers.map(() => Number.POSITIVE_INFINITY);
  const to = head.layers.map(() => 0);
  head.lanes.forEach(({ kind }, lane) => {
    if (kind === 'layers' || kind === 'path') return;
    const { count, starts, ends, layers } = lanes[lane]!;
    for (let place = 0; place < count; place++) {
      const layer = layers[place]!;
      from[layer] = Math.min(from[layer]!, starts[place]!);
      to[layer] = Math.max(to[layer]!, ends[place]!);
    }
  });
  return from.map((start, layer) => ({ from: start, to: to[layer]! }));
}

/** Ranges in order, those that touch as one. */
function merged(ranges: readonly View[]): View[] {
  const result: View[] = [];
  for (const range of [...ranges].sort((a, b) => a.from - b.from)) {
    const last = result.at(-1);
    if (last !== undefined && range.from <= last.to)
      result[result.length - 1] = { from: last.from, to: Math.max(last.to, range.to) };
    else result.push(range);
  }
  return result;
}

/** The gaps between the recorded stretches, in [0, cycles). */
export function gapsOf({ ranges }: Recorded, cycles: number): View[] {
  const edges = [0, ...ranges.flatMap(({ from, to }) => [from, to]), cycles];
  const gaps: View[] = [];
  for (let place = 0; place < edges.length; place += 2) {
    if (edges[place]! < edges[place + 1]!) gaps.push({ from: edges[place]!, to: edges[place + 1]! });
  }
  return gaps;
}
