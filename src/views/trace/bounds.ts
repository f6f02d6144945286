/** Keeps a trace small: passes on what is selected, as long as there is room for it. */

import type { Layer } from '../../model/layers/layer.ts';
import { shownName } from '../../model/schemas/printable.ts';
import { CounterWindow } from './counterWindow.ts';
import { type Selection, selectsLayer, selectsSlice } from './selection.ts';
import type { CounterSample, Flow, Slice, TraceSink } from './slice.ts';

/** What was left out because the size was reached. */
export interface LeftOut {
  slices: number;
  /** Where it began. */
  cycle: number;
  layer: string;
}

/** Passes on what is selected until its sink refuses something; from then on nothing. */
export class BoundedSink implements TraceSink {
  /** Undefined as long as there was room for everything. */
  leftOut: LeftOut | undefined;
  /** Whether nothing at all was selected so far. */
  isEmpty = true;
  private readonly sink: TraceSink;
  private readonly selection: Selection;
  private readonly window: CounterWindow;
  /** Up to where slices and samples have been passed on. */
  private reached = 0;

  constructor(sink: TraceSink, selection: Selection) {
    this.sink = sink;
    this.selection = selection;
    this.window = new CounterWindow(selection, (sample) => this.passSample(sample));
  }

  wants(layer: Layer, start: number, end: number): boolean {
    return selectsLayer(this.selection, layer, start, end);
  }

  counts({ name }: Layer): boolean {
    return this.selection.layers?.has(name) ?? true;
  }

  slice(slice: Slice): boolean {
    if (!selectsSlice(this.selection, slice)) return false;
    this.isEmpty = false;
    if (this.leftOut === undefined && this.sink.slice(slice)) {
      if (slice.end > this.reached) this.reached = slice.end;
      return true;
    }
    this.stop(slice.start, slice.traced.layer).slices++;
    return false;
  }

  flow(flow: Flow): boolean {
    return this.leftOut === undefined && this.sink.flow(flow);
  }

  counter(sample: CounterSample): boolean {
    if (this.leftOut === undefined) this.window.add(sample);
    return this.leftOut === undefined;
  }

  /** The run is over. Returns samples that end the counters of a trace that was cut. */
  end(): CounterSample[] {
    if (this.leftOut === undefined) this.window.end();
    return this.leftOut === undefined ? [] : this.window.endsFrom(this.reached);
  }

  private passSample(sample: CounterSample): boolean {
    this.isEmpty = false;
    if (this.leftOut === undefined && this.sink.counter(sample)) {
      if (sample.cycle > this.reached) this.reached = sample.cycle;
      return true;
    }
    this.stop(sample.cycle, sample.layer);
    return false;
  }

  private stop(cycle: number, { name }: Layer): LeftOut {
    this.leftOut ??= { slices: 0, cycle, layer: name };
    return this.leftOut;
  }
}

/** What was left out, in words for the file and for stderr. */
export function leftOutInWords({ slices, cycle, layer }: LeftOut, mostMegabytes: number): string {
  return (
    `the size limit of ${mostMegabytes} MB is reached: ${slices} slices from cycle ${cycle} (${shownName(layer)}) on are left out; ` +
    'select less with --layer, --steps, --tile-range, --cycles or --lanes, or raise --max-size'
  );
}

/** The longest that this can become for a run of these layers. */
export function longestNotice(layers: readonly Layer[], mostMegabytes: number): string {
  // As JSON, where a backslash takes two.
  const lengthOf = (name: string): number => JSON.stringify(shownName(name)).length;
  const longest = layers.reduce((name, layer) => (lengthOf(layer.name) > lengthOf(name) ? layer.name : name), '');
  const most = Number.MAX_SAFE_INTEGER;
  return leftOutInWords({ slices: most, cycle: most, layer: longest }, mostMegabytes);
}
