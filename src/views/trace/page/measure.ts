/** What the measures of the timeline are at a cycle, and in words. */
import type { Spans } from '../pageData.ts';
import { firstEndingAfter, type Pyramid, perCycle } from '../pyramid.ts';
import { inFewDigits, percent } from './numbers.ts';
import { BITS_PER_KIB, type MeasureRow } from './rows.ts';
import type { Tip } from './tip.ts';

/** A stretch of time in which a measure stays the same. */
export interface Piece {
  readonly from: number;
  readonly to: number;
  readonly value: number;
}

/** The pyramids that a measure adds up. */
export function measuredBy(row: MeasureRow): readonly Pyramid<Spans>[] {
  const { pyramids, counters, peUse } = row.run.data;
  if (row.measure === 'use') return [peUse.issued];
  if (row.counter === undefined) return row.lanes.map((lane) => pyramids[lane]!);
  const counter = counters[row.counter];
  return counter === undefined ? [] : [counter.pyramid];
}

/** The top of a measure's scale. */
export function mostOf({ run, most, counter }: MeasureRow): number {
  return most ?? run.data.counters[counter ?? -1]?.most ?? 1;
}

/** The piece of a measure at a cycle of its run, within [0, cycles). */
export function pieceAt(row: MeasureRow, cycle: number): Piece {
  let [from, to, value] = [0, row.run.data.cycles, 0];
  for (const pyramid of measuredBy(row)) {
    const { starts, ends, count } = pyramid.slices;
    const place = firstEndingAfter(pyramid.slices, cycle);
    if (place < count && starts[place]! <= cycle) {
      value += perCycle(pyramid, place);
      from = Math.max(from, starts[place]!);
      to = Math.min(to, ends[place]!);
    } else {
      if (place > 0) from = Math.max(from, ends[place - 1]!);
      if (place < count) to = Math.min(to, starts[place]!);
    }
  }
  return { from, to, value };
}

/** A value with its unit, short. */
export function measureText({ measure }: MeasureRow, value: number): string {
  const rounded = inFewDigits(value);
  switch (measure) {
    case 'occupancy':
      return `${inFewDigits(value / BITS_PER_KIB)} KiB`;
    case 'bandwidth':
      return `${rounded} bit/cycle`;
    case 'outstanding':
    case 'activity':
      return rounded;
    case 'use':
      return percent(value);
  }
}

/** A piece in words. */
export function pieceTip(row: MeasureRow, piece: Piece): Tip {
  const { from, to, value } = piece;
  const most = mostOf(row);
  const times = { start: from, end: to, cycles: to - from };
  const text = measureText(row, value);
  if (row.measure === 'outstanding') return { title: row.label, fields: { requests: value, most, ...times } };
  if (row.measure === 'activity') return { title: row.label, fields: { 'lanes busy': value, of: most, ...times } };
  if (row.measure === 'use') {
    const { useful } = row.run.data.peUse;
    const place = firstEndingAfter(useful.slices, from);
    const own = place < useful.slices.count && useful.slices.starts[place]! <= from ? useful.slices.bits[place]! : 0;
    return { title: row.label, fields: { issued: text, useful: percent(own), ...times } };
  }
  // Of banked memory whole bursts travel, of which tiles ask for a part.
  const name = row.measure === 'occupancy' ? 'held' : 'asked for';
  const share = `${percent(value / most)} of ${measureText(row, most)}`;
  return { title: row.label, fields: { [name]: text, share, ...times } };
}
