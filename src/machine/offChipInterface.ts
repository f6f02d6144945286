/** An off-chip interface: serves transfers in the order of its queue, one at a time, without pre-emption. */
import type { DramPort } from '../dram/ideal.ts';
import { type EventHandler, type EventQueue, PHASE, SimEvent } from '../engine/eventQueue.ts';

/** Who asked for a transfer. Told when it ends. */
export interface TransferClient {
  /** `tag` as given with the request; `firstPartCycle` is when the first of its two parts was complete. */
  transferEnded(tag: number, cycle: number, firstPartCycle: number): void;
}

export class OffChipInterface implements EventHandler {
  busyCycles = 0;
  /** Bits asked for and bits moved; equal once the queue is empty. */
  bitsAsked = 0;
  bitsMoved = 0;
  transfers = 0;

  private client: TransferClient | undefined;
  private readonly queue: EventQueue;
  private readonly port: DramPort;
  private readonly ended = new SimEvent(PHASE.transferEnd, this);
  /** Waiting requests, a ring of three numbers each: tag, bits of the first part, bits of the second. */
  private ring: Float64Array = new Float64Array(3 * 8);
  private head = 0;
  private waiting = 0;
  private isBusy = false;
  private servedTag = 0;
  private servedBits = 0;
  private firstPartCycle = 0;

  constructor(queue: EventQueue, port: DramPort) {
    this.queue = queue;
    this.port = port;
  }

  /** Whose transfers these are from now on; statistics start anew. */
  attach(client: TransferClient): void {
    this.client = client;
    this.busyCycles = 0;
    this.bitsAsked = 0;
    this.bitsMoved = 0;
    this.transfers = 0;
  }

  /** Queues a transfer of two parts, one behind the other, each ⌈bits/BW⌉ with an ideal DRAM; a part may be empty. */
  request(tag: number, firstBits: number, secondBits: number): void {
    this.bitsAsked += firstBits + secondBits;
    if (!this.isBusy) {
      this.serve(tag, firstBits, secondBits);
      return;
    }
    if (this.waiting * 3 === this.ring.length) this.grow();
    const place = ((this.head + this.waiting) * 3) % this.ring.length;
    this.ring[place] = tag;
    this.ring[place + 1] = firstBits;
    this.ring[place + 2] = secondBits;
    this.waiting++;
  }

  /** The transfer being served has ended: the next one starts, then the client hears of it. */
  handle(cycle: number): void {
    const tag = this.servedTag;
    const firstPartCycle = this.firstPartCycle;
    this.bitsMoved += this.servedBits;
    this.isBusy = false;
    // What the client asks for because of this end goes behind what already waits.
    if (this.waiting > 0) {
      const place = this.head * 3;
      this.head = (this.head + 1) % (this.ring.length / 3);
      this.waiting--;
      this.serve(this.ring[place]!, this.ring[place + 1]!, this.ring[place + 2]!);
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
    this.transfers++;
    this.queue.schedule(this.ended, this.queue.now + cycles);
  }

  private grow(): void {
    const capacity = this.ring.length / 3;
    const larger = new Float64Array(this.ring.length * 2);
    for (let entry = 0; entry < this.waiting; entry++) {
      const from = ((this.head + entry) % capacity) * 3;
      larger.set(this.ring.subarray(from, from + 3), entry * 3);
    }
    this.ring = larger;
    this.head = 0;
  }
}
