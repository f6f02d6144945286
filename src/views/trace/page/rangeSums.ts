/** What happens in a range of cycles: each unit busy and waiting by cause, each interface its bits, by exact sums. */

import type { PageLane } from '../pageData.ts';
import { firstEndingAfter } from '../pyramid.ts';
import type { PageData } from './data.ts';
import { pathLane } from './pathLane.ts';
import type { View } from './view.ts';

/** What one unit does in a range. */
export interface UnitSums {
  readonly lane: PageLane;
  readonly busyCycles: number;
  /** By cause, the longest first. */
  readonly waiting: readonly (readonly [cause: string, cycles: number])[];
  /** Nothing is recorded of it. */
  readonly idleCycles: number;
}

/** What one interface moves in a range: of a tile that reaches out of it, the part within. */
export interface InterfaceSums {
  /** The component's key and name. */
  readonly key: string;
  readonly name: string;
  readonly bits: number;
}

export interface RangeSums {
  /** Cycles of the critical path by resource, the longest first; empty where the page has no path. */
  readonly path: readonly (readonly [resource: string, cycles: number])[];
  readonly units: readonly UnitSums[];
  readonly interfaces: readonly InterfaceSums[];
}

/** Calls back for each slice of a lane that reaches into a range, with the cycles of it that lie within. */
function walk(
  { slices }: PageData,
  lane: number,
  { from, to }: View,
  visit: (place: number, cycles: number) => void,
): void {
  const { starts, ends, count } = slices[lane]!;
  for (let place = firstEndingAfter(slices[lane]!, from); place < count && starts[place]! < to; place++) {
    visit(place, Math.min(ends[place]!, to) - Math.max(starts[place]!, from));
  }
}

function unitSums(data: PageData, lane: PageLane, range: View): UnitSums {
  const { whats } = data.head;
  const ownWhats = data.slices[lane.index]!.whats;
  const cyclesOf = whats.map(() => 0);
  walk(data, lane.index, range, (place, cycles) => {
    cyclesOf[ownWhats[place]!]! += cycles;
  });
  let busyCycles = 0;
  const waiting: [string, number][] = [];
  whats.forEach(({ kind, cause }, what) => {
    const cycles = cyclesOf[what]!;
    if (kind === 'wait' && cycles > 0) waiting.push([cause, cycles]);
    else busyCycles += cycles;
  });
  const idleCycles = range.to - range.from - busyCycles - waiting.reduce((sum, [, cycles]) => sum + cycles, 0);
  return { lane, busyCycles, waiting: waiting.sort(([, a], [, b]) => b - a), idleCycles };
}

function pathSums(data: PageData, lane: number, range: View): [string, number][] {
  const sums = new Map<string, number>();
  const { whats } = data.slices[lane]!;
  walk(data, lane, range, (place, cycles) => {
    const { tensor } = data.head.whats[whats[place]!]!;
    sums.set(tensor, (sums.get(tensor) ?? 0) + cycles);
  });
  return [...sums].sort(([, a], [, b]) => b - a);
}

function bitsOf(data: PageData, lane: number, range: View): number {
  const { starts, ends, bits } = data.slices[lane]!;
  let sum = 0;
  walk(data, lane, range, (place, cycles) => {
    sum += (bits[place]! * cycles) / (ends[place]! - starts[place]!);
  });
  return sum;
}

/** The sums of a range, over the lanes that were recorded. */
export function rangeSums(data: PageData, range: View): RangeSums {
  const { lanes } = data.recorded;
  const units = lanes.filter(({ kind }) => kind === 'unit').map((lane) => unitSums(data, lane, range));
  const interfaces = new Map<string, { key: string; name: string; bits: number }>();
  for (const { kind, key, name, index } of lanes) {
    if (kind !== 'interface') continue;
    const known = interfaces.get(key) ?? { key, name, bits: 0 };
    known.bits += bitsOf(data, index, range);
    interfaces.set(key, known);
  }
  const path = pathLane(data.head);
  return {
    path: path === undefined ? [] : pathSums(data, path, range),
    units,
    interfaces: [...interfaces.values()],
  };
}
