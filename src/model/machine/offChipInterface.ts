/** An off-chip interface: serves transfers in the order of its queue, one at a time, without pre-emption. */
import type { DramPort } from '../dram/ideal.ts';
import { type EventHandler, type EventQueue, PHASE, SimEvent } from '../engine/eventQueue.ts';
import type { Stateful, StateVisitor } from '../engine/stateVisitor.ts';
import type { InterfaceName, MachineObserver } from './observer.ts';

/** Who asked for a transfer. Told when it ends. */
export interface TransferClient {
  /** `tag` as given with the request; `firstPartCycle` is when the first of its two parts was complete. */
  transferEnded(tag: number, cycle: number, firstPartCycle: number): void;
}

/** What the machine's parts see of an interface, whatever memory is behind it. */
export interface OffChip extends Stateful {
  readonly name: InterfaceName;
  /** Cycles in which a transfer was under way. */
  readonly busyCycles: number;
  /** Bits whose transfer has ended. */
  readonly bitsMoved: number;
  /** Who watches, if anybody. */
  observer: MachineObserver | undefined;
  /** Whose transfers these are from now on; statistics start anew. */
  attach(client: TransferClient): void;
  /** Queues a transfer of two parts, one behind the other; a part may be empty. */
  request(tag: number, firstBits: number, secondBits: number): void;
  /** Whether no transfer is under way, nor waits. */
  isIdle(): boolean;
}

const INITIAL_CAPACITY = 8;

export class OffChipInterface implements OffChip, EventHandler {
  busyCycles = 0;
  /** Who watches, if anybody. */
  observer: MachineObserver | undefined;
  readonly name: InterfaceName;
  /** Bits whose transfer has ended. */
  bitsMoved = 0;

  private client: TransferClient | undefined;
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
  private servedBits = 0;
  private firstPartCycle = 0;

  constructor(name: InterfaceName, queue: EventQueue, port: DramPort) {
    this.name = name;
    this.queue = queue;
    this.port = port;
  }

  /** Whose transfers these are from now on; statistics start anew. */
  attach(client: TransferClient): void {
    this.client = client;
    this.busyCycles = 0;
    this.bitsMoved = 0;
  }

  /** Queues a transfer of two parts, one behind the other, each ⌈bits/BW⌉ with an ideal DRAM; a part may be empty. */
  request(tag: number, firstBits: number, secondBits: number): void {
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
    const firstPartCycle = this.firstPartCycle;
    this.bitsMoved += this.servedBits;
    this.isBusy = false;
    if (this.observer !== undefined) this.observer.transferEnded(this.name, cycle, firstPartCycle);
    // What the client asks for because of this end goes behind what already waits.
    if (this.waiting > 0) {
      const place = this.head;
      this.head = place + 1 < this.tags.length ? place + 1 : 0;
      this.waiting--;
      this.serve(this.tags[place]!, this.firstBits[place]!, this.secondBits[place]!);
    }
    this.client!.transferEnded(tag, cycle, firstPartCycle);
  }

  private serve(tag: number, firstBits: number, secondBits: number): void {
    const first = firstBits > 0 ? this.port.transferCycles(firstBits) : 0;
    const cycles = first + (secondBits > 0 ? this.port.transferCycles(secondBits) : 0);
    this.isBusy = true;
    this.servedTag = tag;
    this.servedBits = firstBits + secondBits;
    this.firstPartCycle = this.queue.now + first;
    this.busyCycles += cycles;
    if (this.observer !== undefined) this.observer.transferStarted(this.name, this.queue.now);
    this.queue.schedule(this.ended, this.queue.now + cycles);
  }

  isIdle(): boolean {
    return !this.isBusy;
  }

  visit(state: StateVisitor): void {
    this.busyCycles = state.total(this.busyCycles);
    this.bitsMoved = state.total(this.bitsMoved);
    this.queue.visitEvent(this.ended, this.isBusy, state);
    if (!this.isBusy) return;
    state.same(this.servedTag);
    state.same(this.servedBits);
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
