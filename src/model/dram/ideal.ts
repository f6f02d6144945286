/** The paper's DRAM: a pipe of fixed width without latency. */

/** How long an off-chip interface takes for a transfer. */
export interface DramPort {
  /** Cycles that `bits` take, at least 1 for any bits at all. */
  transferCycles(bits: number): number;
}

/** ⌈bits / BW⌉. */
export class IdealPort implements DramPort {
  readonly bitsPerCycle: number;
  // Most transfers are as large as the one before: that saves the division.
  private lastBits = 0;
  private lastCycles = 0;

  constructor(bitsPerCycle: number) {
    this.bitsPerCycle = bitsPerCycle;
  }

  transferCycles(bits: number): number {
    if (bits !== this.lastBits) {
      this.lastBits = bits;
      this.lastCycles = Math.ceil(bits / this.bitsPerCycle);
    }
    return this.lastCycles;
  }
}
