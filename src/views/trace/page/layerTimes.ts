/** When a layer runs: where layers overlap (`prefetch`) what it adds to the run is less than that. */
import type { LayerFigures, Spans } from '../pageData.ts';
import { firstEndingAfter } from '../pyramid.ts';
import type { View } from './view.ts';

/** The cycles that a layer adds to the run, up to its last store; those of all layers follow each other. */
export function addedRange({ end, totalCycles }: LayerFigures): View {
  return { from: end - totalCycles, to: end };
}

/** What its unit spends on a layer, computing or waiting. */
export function unitCycles({ unitStart, unitEnd }: LayerFigures): number {
  return unitEnd - unitStart;
}

/** Where to look for a layer: at what it adds, or where that is nothing, at its unit's time. */
export function mainRange(layer: LayerFigures): View {
  return layer.totalCycles > 0 ? addedRange(layer) : { from: layer.unitStart, to: layer.unitEnd };
}

/** Spans of layers in order of time, and of each the layer's place in the program. */
export interface LayerSpans extends Spans {
  readonly layers: Uint32Array;
}

function spansOf(
  layers: readonly LayerFigures[],
  places: readonly number[],
  rangeOf: (layer: LayerFigures) => View,
): LayerSpans {
  const ranges = places.map((place) => rangeOf(layers[place]!));
  return {
    count: places.length,
    starts: Float64Array.from(ranges, ({ from }) => from),
    ends: Float64Array.from(ranges, ({ to }) => to),
    bits: new Float64Array(places.length),
    layers: Uint32Array.from(places),
  };
}

/** The places of those that are shown: a fused group once, as its SA side. */
function shownPlaces(layers: readonly LayerFigures[]): number[] {
  return layers.flatMap(({ isSecondSide }, place) => (isSecondSide ? [] : [place]));
}

/** What each layer adds to the run. */
export function addedSpans(layers: readonly LayerFigures[]): LayerSpans {
  const places = shownPlaces(layers).filter((place) => layers[place]!.totalCycles > 0);
  return spansOf(layers, places, addedRange);
}

/** The layers in lanes, in each of which they do not overlap: as many as are needed, and not more than there are. */
export function layersInLanes(layers: readonly LayerFigures[], lanes: number): LayerSpans[] {
  const inLanes = Array.from({ length: lanes }, (): number[] => []);
  const ends = inLanes.map(() => 0);
  const places = shownPlaces(layers).filter((place) => layers[place]!.end > layers[place]!.start);
  for (const place of places.sort((a, b) => layers[a]!.start - layers[b]!.start || a - b)) {
    const { start, end } = layers[place]!;
    const lane = ends.findIndex((each) => each <= start);
    inLanes[lane]!.push(place);
    ends[lane] = end;
  }
  return inLanes.map((each) => spansOf(layers, each, ({ start, end }) => ({ from: start, to: end })));
}

/** The layer that adds a cycle to the run: of those beyond the ends the first or the last. */
export function layerAt(added: LayerSpans, cycle: number): number {
  const place = Math.min(firstEndingAfter(added, Math.max(cycle, 0)), added.count - 1);
  return added.layers[place] ?? 0;
}
