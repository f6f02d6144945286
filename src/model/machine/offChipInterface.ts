/** An off-chip interface: serves transfers in the order of its queue, one at a time, without pre-emption. */
import type { DramPort } from '../dram/ideal.ts';
import { type EventHandler, type EventQueue, PHASE, SimEvent } from '../engine/eventQueue.ts';
import type { StateList } from '../engine/stateList.ts';
import { type Hardware, usableWeightBitsPerCycle } from '../schemas/hardware.ts';
import type { InterfaceName, MachineObserver, TileMove } from './observer.ts';
import type { TransferClient, TransferPort } from './ports.ts';

const INITIAL_CAPACITY = 8;

/** What each interface can move at most. */
export function interfaceBitsPerCycle(hardware: Hardware): Record<InterfaceName, number> {
  return { ...hardware.bitsPerCycle, weight: usableWeightBitsPerCycle(hardware) };
}

export class OffChipInterface implements TransferPort, EventHandler {
  readonly name: InterfaceName;
  busyCycles = 0;
  lastCycles = 0;
  bitsMoved = 0;
  /** Who watches, if anybody. */
  observer: MachineObserver | undefined = undefined;

  private client: TransferClient | undefined = undefined;
  private readonly queue: EventQueue;
  private readonly port: DramPort;
  private readonly ended = new SimEvent(PHASE.transferEnd, this);
  /** Waiting requests, a ring: tag, bits of the first part, bits of the second. */
  private readonly tags: number[] = new Array<number>(INITIAL_CAPACITY).fill(0);
  private readonly firstBits: number[] = new Array<number>(INITIAL_CAPACITY).fill(0);
  private readonly secondBits: number[] = new Array<number>(INITIAL_CAPACITY).fill(0);
  private head = 0;
  private waiting = 0;
  private isBusy = false;
  private servedTag = 0;
  private servedFirstBits = 0;
  private servedSecondBits = 0;
  private servedCycles = 0;
  private firstPartCycle = 0;

  constructor(name: InterfaceName, queue: EventQueue, port: DramPort) {
    this.name = name;
    this.queue = queue;
    this.port = port;
  }

  /** Who is told of ends from now on. */
  attach(client: TransferClient): void {
    this.client = client;
  }

  /** Queues a transfer of two parts, one behind the other, each ⌈bits/BW⌉ with an ideal DRAM; a part may be empty. */
  request(tag: number, firstBits: number, secondBits: number, moves: readonly TileMove[]): void {
    if (this.observer !== undefined) this.observer.transferRequested(this.name, moves, this.queue.now);
    if (!this.isBusy) {
      this.serve(tag, firstBits, secondBits);
      return;
    }
    if (this.waiting === this.tags.length) this.grow();
    const end = this.head + this.waiting;
    const place = end < this.tags.length ? end : end - this.tags.length;
    this.tags[place] = tag;
    this.firstBits[place] = firstBits;
    this.secondBits[place] = secondBits;
    this.waiting++;
  }

  /** The transfer being served has ended: the next one starts, then the client hears of it. */
  handle(cycle: number): void {
    const tag = this.servedTag;
    const { firstPartCycle, servedFirstBits: firstBits, servedSecondBits: secondBits } = this;
    this.bitsMoved += firstBits + secondBits;
    this.lastCycles = this.servedCycles;
    this.isBusy = false;
    if (this.observer !== undefined) this.observer.transferEnded(this.name, cycle, firstPartCycle);
    // What the client asks for because of this end goes behind what already waits.
    if (this.waiting > 0) {
      const place = this.head;
      this.head = place + 1 < this.tags.length ? place + 1 : 0;
      this.waiting--;
      this.serve(this.tags[place]!, this.firstBits[place]!, this.secondBits[place]!);
    }
    this.client!.transferEnded(tag, cycle, firstPartCycle, firstBits, secondBits);
  }

  private serve(tag: number, firstBits: number, secondBits: number): void {
    const first = firstBits > 0 ? this.port.transferCycles(firstBits) : 0;
    const cycles = first + (secondBits > 0 ? this.port.transferCycles(secondBits) : 0);
    this.isBusy = true;
    this.servedTag = tag;
    this.servedFirstBits = firstBits;
    this.servedSecondBits = secondBits;
    this.servedCycles = cycles;
    this.firstPartCycle = this.queue.now + first;
    this.busyCycles += cycles;
    if (this.observer !== undefined) this.observer.transferStarted(this.name, this.queue.now);
    this.queue.schedule(this.ended, this.queue.now + cycles);
  }

  isIdle(): boolean {
    return !this.isBusy;
  }

  listState(state: StateList): void {
    this.busyCycles = state.total(this.busyCycles);
    this.bitsMoved = state.total(this.bitsMoved);
    this.queue.listEvent(this.ended, this.isBusy, state);
    if (!this.isBusy) return;
    state.same(this.servedTag);
    state.same(this.servedFirstBits);
    state.same(this.servedSecondBits);
    this.firstPartCycle = state.cycle(this.firstPartCycle);
    state.same(this.waiting);
    for (let behind = 0; behind < this.waiting; behind++) {
      const place = (this.head + behind) % this.tags.length;
      state.same(this.tags[place]!);
      state.same(this.firstBits[place]!);
      state.same(this.secondBits[place]!);
    }
  }

  /** Makes room behind the last request by moving those before the head to a new end. */
  private grow(): void {
    for (const ring of [this.tags, this.firstBits, this.secondBits]) {
      ring.push(...ring.splice(0, this.head));
      ring.push(...new Array<number>(ring.length).fill(0));
    }
    this.head = 0;
  }
}
