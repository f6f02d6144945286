/** A trace as CSV: a row per slice and per counter sample, and a last one that says what is left out, if anything. */
import { LOOP_DIMS } from '../../model/layers/layer.ts';
import { csvText } from '../report/csvText.ts';
import { COUNTERS } from './counters.ts';
import { LimitedText } from './limitedText.ts';
import { type CounterSample, sliceFields, sliceName } from './slice.ts';
import type { TraceLimit, TraceWriter, WriteText } from './traceFile.ts';
import { utf8Bytes } from './utf8.ts';

/** Cycles are network cycles; `value` is a counter's. Coordinates that a row does not have are empty. */
export const CSV_COLUMNS: readonly string[] = [
  ...['kind', 'lane', 'name', 'startCycle', 'endCycle', 'cycles', 'layer', 'op', 'unit', 'step'],
  ...[...LOOP_DIMS, 'part', 'c', 'h', 'w', 'tensor', 'bits'],
  ...['rowHits', 'rowMisses', 'forwarded', 'cause', 'value'],
];

type Row = Readonly<Record<string, string | number>>;

/** Texts as cells, each asked for once: a run has few different ones, and millions of rows. */
const knownTexts = new Map<string, string>();

function textCell(text: string): string {
  let cell = knownTexts.get(text);
  if (cell === undefined) {
    cell = text === '' ? '' : csvText([[text]]).slice(0, -1);
    knownTexts.set(text, cell);
  }
  return cell;
}

function rowText(row: Row): string {
  let text = '';
  let separator = '';
  for (const column of CSV_COLUMNS) {
    const value = row[column];
    text += separator;
    if (value !== undefined) text += typeof value === 'number' ? value : textCell(value);
    separator = ',';
  }
  return `${text}\n`;
}

function counterText({ counter, layer, cycle, value }: CounterSample): string {
  const name = `${counter.name} (${counter.unit})`;
  return rowText({ kind: 'counter', name, startCycle: cycle, layer: layer.name, value });
}

function noticeText(notice: string): string {
  return rowText({ kind: 'notice', name: notice });
}

/** Writes the head at once, then row by row. */
export function csvWriter({ megabytes, longestNotice, layers }: TraceLimit, write: WriteText): TraceWriter {
  const text = new LimitedText(write, megabytes);
  text.write(csvText([[...CSV_COLUMNS]]));
  text.reserve(utf8Bytes(noticeText(longestNotice)));
  for (const counter of COUNTERS) {
    const ends = layers.map((layer) => counterText({ counter, layer, cycle: Number.MAX_SAFE_INTEGER, value: 0 }));
    text.reserve(Math.max(0, ...ends.map(utf8Bytes)));
  }
  return {
    slice: (slice) => {
      const { kind, lane, start, end } = slice;
      const place = { kind, lane: lane.name, name: sliceName(slice), startCycle: start, endCycle: end };
      return text.tryWrite(rowText(Object.assign(place, sliceFields(slice))));
    },
    // The coordinates of load, compute and store already say which belong together.
    flow: () => true,
    counter: (sample) => text.tryWrite(counterText(sample)),
    end: ({ notice, counterEnds }) => {
      for (const sample of counterEnds) text.write(counterText(sample));
      if (notice !== undefined) text.write(noticeText(notice));
    },
  };
}
