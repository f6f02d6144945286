/** Keeps a trace small: what is selected, and a size that it does not exceed. */
import type { Layer } from '../layers/layer.ts';
import { type CounterSample, type Flow, hasStep, type Slice, type TraceSink } from './slice.ts';

/** A range of whole numbers, both ends included. */
export interface Range {
  readonly first: number;
  readonly last: number;
}

/** What to show; whatever is left out is not restricted. */
export interface Selection {
  /** Names of layers. */
  readonly layers?: ReadonlySet<string>;
  /** Steps within a layer. Counters and DRAM channels, which have none, are left out then. */
  readonly steps?: Range;
  /** Network cycles; a slice that reaches into the range is shown whole. */
  readonly cycles?: Range;
  /** Keys of lanes. */
  readonly lanes?: ReadonlySet<string>;
}

/** What was left out because the size was reached. */
export interface LeftOut {
  slices: number;
  /** Where it began. */
  cycle: number;
  layer: string;
}

const within = (value: number, range: Range | undefined): boolean =>
  range === undefined || (value >= range.first && value <= range.last);

function selectsLayer({ layers, cycles }: Selection, layer: Layer, start: number, end: number): boolean {
  if (layers !== undefined && !layers.has(layer.name)) return false;
  return cycles === undefined || (start <= cycles.last && end > cycles.first);
}

function selects(selection: Selection, slice: Slice): boolean {
  const { steps, lanes } = selection;
  if (!selectsLayer(selection, slice.traced.layer, slice.start, slice.end)) return false;
  if (lanes !== undefined && !lanes.has(slice.lane.key)) return false;
  return slice.kind === 'layer' || (hasStep(slice.kind) ? within(slice.step, steps) : steps === undefined);
}

/** Passes on what is selected until `isFull` says that there is no room; from then on nothing. */
export class BoundedSink implements TraceSink {
  /** Undefined as long as there was room for everything. */
  leftOut: LeftOut | undefined;
  private readonly sink: TraceSink;
  private readonly selection: Selection;
  private readonly isFull: () => boolean;

  constructor(sink: TraceSink, selection: Selection, isFull: () => boolean) {
    this.sink = sink;
    this.selection = selection;
    this.isFull = isFull;
  }

  wants(layer: Layer, start: number, end: number): boolean {
    return selectsLayer(this.selection, layer, start, end);
  }

  slice(slice: Slice): boolean {
    if (!selects(this.selection, slice)) return false;
    if (this.leftOut === undefined && this.isFull()) {
      this.leftOut = { slices: 0, cycle: slice.start, layer: slice.traced.layer.name };
    }
    if (this.leftOut === undefined) return this.sink.slice(slice);
    this.leftOut.slices++;
    return false;
  }

  flow(flow: Flow): void {
    if (this.leftOut === undefined) this.sink.flow(flow);
  }

  counter(sample: CounterSample): void {
    const { layers, steps, cycles, lanes } = this.selection;
    if (this.leftOut !== undefined || steps !== undefined || !within(sample.cycle, cycles)) return;
    if (layers !== undefined && !layers.has(sample.layer.name)) return;
    if (lanes !== undefined && !lanes.has(sample.counter.key)) return;
    this.sink.counter(sample);
  }
}

/** What was left out, in words for the file and for stderr. */
export function leftOutInWords({ slices, cycle, layer }: LeftOut, mostMegabytes: number): string {
  return (
    `the size limit of ${mostMegabytes} MB is reached: ${slices} slices from cycle ${cycle} (${layer}) on are left out; ` +
    'select less with --layer, --steps, --cycles or --lanes, or raise --max-size'
  );
}
