/** Plays a banked memory in step with the accelerator's event queue, for as long as a transfer's end is not known. */
import type { Memory } from '../dram/memory.ts';
import { type EventHandler, type EventQueue, PHASE, SimEvent } from '../engine/eventQueue.ts';

/** Memory cycles per accelerator cycle as a fraction in lowest terms: 965 ps over 1000 ps is 193/200. */
export class ClockRatio {
  readonly memory: number;
  readonly accelerator: number;

  constructor(acceleratorPicoseconds: number, memoryPicoseconds: number) {
    const divisor = greatestCommonDivisor(acceleratorPicoseconds, memoryPicoseconds);
    this.memory = acceleratorPicoseconds / divisor;
    this.accelerator = memoryPicoseconds / divisor;
  }

  /** The first memory cycle that begins no earlier than an accelerator cycle. */
  toMemory(cycle: number): number {
    return Math.ceil((cycle * this.memory) / this.accelerator);
  }

  /** The accelerator cycle in which a memory cycle begins. */
  cycleOf(memoryCycle: number): number {
    return Math.floor((memoryCycle * this.accelerator) / this.memory);
  }

  /** The accelerator cycle in which a time on a link lies, which is a sum of rounded fractions. */
  startOf(memoryTime: number): number {
    return Math.floor((memoryTime * this.accelerator) / this.memory + ROUNDING);
  }

  /** The first accelerator cycle no earlier than a time on a link. */
  endOf(memoryTime: number): number {
    return Math.ceil((memoryTime * this.accelerator) / this.memory - ROUNDING);
  }
}

/** Far below the shortest step of any clock, far above what rounding can add to a time. */
const ROUNDING = 1e-6;

/** Euclid; periods may be fractions of a picosecond, which are powers of ten apart at most. */
function greatestCommonDivisor(a: number, b: number): number {
  const scale = 1000;
  let [x, y] = [Math.round(a * scale), Math.round(b * scale)];
  while (y !== 0) [x, y] = [y, x % y];
  return x / scale;
}

const NEVER = Number.POSITIVE_INFINITY;

export class MemoryClock implements EventHandler {
  private readonly memory: Memory;
  private readonly ratio: ClockRatio;
  private readonly queue: EventQueue;
  private readonly wake = new SimEvent(PHASE.memory, this);
  /** The cycle for which the wake is pending. */
  private wakeCycle = NEVER;
  /** Accelerator cycles before the layer that runs: the memory's time goes on from layer to layer. */
  private epoch = 0;

  constructor(memory: Memory, ratio: ClockRatio, queue: EventQueue) {
    this.memory = memory;
    this.ratio = ratio;
    this.queue = queue;
  }

  /** The queue's clock is about to be set back to 0, after a layer of so many cycles. */
  layerEnded(cycles: number): void {
    this.epoch += cycles;
  }

  /** The memory cycle of now, up to which everything has been played; transfers begin in it. */
  catchUp(): number {
    const now = this.ratio.toMemory(this.epoch + this.queue.now);
    this.memory.advance(now - 1);
    return now;
  }

  /** A transfer has begun: the memory has something to do. */
  begun(memoryCycle: number): void {
    this.memory.wake(memoryCycle);
    this.scheduleWake();
  }

  /** In which of the layer's accelerator cycles a time of the memory's lies. */
  startOf(memoryTime: number): number {
    return this.ratio.startOf(memoryTime) - this.epoch;
  }

  /** When a time of the memory's is over, in the layer's accelerator cycles. */
  endOf(memoryTime: number): number {
    return this.ratio.endOf(memoryTime) - this.epoch;
  }

  /** Plays all memory cycles that begin in this accelerator cycle. */
  handle(cycle: number): void {
    this.wakeCycle = NEVER;
    this.memory.advance(this.ratio.toMemory(this.epoch + cycle + 1) - 1);
    this.scheduleWake();
  }

  private scheduleWake(): void {
    if (!this.memory.isBusy()) return;
    const cycle = Math.max(this.queue.now, this.ratio.cycleOf(this.memory.nextCycle) - this.epoch);
    if (cycle >= this.wakeCycle) return;
    if (this.wakeCycle !== NEVER) this.queue.cancel(this.wake);
    this.wakeCycle = cycle;
    this.queue.schedule(this.wake, cycle);
  }
}
