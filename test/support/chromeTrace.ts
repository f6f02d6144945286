/** Chrome's trace-event format as a schema, and what must hold between the events of a file. */
import { z } from 'zod';

const place = { pid: z.int(), tid: z.int() };
const cycle = z.int().nonnegative();

const slice = z.strictObject({
  ph: z.literal('X'),
  name: z.string().min(1),
  cat: z.string().min(1),
  ts: cycle,
  dur: z.int().positive(),
  ...place,
  args: z.record(z.string(), z.union([z.string(), z.int().nonnegative()])),
});
const flowFields = { name: z.string(), cat: z.string(), id: z.int(), ts: cycle, ...place };

export const chromeTraceSchema = z.strictObject({
  traceEvents: z.array(
    z.discriminatedUnion('ph', [
      slice,
      z.strictObject({
        ph: z.literal('C'),
        name: z.string(),
        ts: cycle,
        pid: z.int(),
        args: z.record(z.string(), z.number().nonnegative()),
      }),
      z.strictObject({ ph: z.literal('s'), ...flowFields }),
      z.strictObject({ ph: z.literal('f'), bp: z.literal('e'), ...flowFields }),
      z.strictObject({
        ph: z.literal('M'),
        name: z.enum(['process_name', 'process_sort_index', 'thread_name', 'thread_sort_index']),
        pid: z.int(),
        tid: z.int().optional(),
        args: z.record(z.string(), z.union([z.string(), z.int()])),
      }),
    ]),
  ),
  displayTimeUnit: z.enum(['ms', 'ns']),
  otherData: z.looseObject({ clockPicoseconds: z.number(), notice: z.string().optional() }),
});

export type ChromeTrace = z.infer<typeof chromeTraceSchema>;
export type ChromeEvent = ChromeTrace['traceEvents'][number];
export type ChromeSlice = z.infer<typeof slice>;

/** The slices, by lane name. */
export function slicesByLane(trace: ChromeTrace): Map<string, ChromeSlice[]> {
  const names = new Map<number, string>();
  for (const event of trace.traceEvents) {
    if (event.ph === 'M' && event.name === 'thread_name') names.set(event.tid!, String(event.args['name']));
  }
  const lanes = new Map<string, ChromeSlice[]>([...names.values()].map((name) => [name, []]));
  for (const event of trace.traceEvents) if (event.ph === 'X') lanes.get(names.get(event.tid)!)!.push(event);
  return lanes;
}

/** Slices of a lane that overlap without one lying inside the other. */
export function crossingSlices(slices: readonly ChromeSlice[]): ChromeSlice[] {
  const sorted = [...slices].sort((a, b) => a.ts - b.ts || b.dur - a.dur);
  const open: number[] = [];
  return sorted.filter(({ ts, dur }) => {
    while (open.length > 0 && open.at(-1)! <= ts) open.pop();
    const crosses = open.length > 0 && ts + dur > open.at(-1)!;
    open.push(ts + dur);
    return crosses;
  });
}

/** Flow ends without their other end, or that lie in no slice of their lane, or that run back in time. */
export function unmatchedFlows({ traceEvents }: ChromeTrace): ChromeEvent[] {
  const lanes = new Map<string, ChromeSlice[]>();
  const flows = new Map<number, ChromeEvent[]>();
  for (const event of traceEvents) {
    if (event.ph === 'X') push(lanes, `${event.pid} ${event.tid}`, event);
    if (event.ph === 's' || event.ph === 'f') push(flows, event.id, event);
  }
  const liesInSlice = (event: ChromeEvent): boolean =>
    (event.ph === 's' || event.ph === 'f') &&
    (lanes.get(`${event.pid} ${event.tid}`) ?? []).some(({ ts, dur }) => ts <= event.ts && event.ts < ts + dur);
  return [...flows.values()].flatMap((events) => {
    const [start, finish] = events;
    const isPair = events.length === 2 && start!.ph === 's' && finish!.ph === 'f' && start!.ts <= finish!.ts;
    return isPair && events.every(liesInSlice) ? [] : events;
  });
}

function push<Key, Value>(groups: Map<Key, Value[]>, key: Key, value: Value): void {
  const group = groups.get(key);
  if (group === undefined) groups.set(key, [value]);
  else group.push(value);
}
