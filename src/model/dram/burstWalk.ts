/** A tile in memory as runs of bits, and the bursts that touch them: made one by one, never stored. */

/** Equal runs in up to a few nested loops, outermost first. Bit addresses. */
export interface Runs {
  readonly base: number;
  readonly runBits: number;
  readonly loops: readonly { readonly count: number; readonly strideBits: number }[];
}

/** The bursts that a tile takes. */
export function burstsOf(runs: Runs, burstBytes: number): number {
  const walk = new BurstWalk(burstBytes);
  let bursts = 0;
  for (walk.start(runs); !walk.isDone; walk.advance()) bursts++;
  return bursts;
}

/** Walks over the bursts of one tile after the other. A burst that two neighbouring runs share is asked for once. */
export class BurstWalk {
  /** Number of the current burst in the memory; only while `isDone` is false. */
  burst = 0;
  isDone = true;
  private readonly burstBits: number;
  private loops: Runs['loops'] = [];
  private index: number[] = [];
  private runBits = 0;
  private runBase = 0;
  /** The last burst of the current run. */
  private lastOfRun = -1;

  constructor(burstBytes: number) {
    this.burstBits = 8 * burstBytes;
  }

  /** Turns to the first burst of a tile. */
  start({ base, runBits, loops }: Runs): void {
    this.loops = loops;
    this.index = loops.map(() => 0);
    this.runBits = runBits;
    this.runBase = base;
    this.isDone = false;
    this.enterRun(-1);
  }

  /** Goes to the next burst. */
  advance(): void {
    const previous = this.burst;
    if (previous < this.lastOfRun) {
      this.burst++;
      return;
    }
    do {
      if (!this.nextRun()) {
        this.isDone = true;
        return;
      }
      this.enterRun(previous);
    } while (this.burst > this.lastOfRun);
  }

  /** Bursts that follow the current one in its run. */
  get ahead(): number {
    return this.lastOfRun - this.burst;
  }

  /** Goes on by so many bursts, no more than are `ahead`. */
  skip(bursts: number): void {
    this.burst += bursts;
  }

  /** Sets out on the current run; the burst asked for last is not asked for again. */
  private enterRun(previous: number): void {
    const first = Math.floor(this.runBase / this.burstBits);
    this.lastOfRun = Math.floor((this.runBase + this.runBits - 1) / this.burstBits);
    this.burst = first === previous ? first + 1 : first;
  }

  private nextRun(): boolean {
    const { loops, index } = this;
    for (let place = loops.length - 1; place >= 0; place--) {
      const { count, strideBits } = loops[place]!;
      if (index[place]! + 1 < count) {
        index[place] = index[place]! + 1;
        this.runBase += strideBits;
        return true;
      }
      this.runBase -= index[place]! * strideBits;
      index[place] = 0;
    }
    return false;
  }
}
