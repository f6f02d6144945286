/**
 * Plays a banked memory for as long as a transfer's end is not known: up to the next event of the accelerator, before
 * which nothing can be asked of the memory.
 */
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
/** Memory cycles that one event plays at most, so that a run can pause. */
const CYCLES_PER_EVENT = 4096;

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

  /** The layer's accelerator cycle that the memory has come to: it may be ahead of the events. */
  now(): number {
    return Math.max(this.queue.now, this.ratio.cycleOf(this.memory.cycle) - this.epoch);
  }

  /** In which of the layer's accelerator cycles a time of the memory's lies. */
  startOf(memoryTime: number): number {
    return this.ratio.startOf(memoryTime) - this.epoch;
  }

  /** When a time of the memory's is over, in the layer's accelerator cycles. */
  endOf(memoryTime: number): number {
    return this.ratio.endOf(memoryTime) - this.epoch;
  }

  /** A transfer ends in this of the layer's accelerator cycles: then another may begin, so the memory stops before it. */
  endScheduled(cycle: number): void {
    this.memory.limit = Math.min(this.memory.limit, this.lastBefore(cycle));
  }

  /** The end of a transfer is known: if it was the last one, the memory stops for now with this accelerator cycle. */
  endKnown(): void {
    if (!this.memory.isBusy()) this.memory.limit = Math.min(this.memory.limit, this.lastBefore(this.now() + 1));
  }

  /** Plays all memory cycles that begin in this accelerator cycle, and those before the next event. */
  handle(cycle: number): void {
    this.wakeCycle = NEVER;
    const ahead = Math.min(this.lastBefore(this.queue.nextCycle()), this.memory.nextCycle + CYCLES_PER_EVENT);
    this.memory.advance(Math.max(this.lastBefore(cycle + 1), ahead));
    this.scheduleWake();
  }

  /** The last memory cycle that begins before one of the layer's accelerator cycles. */
  private lastBefore(cycle: number): number {
    return this.ratio.toMemory(this.epoch + cycle) - 1;
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
