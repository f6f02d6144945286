/** The rows of the timeline: a lane each, and the measures that belong to lanes of one key. */
import { INTERFACES, type InterfaceName } from '../../../model/machine/observer.ts';
import { interfaceKey, type Lane, TILE_SRAMS, type TileSram } from '../lanes.ts';
import type { PageHead } from '../pageData.ts';

/** Where a row is, in CSS pixels. */
interface Place {
  readonly label: string;
  readonly top: number;
  readonly height: number;
}

export interface LaneRow extends Place {
  readonly kind: 'lane';
  readonly lane: Lane;
}

/** What a measure measures: bits in an SRAM, bits per cycle of an interface, requests that wait at it. */
export type Measure = 'occupancy' | 'bandwidth' | 'outstanding';

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

/** In CSS pixels: labels, then scales. */
export const GUTTER = 224;
export const SCALE_WIDTH = 100;
export const AXIS_HEIGHT = 24;
const GAP = 2;
const GROUP_GAP = 7;
const LANE_HEIGHTS: Readonly<Partial<Record<string, number>>> = { layers: 18, unit: 30, interface: 16, slot: 11 };
const OTHER_LANE_HEIGHT = 16;
/** Of lanes that share their key with more than one other. */
const CROWDED_LANE_HEIGHT = 11;
const CROWDED = 3;
const MEASURE_HEIGHTS: Readonly<Record<Measure, number>> = { occupancy: 24, bandwidth: 20, outstanding: 12 };
export const BITS_PER_KIB = 8192;

function isSram(key: string): key is TileSram {
  return (TILE_SRAMS as readonly string[]).includes(key);
}

type Unplaced = (Omit<LaneRow, 'top'> | Omit<MeasureRow, 'top'>) & { readonly startsGroup: boolean };

/** All rows from top to bottom, and the height of them all. */
export function rowsOf(lanes: readonly Lane[], head: PageHead): { rows: Row[]; height: number } {
  let top = AXIS_HEIGHT;
  const rows = groupsOf(lanes)
    .flatMap((group) => rowsOfGroup(group, head))
    .map(({ startsGroup, ...row }): Row => {
      if (startsGroup) top += GROUP_GAP - GAP;
      const placed = { ...row, top };
      top += row.height + GAP;
      return placed;
    });
  return { rows, height: top + GROUP_GAP };
}

/** Lanes with the same key, in the order in which the keys come first. */
function groupsOf(lanes: readonly Lane[]): Lane[][] {
  const groups = new Map<string, Lane[]>();
  for (const lane of lanes) {
    const group = groups.get(lane.key);
    if (group === undefined) groups.set(lane.key, [lane]);
    else group.push(lane);
  }
  return [...groups.values()];
}

function rowsOfGroup(group: readonly Lane[], head: PageHead): Unplaced[] {
  const { kind, key } = group[0]!;
  const isCrowded = kind !== 'slot' && group.length >= CROWDED;
  const height = isCrowded ? CROWDED_LANE_HEIGHT : (LANE_HEIGHTS[kind] ?? OTHER_LANE_HEIGHT);
  const lanes = group.map((lane) => ({ kind: 'lane' as const, lane, label: lane.name, height }));
  const measures = measuresOf(group, key, head);
  const rows = kind === 'slot' ? [...measures, ...lanes] : [...lanes, ...measures];
  return rows.map((row, place) => ({ ...row, startsGroup: place === 0 && (rows.length > 1 || kind !== 'unit') }));
}

function measuresOf(group: readonly Lane[], key: string, head: PageHead): Omit<MeasureRow, 'top'>[] {
  const lanes = group.map(({ index }) => index);
  const row = (
    measure: Measure,
    owner: string,
    more: Pick<MeasureRow, 'most' | 'counter'>,
  ): Omit<MeasureRow, 'top'> => ({
    kind: 'measure',
    measure,
    lanes,
    label: `${owner} ${measure}`,
    height: MEASURE_HEIGHTS[measure],
    ...more,
  });
  if (isSram(key)) {
    const owner = group[0]!.name.replace(/ slot \d+$/, '');
    return [row('occupancy', owner, { most: head.hardware.sramKiB[key] * BITS_PER_KIB, counter: undefined })];
  }
  const name: InterfaceName | undefined = INTERFACES.find((each) => interfaceKey(each) === key);
  if (name === undefined) return [];
  const counter = head.counters.findIndex((each) => each.key === key);
  const outstanding = counter < 0 ? [] : [row('outstanding', name, { most: undefined, counter })];
  return [row('bandwidth', name, { most: head.bitsPerCycle[name], counter: undefined }), ...outstanding];
}
