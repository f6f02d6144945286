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
  private readonly slots: number;
  private readonly reuse: 'any slot' | 'latest' | 'never';

  /** `reuse`: a tile is found in any slot, only where it is the one used last, or never (each use loads). */
  constructor(slots: number, reuse: 'any slot' | 'latest' | 'never') {
    this.slots = slots;
    this.keys = new Array<number>(slots).fill(-1);
    this.lastSteps = new Array<number>(slots).fill(-1);
    this.loads = new Array<number>(slots).fill(-1);
    this.reuse = reuse;
    this.slot = slots - 1;
  }

  /** The tile `key` is used by the steps up to `lastStep`. */
  use(key: number, lastStep: number): void {
    const found = this.reuse === 'never' ? -1 : this.find(key);
    this.isMiss = found < 0;
    if (found < 0) {
      // Without reuse across slots they are taken in turn.
      const slot = this.reuse === 'any slot' ? this.oldest() : this.slot + 1 < this.slots ? this.slot + 1 : 0;
      this.evictedLastStep = this.lastSteps[slot]!;
      this.load = this.loadCount++;
      this.slot = slot;
      this.keys[slot] = key;
      this.loads[slot] = this.load;
    } else {
      this.slot = found;
      this.load = this.loads[found]!;
    }
    this.lastSteps[this.slot] = lastStep;
  }

  private find(key: number): number {
    if (this.reuse === 'latest') return this.keys[this.slot] === key ? this.slot : -1;
    return this.keys.indexOf(key);
  }

  /** The slot used longest ago; unused ones count as before all time. */
  private oldest(): number {
    let oldest = 0;
    for (let slot = 1; slot < this.slots; slot++) {
      if (this.lastSteps[slot]! < this.lastSteps[oldest]!) oldest = slot;
    }
    return oldest;
  }
}
