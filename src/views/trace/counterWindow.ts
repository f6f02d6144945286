/**
 * The part of the counters that a selection shows: inside the window of cycles a counter has its value, before and after
 * it is 0, so that no value stands where nothing was selected. What layers that are not selected do is not counted.
 */
import { type Selection, selectsCounter } from './selection.ts';
import type { CounterSample } from './slice.ts';

/** A counter: its latest sample, and what was last passed on of it. */
interface Running {
  latest: CounterSample;
  shown: number;
  shownCycle: number;
}

export class CounterWindow {
  private readonly selection: Selection;
  private readonly pass: (sample: CounterSample) => boolean;
  private readonly counters = new Map<string, Running>();

  /** Hands the samples to show to `pass`, which returns whether it takes them. */
  constructor(selection: Selection, pass: (sample: CounterSample) => boolean) {
    this.selection = selection;
    this.pass = pass;
  }

  /** The next sample of a counter. */
  add(sample: CounterSample): void {
    if (!selectsCounter(this.selection, sample.counter)) return;
    const { name } = sample.counter;
    let running = this.counters.get(name);
    if (running === undefined) {
      running = { latest: { ...sample, cycle: 0, value: 0 }, shown: 0, shownCycle: -1 };
      this.counters.set(name, running);
    }
    const { first = 0, last = Number.POSITIVE_INFINITY } = this.selection.cycles ?? {};
    const { cycle } = sample;
    if (running.latest.cycle < first && cycle > first) this.show(running, { ...running.latest, cycle: first });
    running.latest = sample;
    if (cycle > last) this.show(running, { ...sample, cycle: last + 1, value: 0 });
    else if (cycle >= first) this.show(running, sample);
  }

  /** The run is over: no sample comes any more. */
  end(): void {
    const { cycles } = this.selection;
    if (cycles === undefined) return;
    for (const running of this.counters.values()) {
      if (running.latest.cycle < cycles.first) this.show(running, { ...running.latest, cycle: cycles.first });
      this.show(running, { ...running.latest, cycle: cycles.last + 1, value: 0 });
    }
  }

  /** Samples that end, no earlier than at `cycle`, all counters that do not stand at 0. */
  endsFrom(cycle: number): CounterSample[] {
    return [...this.counters.values()]
      .filter(({ shown }) => shown !== 0)
      .map(({ latest, shownCycle }) => ({ ...latest, cycle: Math.max(cycle, shownCycle + 1), value: 0 }));
  }

  private show(running: Running, sample: CounterSample): void {
    if (sample.value === running.shown || !this.pass(sample)) return;
    running.shown = sample.value;
    running.shownCycle = sample.cycle;
  }
}
