/** The counters of a trace: buffer occupancy, bandwidth used and requests outstanding. */
import type { Layer } from '../layers/layer.ts';
import { INTERFACES, type InterfaceName } from '../machine/observer.ts';
import { interfaceKey, TILE_SRAMS, type TileSram } from './lanes.ts';
import type { Counter, TraceSink } from './slice.ts';

/** A counter that passes on one sample per cycle at most, and only where the value changes. */
class SteppedCounter {
  value = 0;
  private shown = 0;
  private cycle = 0;
  private readonly counter: Counter;
  private readonly sink: TraceSink;

  constructor(counter: Counter, sink: TraceSink) {
    this.counter = counter;
    this.sink = sink;
  }

  /** From `cycle` on, which is no earlier than the last one given, the value is this. */
  set(layer: Layer, cycle: number, value: number): void {
    if (cycle > this.cycle) this.flush(layer);
    this.cycle = cycle;
    this.value = value;
  }

  /** Passes on what is kept back because it might still change in the same cycle. */
  flush(layer: Layer): void {
    if (this.value === this.shown) return;
    this.shown = this.value;
    this.sink.counter({ counter: this.counter, layer, cycle: this.cycle, value: this.value });
  }
}

export class TraceCounters {
  private readonly occupancy: Readonly<Record<TileSram, SteppedCounter>>;
  private readonly bandwidth: Readonly<Record<InterfaceName, SteppedCounter>>;
  private readonly outstanding: Readonly<Record<InterfaceName, SteppedCounter>>;

  constructor(sink: TraceSink) {
    const perSram = (sram: TileSram) =>
      new SteppedCounter({ name: `${sram} occupancy`, unit: 'bits', key: sram }, sink);
    const perInterface = (name: InterfaceName, what: string, unit: string) =>
      new SteppedCounter({ name: `${name} interface ${what}`, unit, key: interfaceKey(name) }, sink);
    this.occupancy = recordOf(TILE_SRAMS, perSram);
    this.bandwidth = recordOf(INTERFACES, (name) => perInterface(name, 'bandwidth used', 'bits/cycle'));
    this.outstanding = recordOf(INTERFACES, (name) => perInterface(name, 'outstanding', 'requests'));
  }

  /** The tiles in an SRAM grow by so many bits. */
  occupy(sram: TileSram, bits: number, layer: Layer, cycle: number): void {
    const counter = this.occupancy[sram];
    counter.set(layer, cycle, counter.value + bits);
  }

  /** An interface has this many more requests to serve. */
  request(name: InterfaceName, more: number, layer: Layer, cycle: number): void {
    const counter = this.outstanding[name];
    counter.set(layer, cycle, counter.value + more);
  }

  /** An interface has moved so many bits from one cycle to another. */
  transfer(name: InterfaceName, bits: number, layer: Layer, start: number, end: number): void {
    if (end > start) this.bandwidth[name].set(layer, start, bits / (end - start));
    this.bandwidth[name].set(layer, end, 0);
  }

  /** Passes on everything that is kept back. */
  flush(layer: Layer): void {
    for (const counters of [this.occupancy, this.bandwidth, this.outstanding]) {
      for (const counter of Object.values(counters) as SteppedCounter[]) counter.flush(layer);
    }
  }
}

function recordOf<Key extends string, Value>(keys: readonly Key[], value: (key: Key) => Value): Record<Key, Value> {
  return Object.fromEntries(keys.map((key) => [key, value(key)])) as Record<Key, Value>;
}
