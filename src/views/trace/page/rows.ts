/** The rows of the timeline: a lane each, and the measures that belong to the lanes of one component. */
import { INTERFACES, type InterfaceName } from '../../../model/machine/observer.ts';
import { interfaceKey, TILE_SRAMS, type TileSram } from '../lanes.ts';
import type { PageLane } from '../pageData.ts';
import type { LaneChoices } from './laneChoices.ts';
import { nameAmong, type RulerRun } from './rulerRun.ts';

/** Where a row is, in CSS pixels from the top of all rows: those that are not pinned scroll. */
interface Place {
  /** Unlike that of any other row. */
  readonly label: string;
  /** Whose lane, or measure, it is. */
  readonly run: RulerRun;
  /** The key of the component's lanes. */
  readonly component: string;
  /** The first row of a component with several says whether it is folded. */
  readonly fold: 'open' | 'folded' | undefined;
  readonly isPinned: boolean;
  readonly top: number;
  readonly height: number;
}

export interface LaneRow extends Place {
  readonly kind: 'lane';
  readonly lane: PageLane;
}

/**
 * What a measure measures: bits in an SRAM, bits per cycle of an interface, requests that wait at it, lanes that are
 * busy, the PEs' use.
 */
export type Measure = 'occupancy' | 'bandwidth' | 'outstanding' | 'activity' | 'use';

export interface MeasureRow extends Place {
  readonly kind: 'measure';
  readonly measure: Measure;
  /** The lanes that it adds up, or the counter that it shows, by their places. */
  readonly lanes: readonly number[];
  readonly counter: number | undefined;
  /** The top of the scale, in the measure's unit; unknown where the data itself gives it. */
  readonly most: number | undefined;
}

export type Row = LaneRow | MeasureRow;

/** All rows from top to bottom, the pinned ones first. */
export interface Layout {
  readonly rows: readonly Row[];
  /** Where the rows that scroll begin. */
  readonly pinnedBottom: number;
  /** Of all rows. */
  readonly height: number;
}

export const AXIS_HEIGHT = 24;
const GAP = 2;
const GROUP_GAP = 7;
const LANE_HEIGHTS: Readonly<Partial<Record<string, number>>> = {
  layers: 18,
  path: 14,
  unit: 30,
  interface: 16,
  slot: 11,
};
const OTHER_LANE_HEIGHT = 16;
/** Of lanes that share their component with more than one other. */
const CROWDED_LANE_HEIGHT = 11;
const CROWDED = 3;
const MEASURE_HEIGHTS: Readonly<Record<Measure, number>> = {
  occupancy: 24,
  bandwidth: 20,
  outstanding: 12,
  activity: 20,
  use: 20,
};
export const BITS_PER_KIB = 8192;

function isSram(key: string): key is TileSram {
  return (TILE_SRAMS as readonly string[]).includes(key);
}

type Bare<Of> = Omit<Of, 'top' | 'component' | 'fold' | 'isPinned'>;
type BareRow = Bare<LaneRow> | Bare<MeasureRow>;

/** A part of the machine that folds, hides and is pinned as one, in all runs at once. */
export interface Component {
  readonly key: string;
  readonly name: string;
  /** What each run that has the component has of it. */
  readonly parts: readonly ComponentPart[];
}

export interface ComponentPart {
  readonly run: RulerRun;
  readonly lanes: readonly PageLane[];
}

/** The components that have lanes, in the lanes' order; what only a later run has comes last. */
export function componentsOf(runs: readonly RulerRun[]): Component[] {
  const groups = new Map<string, Map<RulerRun, PageLane[]>>();
  for (const run of runs) {
    for (const lane of run.data.recorded.lanes) {
      const group = groups.get(lane.key) ?? new Map<RulerRun, PageLane[]>();
      groups.set(lane.key, group.set(run, [...(group.get(run) ?? []), lane]));
    }
  }
  return [...groups].map(([key, group]) => {
    const parts = [...group].map(([run, lanes]) => ({ run, lanes }));
    return { key, name: nameOf(parts[0]!.lanes), parts };
  });
}

/** What components are called whose lanes' names do not say it. */
const COMPONENT_NAMES: Readonly<Partial<Record<string, string>>> = {
  'dram-channel': 'DRAM channels',
  'pe-wavefront': 'PE rows and columns',
  'simd-stages': 'SIMD stages',
};

