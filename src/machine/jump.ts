/** Moves the machine ahead by a number of periods, each as the one between two snapshots of the same state. */
import type { StateVisitor } from '../engine/stateVisitor.ts';
import type { Snapshot } from './snapshot.ts';

export class Jump implements StateVisitor {
  readonly loop: number;
  private readonly from: Snapshot;
  private readonly to: Snapshot;
  private readonly periods: number;
  private readonly cycles: number;
  private readonly iterations: number;
  private totals = 0;

  /** `to` is the state as it is, which was the same at `from`, `period` iterations of the loop before. */
  constructor(from: Snapshot, to: Snapshot, period: number, periods: number) {
    this.loop = to.loop;
    this.from = from;
    this.to = to;
    this.periods = periods;
    this.cycles = periods * (to.now - from.now);
    this.iterations = periods * period;
  }

  same(): void {}

  cycle(value: number): number {
    return value + this.cycles;
  }

  /** Grows in each period by as much as it has grown in the one seen. */
  total(value: number): number {
    const place = this.totals++;
    return value + this.periods * (this.to.totalAt(place) - this.from.totalAt(place));
  }

  iteration(value: number): number {
    return value + this.iterations;
  }
}
