/**
 * Which slot of an SRAM holds which tile, decided in step order and hence independent of timing: the loading side
 * and the computing side each keep one and agree. The slot used longest ago is taken.
 */
export class Residency {
  /** Of the last `use`: its slot, the number of the load that filled it, and whether that load is new. */
  slot: number;
  load = 0;
  isMiss = false;
  /** Of a miss: the last step that uses what the slot held before; it must have computed first. −1 if there is none. */
  evictedLastStep = -1;

  private readonly keys: number[];
  private readonly lastSteps: number[];
  private readonly loads: number[];
  private readonly reuse: 'any slot' | 'latest';
  private loadCount = 0;

  /** `reuse`: whether a tile is found in any slot, or only in the one used last. */
  constructor(slots: number, reuse: 'any slot' | 'latest') {
    this.keys = new Array<number>(slots).fill(-1);
    this.lastSteps = new Array<number>(slots).fill(-1);
    this.loads = new Array<number>(slots).fill(-1);
    this.reuse = reuse;
    this.slot = slots - 1;
  }

  /** The tile `key` is used by the steps up to `lastStep`. */
  use(key: number, lastStep: number): void {
    const found = this.find(key);
    this.isMiss = found < 0;
    if (this.isMiss) {
      this.slot = this.oldest();
      this.evictedLastStep = this.lastSteps[this.slot]!;
      this.keys[this.slot] = key;
      this.loads[this.slot] = this.loadCount++;
    } else {
      this.slot = found;
    }
    this.lastSteps[this.slot] = lastStep;
    this.load = this.loads[this.slot]!;
  }

  private find(key: number): number {
    if (this.reuse === 'latest') return this.keys[this.slot] === key ? this.slot : -1;
    return this.keys.indexOf(key);
  }

  /** The slot used longest ago; unused ones count as before all time. */
  private oldest(): number {
    let oldest = 0;
    for (let slot = 1; slot < this.lastSteps.length; slot++) {
      if (this.lastSteps[slot]! < this.lastSteps[oldest]!) oldest = slot;
    }
    return oldest;
  }
}
