/** A tile buffer of the systolic side (WBuf, IBuf or BBuf): slots that loads fill and computes read. */
import { Residency } from '../schedule/residency.ts';
import { SlotRing } from './slotRing.ts';

export class TileSram {
  readonly slots: number;
  /** The loading side's view of the slots. */
  readonly filling: Residency;
  /** The computing side's view. */
  readonly reading: Residency;
  /** Loads that have arrived. */
  arrivals = 0;
  /** When the tile in each slot arrived. */
  readonly arrivalCycles: number[];

  private readonly underWay: SlotRing;

  constructor(slots: number, reuse: 'any slot' | 'latest' | 'never') {
    this.slots = slots;
    this.filling = new Residency(slots, reuse);
    this.reading = new Residency(slots, reuse);
    this.arrivalCycles = new Array<number>(slots).fill(0);
    this.underWay = new SlotRing(slots);
  }

  /** The tile that `filling` just placed has been asked for. */
  request(): void {
    this.underWay.push(this.filling.slot);
  }

  /** The oldest tile under way is complete. */
  arrive(cycle: number): void {
    this.arrivalCycles[this.underWay.shift()] = cycle;
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
