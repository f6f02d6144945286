/** A tile buffer of the systolic side (WBuf, IBuf or BBuf): slots that loads fill and computes read. */
import { Residency } from '../schedule/residency.ts';

export class TileSram {
  readonly slots: number;
  /** The loading side's view of the slots. */
  readonly filling: Residency;
  /** The computing side's view. */
  readonly reading: Residency;
  /** Loads that have arrived. */
  arrivals = 0;
  /** When the tile in each slot arrived. */
  readonly arrivalCycles: Float64Array;

  /** Slots of the loads under way, oldest first, as a ring. */
  private readonly underWay: Int32Array;
  private requested = 0;

  constructor(slots: number, reuse: 'any slot' | 'latest' | 'never') {
    this.slots = slots;
    this.filling = new Residency(slots, reuse);
    this.reading = new Residency(slots, reuse);
    this.arrivalCycles = new Float64Array(slots);
    this.underWay = new Int32Array(slots + 1);
  }

  /** The tile that `filling` just placed has been asked for. */
  request(): void {
    this.underWay[this.requested++ % this.underWay.length] = this.filling.slot;
  }

  /** The oldest tile under way is complete. */
  arrive(cycle: number): void {
    this.arrivalCycles[this.underWay[this.arrivals % this.underWay.length]!] = cycle;
    this.arrivals++;
  }

  /** Whether the tile that `reading` looks at is here. */
  isReady(): boolean {
    return this.arrivals > this.reading.load;
  }

  /** When it arrived. */
  readyCycle(): number {
    return this.arrivalCycles[this.reading.slot]!;
  }
}
