/** The rows of the timeline: a lane each, and for every SRAM how full it is. */
import type { Hardware } from '../../spec/hardware.ts';
import { type Lane, TILE_SRAMS, type TileSram } from '../lanes.ts';

export interface LaneRow {
  readonly kind: 'lane';
  readonly lane: Lane;
  readonly label: string;
  readonly top: number;
  readonly height: number;
}

export interface OccupancyRow {
  readonly kind: 'occupancy';
  readonly lanes: readonly Lane[];
  readonly label: string;
  /** Bits that the SRAM holds. */
  readonly capacityBits: number;
  readonly top: number;
  readonly height: number;
}

export type Row = LaneRow | OccupancyRow;

/** In CSS pixels. */
export const GUTTER = 128;
export const AXIS_HEIGHT = 24;
const GAP = 3;
const GROUP_GAP = 9;
const OCCUPANCY_HEIGHT = 26;
const HEIGHTS: Readonly<Record<Lane['kind'], number>> = { layers: 18, unit: 34, interface: 20, slot: 13, channel: 20 };
const BITS_PER_KIB = 8192;

function isSram(key: string): key is TileSram {
  return (TILE_SRAMS as readonly string[]).includes(key);
}

/** All rows from top to bottom, and the height of them all. */
export function rowsOf(lanes: readonly Lane[], hardware: Hardware): { rows: Row[]; height: number } {
  const rows: Row[] = [];
  let top = AXIS_HEIGHT;
  let key = '';
  for (const lane of lanes) {
    if (lane.key !== key && (lane.kind === 'slot' || key === '' || rows.at(-1)?.kind !== 'lane'))
      top += GROUP_GAP - GAP;
    if (lane.key !== key && isSram(lane.key)) {
      const slots = lanes.filter((each) => each.key === lane.key);
      const capacityBits = hardware.sramKiB[lane.key] * BITS_PER_KIB;
      const label = lane.name.replace(/ slot \d+$/, ' occupancy');
      rows.push({ kind: 'occupancy', lanes: slots, label, capacityBits, top, height: OCCUPANCY_HEIGHT });
      top += OCCUPANCY_HEIGHT + GAP;
    }
    key = lane.key;
    const height = HEIGHTS[lane.kind];
    rows.push({ kind: 'lane', lane, label: lane.name, top, height });
    top += height + GAP;
  }
  return { rows, height: top + GROUP_GAP };
}
