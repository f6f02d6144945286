/**
 * The bandwidth that an interface uses for the bits that tiles ask for (banked memory moves whole bursts, which may be
 * more: `run` counts those), as steps: each transfer's bits spread evenly from where the one before has ended, or from
 * its own start if that is later. Where transfers overlap, some bits of one have travelled before the one before it
 * ended: a step that would be higher than the interface's bandwidth is joined with the one before. So the steps add up
 * to the bits, and the interface never does more than it can.
 */
import type { Layer } from '../../model/layers/layer.ts';
import type { SteppedCounter } from './steppedCounter.ts';

/** What is joined is hardly ever more than the last two or three; a long chain of transfers must not fill the memory. */
const MOST_STEPS_KEPT = 16;

interface Step {
  readonly start: number;
  readonly layer: Layer;
  end: number;
  bits: number;
}

export class BandwidthAsked {
  private readonly counter: SteppedCounter;
  private readonly bitsPerCycle: number;
  /** The latest steps of transfers that overlap, which one that follows may still be joined with. */
  private steps: Step[] = [];
  private end = 0;

  constructor(counter: SteppedCounter, bitsPerCycle: number) {
    this.counter = counter;
    this.bitsPerCycle = bitsPerCycle;
  }

  /** A transfer has ended, in the order of starts; `nextStart` is when the next one began, if it has. */
  transfer(bits: number, layer: Layer, start: number, end: number, nextStart: number | undefined): void {
    const { steps } = this;
    let last: Step = { start: Math.max(start, this.end), layer, end, bits };
    this.end = end;
    while (this.exceeds(last) && steps.at(-1)?.end === last.start) {
      const { start, layer, bits } = steps.pop()!;
      last = { start, layer, end, bits: bits + last.bits };
    }
    steps.push(last);
    const isOverlapped = nextStart !== undefined && nextStart < end;
    while (steps.length > (isOverlapped ? MOST_STEPS_KEPT : 0)) this.show(steps.shift()!);
  }

  /** Passes on everything that is kept back. */
  flush(): void {
    for (const step of this.steps) this.show(step);
    this.steps = [];
    this.counter.flush();
  }

  private exceeds({ start, end, bits }: Step): boolean {
    return bits > this.bitsPerCycle * (end - start);
  }

  private show({ start, end, bits, layer }: Step): void {
    this.counter.set(layer, start, bits / (end - start));
    this.counter.set(layer, end, 0);
  }
}
