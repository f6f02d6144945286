/**
 * Chrome's trace-event format, JSON object flavour, as Perfetto and chrome://tracing read it. Its unit of time is the
 * microsecond: one stands for one cycle.
 */
import type { Lane, LaneKind } from './lanes.ts';
import { type CounterSample, type Flow, type Slice, sliceFields, sliceName } from './slice.ts';
import type { TraceEnd, TraceSettings, TraceWriter, WriteText } from './traceFile.ts';

/** Lanes of a kind form a process; these are the processes' ids and names, in the order in which they are shown. */
const PROCESSES: Readonly<Record<LaneKind, { readonly pid: number; readonly name: string }>> = {
  layers: { pid: 1, name: 'Network' },
  unit: { pid: 2, name: 'Compute' },
  interface: { pid: 3, name: 'Off-chip interfaces' },
  slot: { pid: 4, name: 'SRAM slots' },
  channel: { pid: 5, name: 'DRAM channels' },
};

/** The process of counters that belong to no lane of another's. */
const COUNTERS = { pid: 6, name: 'Counters' };

/** pid and tid of a lane. */
function placeOf({ kind, index }: Lane): { pid: number; tid: number } {
  return { pid: PROCESSES[kind].pid, tid: index };
}

function nameEvents(lanes: readonly Lane[]): object[] {
  const kinds = new Set(lanes.map(({ kind }) => kind));
  const processes = [...[...kinds].map((kind) => PROCESSES[kind]), COUNTERS].flatMap(({ pid, name }) => [
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

function counterEvent({ counter, cycle, value }: CounterSample): object {
  return { name: counter.name, ph: 'C', ts: cycle, pid: COUNTERS.pid, args: { [counter.unit]: value } };
}

function flowEvents({ from, to }: Flow, id: number): [object, object] {
  const common = { name: 'tile', cat: 'tile', id };
  return [
    { ...common, ph: 's', ts: from.cycle, ...placeOf(from.lane) },
    { ...common, ph: 'f', bp: 'e', ts: to.cycle, ...placeOf(to.lane) },
  ];
}

/** Writes the head at once, then an event per line as they come. */
export function chromeWriter(lanes: readonly Lane[], settings: TraceSettings, write: WriteText): TraceWriter {
  let separator = '{"traceEvents":[\n';
  let flows = 0;
  const writeEvent = (event: object): void => {
    write(separator + JSON.stringify(event));
    separator = ',\n';
  };
  for (const event of nameEvents(lanes)) writeEvent(event);
  return {
    slice: (slice) => {
      writeEvent(sliceEvent(slice));
      return true;
    },
    flow: (flow) => {
      for (const event of flowEvents(flow, flows)) writeEvent(event);
      flows++;
    },
    counter: (sample) => writeEvent(counterEvent(sample)),
    end: ({ notice }: TraceEnd) => {
      const otherData = { ...settings, timeUnit: '1 µs here is 1 cycle', ...(notice === undefined ? {} : { notice }) };
      write(`\n],\n"displayTimeUnit":"ms",\n"otherData":${JSON.stringify(otherData)}}\n`);
    },
  };
}
