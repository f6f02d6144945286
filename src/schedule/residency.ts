/**
 * Which slot of an SRAM holds which tile, decided in step order and hence independent of timing: the loading side
 * and the computing side each keep one and agree. The slot used longest ago is taken.
 */
export class Residency {
  /** Of the last `use`: its slot, the number of the load that filled it, and whether that load is new. */
  slot = 0;
  load = 0;
  isMiss = false;
  /** Of a miss: the last step that uses what the slot held before; it must have computed first. −1 if there is none. */
  evictedLastStep = -1;

  private readonly keys: number[];
  private readonly lastSteps: number[];
  private readonly loads: number[];
  private loadCount = 0;
  private readonly reuse: 'any slot' | 'latest' | 'never';

  /** `reuse`: a tile is found in any slot, only where it is the one used last, or never (each use loads). */
  constructor(slots: number, reuse: 'any slot' | 'latest' | 'never') {
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
    if (this.reuse === 'never') return -1;
    if (this.reuse === 'latest') return this.loadCount > 0 && this.keys[this.slot] === key ? this.slot : -1;
    return this.keys.indexOf(key);
  }

  private oldest(): number {
    // Without reuse across slots they are taken in turn.
    if (this.reuse !== 'any slot') return this.slot + 1 < this.keys.length ? this.slot + 1 : 0;
    let oldest = 0;
    for (let slot = 1; slot < this.lastSteps.length; slot++) {
      if (this.lastSteps[slot]! < this.lastSteps[oldest]!) oldest = slot;
    }
    return oldest;
  }
}