/** What lanes of one component have in common. */
function nameOf(group: readonly PageLane[]): string {
  const { name, kind, key } = group[0]!;
  const known = COMPONENT_NAMES[key];
  if (known !== undefined) return known;
  if (group.length === 1 && kind !== 'slot') return name;
  return name.replace(/ (?:slot )?\d+$/, '');
}

/** Lays all rows out. */
export function layoutOf(runs: readonly RulerRun[], choices: LaneChoices): Layout {
  const { folded, hidden, pinned } = choices;
  const all = componentsOf(runs);
  const asked = all.filter(({ key }) => !hidden.has(key));
  // A timeline with no row at all would be of no use.
  const shown = asked.length === 0 ? all : asked;
  const rows: Row[] = [];
  let top = AXIS_HEIGHT;
  const add = (component: Component, isPinned: boolean): void => {
    const { key, parts } = component;
    const all = parts.map((part) => rowsOf(component, part));
    const canFold = all.some((rows) => rows.length > 1);
    const isFolded = folded.has(key) && canFold;
    const bare = isFolded ? parts.map((part, place) => summaryOf(component, part, all[place]!)) : all.flat();
    const fold = !canFold ? undefined : isFolded ? 'folded' : 'open';
    if (parts[0]!.lanes[0]!.kind !== 'unit') top += GROUP_GAP - GAP;
    bare.forEach((row, place) => {
      rows.push({ ...row, component: key, isPinned, top, fold: place === 0 ? fold : undefined });
      top += row.height + GAP;
    });
  };
  for (const component of shown) if (pinned.has(component.key)) add(component, true);
  const pinnedBottom = top;
  for (const component of shown) if (!pinned.has(component.key)) add(component, false);
  return { rows, pinnedBottom, height: top + GROUP_GAP };
}

function rowsOf({ key, name }: Component, { run, lanes: group }: ComponentPart): BareRow[] {
  const { kind } = group[0]!;
  const isCrowded = kind !== 'slot' && kind !== 'layers' && group.length >= CROWDED;
  const height = isCrowded ? CROWDED_LANE_HEIGHT : (LANE_HEIGHTS[kind] ?? OTHER_LANE_HEIGHT);
  const lanes = group.map((lane) => ({ kind: 'lane' as const, run, lane, label: nameAmong(run, lane.name), height }));
  const measures = measuresOf({ run, lanes: group }, key, name);
  return kind === 'slot' ? [...measures, ...lanes] : [...lanes, ...measures];
}

/** The one row that stands for what a run has of a folded component. */
function summaryOf({ name }: Component, part: ComponentPart, rows: readonly BareRow[]): BareRow {
  const { length } = part.lanes;
  const measure = rows.find(({ kind }) => kind === 'measure');
  if (length === 1) return rows.find(({ kind }) => kind === 'lane')!;
  return measure ?? measureRow('activity', part, `${name} activity`, { most: length, counter: undefined });
}

function measureRow(
  measure: Measure,
  { run, lanes: group }: ComponentPart,
  name: string,
  more: Pick<MeasureRow, 'most' | 'counter'>,
): Bare<MeasureRow> {
  const lanes = group.map(({ index }) => index);
  return {
    kind: 'measure',
    run,
    measure,
    lanes,
    label: nameAmong(run, name),
    height: MEASURE_HEIGHTS[measure],
    ...more,
  };
}

function measuresOf(part: ComponentPart, key: string, owner: string): Bare<MeasureRow>[] {
  const { head } = part.run.data;
  if (isSram(key)) {
    const most = head.hardware.sramKiB[key] * BITS_PER_KIB;
    return [measureRow('occupancy', part, `${owner} occupancy`, { most, counter: undefined })];
  }
  if (key === 'pe-array') return [measureRow('use', { ...part, lanes: [] }, 'PE use', { most: 1, counter: undefined })];
  const name: InterfaceName | undefined = INTERFACES.find((each) => interfaceKey(each) === key);
  if (name === undefined) return [];
  const counter = head.counters.findIndex((each) => each.key === key);
  const outstanding =
    counter < 0 ? [] : [measureRow('outstanding', part, `${name} outstanding`, { most: undefined, counter })];
  const bandwidth = { most: head.bitsPerCycle[name], counter: undefined };
  return [measureRow('bandwidth', part, `${name} bandwidth`, bandwidth), ...outstanding];
}
