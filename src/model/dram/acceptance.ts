/** Bursts that a memory accepts in cycles one behind the other, at most so many in each. */
export class Acceptance {
  bursts = 0;
  /** The last cycle, and how many in it. */
  cycle = -1;
  inCycle = 0;
  private readonly most: number;

  constructor(mostPerCycle: number) {
    this.most = mostPerCycle;
  }

  /** Begins anew: none so far. */
  clear(): void {
    this.bursts = 0;
    this.cycle = -1;
    this.inCycle = 0;
  }

  /** The first cycle from `due` on in which one more may be accepted. */
  from(due: number): number {
    if (due > this.cycle) return due;
    return this.inCycle < this.most ? this.cycle : this.cycle + 1;
  }

  /** One more is accepted in `cycle`. */
  add(cycle: number): void {
    if (cycle > this.cycle) {
      this.cycle = cycle;
      this.inCycle = 0;
    }
    this.inCycle++;
    this.bursts++;
  }
}
