/** A counter that passes on one sample per cycle at most, and only where the value changes. */
import type { Layer } from '../../model/layers/layer.ts';
import type { Counter, TraceSink } from './slice.ts';

export class SteppedCounter {
  value = 0;
  private shown = 0;
  private cycle = 0;
  private layer: Layer | undefined;
  private readonly counter: Counter;
  private readonly sink: TraceSink;

  constructor(counter: Counter, sink: TraceSink) {
    this.counter = counter;
    this.sink = sink;
  }

  /** From `cycle` on, which is no earlier than the last one given, the value is this. */
  set(layer: Layer, cycle: number, value: number): void {
    if (cycle > this.cycle) this.flush();
    this.cycle = cycle;
    this.layer = layer;
    this.value = value;
  }

  /** Passes on what is kept back because it might still change in the same cycle; that it may not after this. */
  flush(): void {
    if (this.value === this.shown) return;
    this.shown = this.value;
    this.sink.counter({ counter: this.counter, layer: this.layer!, cycle: this.cycle, value: this.value });
  }
}
