/** The counters of a trace: buffer occupancy, bandwidth asked for and requests outstanding. */
import type { Layer } from '../../model/layers/layer.ts';
import { INTERFACES, type InterfaceName } from '../../model/machine/observer.ts';
import { interfaceBitsPerCycle } from '../../model/machine/offChipInterface.ts';
import type { Hardware } from '../../model/schemas/hardware.ts';
import { BandwidthAsked } from './bandwidthAsked.ts';
import { interfaceKey, TILE_SRAMS, type TileSram } from './lanes.ts';
import type { Counter, TraceSink } from './slice.ts';
import { SteppedCounter } from './steppedCounter.ts';

const ofInterface = (name: InterfaceName, what: string, unit: string): Counter => ({
  name: `${name} interface ${what}`,
  unit,
  key: interfaceKey(name),
});
const occupancyOf = (sram: TileSram): Counter => ({ name: `${sram} occupancy`, unit: 'bits', key: sram });
/** Of the bits that tiles ask for: whole bursts of banked memory may move more. */
const bandwidthOf = (name: InterfaceName): Counter => ofInterface(name, 'bandwidth asked for', 'bits/cycle');
const outstandingOf = (name: InterfaceName): Counter => ofInterface(name, 'outstanding', 'requests');

/** All counters that a trace can have. */
export const COUNTERS: readonly Counter[] = [
  ...TILE_SRAMS.map(occupancyOf),
  ...INTERFACES.map(bandwidthOf),
  ...INTERFACES.map(outstandingOf),
];

export class TraceCounters {
  private readonly occupancy: Readonly<Record<TileSram, SteppedCounter>>;
  private readonly bandwidth: Readonly<Record<InterfaceName, BandwidthAsked>>;
  private readonly outstanding: Readonly<Record<InterfaceName, SteppedCounter>>;
  private cycle = 0;

  constructor(sink: TraceSink, hardware: Hardware) {
    const bitsPerCycle = interfaceBitsPerCycle(hardware);
    const stepped = (counter: Counter): SteppedCounter => new SteppedCounter(counter, sink);
    this.occupancy = recordOf(TILE_SRAMS, (sram) => stepped(occupancyOf(sram)));
    this.bandwidth = recordOf(INTERFACES, (name) => new BandwidthAsked(stepped(bandwidthOf(name)), bitsPerCycle[name]));
    this.outstanding = recordOf(INTERFACES, (name) => stepped(outstandingOf(name)));
  }

  /** The tiles in an SRAM grow by so many bits. */
  occupy(sram: TileSram, bits: number, layer: Layer, cycle: number): void {
    this.passTo(cycle);
    const counter = this.occupancy[sram];
    counter.set(layer, cycle, counter.value + bits);
  }

  /** An interface has this many more requests to serve. */
  request(name: InterfaceName, more: number, layer: Layer, cycle: number): void {
    this.passTo(cycle);
    const counter = this.outstanding[name];
    counter.set(layer, cycle, counter.value + more);
  }

  /** An interface has moved a transfer; `nextStart` is when it began with the next one, if it has. */
  transfer(
    name: InterfaceName,
    bits: number,
    layer: Layer,
    start: number,
    end: number,
    nextStart: number | undefined,
  ): void {
    this.bandwidth[name].transfer(bits, layer, start, end, nextStart);
  }

  /** Passes on everything that is kept back, at the end of the run. */
  flush(): void {
    for (const counters of [this.occupancy, this.bandwidth, this.outstanding]) {
      for (const counter of Object.values(counters)) counter.flush();
    }
  }

  /** What was kept back of earlier cycles cannot change any more, but for the bandwidth of a transfer under way. */
  private passTo(cycle: number): void {
    if (cycle === this.cycle) return;
    this.cycle = cycle;
    for (const sram of TILE_SRAMS) this.occupancy[sram].flush();
    for (const name of INTERFACES) {
      this.outstanding[name].flush();
      if (this.outstanding[name].value === 0) this.bandwidth[name].flush();
    }
  }
}

function recordOf<Key extends string, Value>(keys: readonly Key[], value: (key: Key) => Value): Record<Key, Value> {
  return Object.fromEntries(keys.map((key) => [key, value(key)])) as Record<Key, Value>;
}
