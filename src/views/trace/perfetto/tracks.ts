/** The tracks of a trace as a tree: the run, kinds of resources, components, and below them their lanes and counters. */
import { COUNTERS } from '../counters.ts';
import { componentName, KIND_NAMES, type Lane } from '../lanes.ts';

/** A row in Perfetto, by what it shows: nothing but what is below it, slices, or a counter. */
export interface Track {
  /** From 1 on, and nothing else's. */
  readonly uuid: number;
  readonly name: string;
  /** The uuid of the track above; none for the run's. */
  readonly parent: number | undefined;
  /** Place among the tracks of the same parent. */
  readonly rank: number;
  readonly unit?: string;
}

export interface Tracks {
  /** Parents first. */
  readonly all: readonly Track[];
  /** What holds for the whole run is marked here. */
  readonly run: Track;
  /** By the lane's place among all lanes. */
  readonly ofLane: readonly Track[];
  /** By name; of those that belong to a lane of this run. */
  readonly ofCounter: ReadonlyMap<string, Track>;
}

/** The tracks of lanes, in their order, each counter with the component that it is about. */
export function tracksOf(runName: string, lanes: readonly Lane[]): Tracks {
  const all: Track[] = [];
  const children = new Map<number | undefined, number>();
  const add = (name: string, parent: Track | undefined, unit?: string): Track => {
    const rank = children.get(parent?.uuid) ?? 0;
    children.set(parent?.uuid, rank + 1);
    const track = { uuid: all.length + 1, name, parent: parent?.uuid, rank, ...(unit !== undefined && { unit }) };
    all.push(track);
    return track;
  };
  const once = (tracks: Map<string, Track>, key: string, make: () => Track): Track => {
    const track = tracks.get(key) ?? make();
    tracks.set(key, track);
    return track;
  };
  // Layers that overlap have several lanes.
  const isOverlapped = lanes.filter(({ kind }) => kind === 'layers').length > 1;
  const kinds = new Map<string, Track>();
  const components = new Map<string, Track>();
  const ofCounter = new Map<string, Track>();
  const top = add(runName, undefined);
  const run = add('Run', top);
  const ofLane = lanes.map((lane) => add(lane.name, parentOf(lane)));
  for (const counter of COUNTERS) {
    const component = components.get(counter.key);
    if (component !== undefined) ofCounter.set(counter.name, add(counter.name, component, counter.unit));
  }
  return { all, run, ofLane, ofCounter };

  function parentOf({ kind, key }: Lane): Track {
    if (kind === 'layers') return isOverlapped ? once(components, key, () => add(KIND_NAMES[kind], top)) : top;
    const ofKind = once(kinds, kind, () => add(KIND_NAMES[kind], top));
    const component = componentName(key);
    return component === undefined ? ofKind : once(components, key, () => add(component, ofKind));
  }
}
