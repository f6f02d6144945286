/**
 * Chrome's trace-event format, JSON object flavour, as Perfetto and chrome://tracing read it. Its unit of time is the
 * microsecond: one stands for one cycle.
 */

import { printableJson } from '../../model/schemas/printable.ts';
import { COUNTERS } from './counters.ts';
import { KIND_NAMES, type Lane, type LaneKind } from './lanes.ts';
import { LimitedText } from './limitedText.ts';
import { type CounterSample, type Flow, type Slice, sliceFields, sliceName } from './slice.ts';
import type { TraceEnd, TraceLimit, TraceSettings, TraceWriter, WriteText } from './traceFile.ts';
import { utf8Bytes } from './utf8.ts';

/** Lanes of a kind form a process; these are the processes' ids, in the order in which they are shown. */
const PROCESS_IDS: Readonly<Record<LaneKind, number>> = {
  layers: 1,
  unit: 2,
  interface: 3,
  slot: 4,
  channel: 5,
  stepped: 7,
};

/** The process of counters that belong to no lane of another's. */
const COUNTER_PROCESS = { pid: 6, name: 'Counters' };

/** pid and tid of a lane. */
function placeOf({ kind, index }: Lane): { pid: number; tid: number } {
  return { pid: PROCESS_IDS[kind], tid: index };
}

function nameEvents(lanes: readonly Lane[]): object[] {
  const kinds = new Set(lanes.map(({ kind }) => kind));
  const ofKinds = [...kinds].map((kind) => ({ pid: PROCESS_IDS[kind], name: KIND_NAMES[kind] }));
  const processes = [...ofKinds, COUNTER_PROCESS].flatMap(({ pid, name }) => [
    { name: 'process_name', ph: 'M', pid, args: { name } },
    { name: 'process_sort_index', ph: 'M', pid, args: { sort_index: pid } },
  ]);
  const threads = lanes.flatMap((lane) => [
    { name: 'thread_name', ph: 'M', ...placeOf(lane), args: { name: lane.name } },
    { name: 'thread_sort_index', ph: 'M', ...placeOf(lane), args: { sort_index: lane.index } },
  ]);
  return [...processes, ...threads];
}

function sliceEvent(slice: Slice): object {
  const { lane, kind, start, end } = slice;
  const args = sliceFields(slice);
  return { name: sliceName(slice), cat: kind, ph: 'X', ts: start, dur: end - start, ...placeOf(lane), args };
}

function counterEvent({ counter, cycle, value }: Omit<CounterSample, 'layer'>): object {
  return { name: counter.name, ph: 'C', ts: cycle, pid: COUNTER_PROCESS.pid, args: { [counter.unit]: value } };
}

/** The two ends of an arrow; there are as many as tiles, and nothing but numbers differs. */
function flowText({ from, to }: Flow, id: number): string {
  const endText = (more: string, { lane, cycle }: Flow['from']): string => {
    const { pid, tid } = placeOf(lane);
    return `${SEPARATOR}{"name":"tile","cat":"tile","id":${id},"ph":${more},"ts":${cycle},"pid":${pid},"tid":${tid}}`;
  };
  return endText('"s"', from) + endText('"f","bp":"e"', to);
}

const SEPARATOR = ',\n';

function eventText(event: object): string {
  return SEPARATOR + printableJson(JSON.stringify(event));
}

function tailText(settings: TraceSettings, notice: string | undefined): string {
  const otherData = { ...settings, timeUnit: '1 µs here is 1 cycle', ...(notice === undefined ? {} : { notice }) };
  return `\n],\n"displayTimeUnit":"ms",\n"otherData":${printableJson(JSON.stringify(otherData))}}\n`;
}

/** Writes the head at once, then an event per line as they come. */
export function chromeWriter(
  lanes: readonly Lane[],
  settings: TraceSettings,
  { megabytes, longestNotice }: TraceLimit,
  write: WriteText,
): TraceWriter {
  const text = new LimitedText(write, megabytes);
  const head = nameEvents(lanes).map((event) => JSON.stringify(event));
  text.write(`{"traceEvents":[\n${head.join(SEPARATOR)}`);
  text.reserve(utf8Bytes(tailText(settings, longestNotice)));
  for (const counter of COUNTERS) {
    text.reserve(utf8Bytes(eventText(counterEvent({ counter, cycle: Number.MAX_SAFE_INTEGER, value: 0 }))));
  }
  let flows = 0;
  return {
    slice: (slice) => text.tryWrite(eventText(sliceEvent(slice))),
    flow: (flow) => text.tryWrite(flowText(flow, flows++)),
    counter: (sample) => text.tryWrite(eventText(counterEvent(sample))),
    end: ({ notice, counterEnds }: TraceEnd) => {
      for (const sample of counterEnds) text.write(eventText(counterEvent(sample)));
      text.write(tailText(settings, notice));
    },
  };
}
