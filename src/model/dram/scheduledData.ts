/** Read bursts whose data has been scheduled a little ahead on several channels, by the cycle of their commands. */
export class ScheduledData {
  private readonly channels: number;
  private readonly mask: number;
  /** Per cycle how many there are, and their tags in the order of the channels. */
  readonly count: Uint8Array;
  readonly tag: Int32Array;

  /** Of up to so many cycles in a row, each with at most one burst of a channel. */
  constructor(cycles: number, channels: number) {
    const size = 2 ** Math.ceil(Math.log2(cycles));
    this.channels = channels;
    this.mask = size - 1;
    this.count = new Uint8Array(size);
    this.tag = new Int32Array(size * channels);
  }

  /** The command of a burst issues in cycle `c`; channels come one after the other. */
  add(c: number, tag: number): void {
    const slot = c & this.mask;
    this.tag[slot * this.channels + this.count[slot]!++] = tag;
  }

  /** Takes out what there is of a cycle: the bursts, and where their tags begin. */
  take(c: number): number {
    const slot = c & this.mask;
    const count = this.count[slot]!;
    this.count[slot] = 0;
    return count;
  }

  tagsFrom(c: number): number {
    return (c & this.mask) * this.channels;
  }
}
