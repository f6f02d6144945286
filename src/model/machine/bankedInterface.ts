/** An off-chip interface at a banked memory: transfers are offered burst by burst, and end in the order of requests. */

import type { BurstSources } from '../dram/burstSources.ts';
import type { Placement } from '../dram/layout.ts';
import { MemoryPort, type TransferListener } from '../dram/memoryPort.ts';
import type { RecordedPort } from '../dram/recordedPort.ts';
import { type EventHandler, type EventQueue, PHASE, SimEvent } from '../engine/eventQueue.ts';
import { InternalError } from '../schemas/inputError.ts';
import type { ChannelWatch } from './channelWatch.ts';
import type { TensorBursts } from './dramCounts.ts';
import type { MemoryClock } from './memoryClock.ts';
import { bookedTensor, type InterfaceName, type MachineObserver, type TileMove } from './observer.ts';
import type { TransferClient, TransferPort } from './ports.ts';

/** A transfer under way. */
interface Pending {
  readonly tag: number;
  readonly firstBits: number;
  readonly secondBits: number;
  /** Cycles, once they are known. */
  end: number;
  firstPartEnd: number;
}

const UNKNOWN = -1;

export class BankedInterface implements TransferPort, EventHandler, TransferListener {
  busyCycles = 0;
  lastCycles = 0;
  bitsMoved = 0;
  observer: MachineObserver | undefined = undefined;
  readonly name: InterfaceName;
  readonly port: MemoryPort;
  /** Set when the machine puts the memory together. */
  clock: MemoryClock | undefined = undefined;
  /** The memory's, among whose ports this is the one of that number: set likewise. */
  sources: BurstSources | undefined = undefined;
  place = 0;
  /** Of each layer of the program that runs. */
  placements: readonly Placement[] = [];
  /** Follows its bursts, if anybody watches the channels. */
  watch: ChannelWatch | undefined = undefined;

  private client: TransferClient | undefined = undefined;
  private readonly queue: EventQueue;
  private readonly ended = new SimEvent(PHASE.transferEnd, this);
  private readonly pending: Pending[] = [];
  /** Transfers of `pending` whose end is known. */
  private known = 0;
  private busySince = 0;
  /** By tensor, the number of its bursts among the memory's sources. */
  private readonly sourceOf = new Map<string, number>();

  /**
   * `linkCycles`, `busCycles`: memory cycles that a burst takes on the interface and on the memory's data bus;
   * `recorded`: its port, where the watch is told of each burst that the controller takes.
   */
  constructor(
    name: InterfaceName,
    queue: EventQueue,
    burstBytes: number,
    linkCycles: number,
    busCycles: number,
    recorded?: typeof RecordedPort,
  ) {
    this.name = name;
    this.queue = queue;
    this.port = recorded
      ? new recorded(burstBytes, linkCycles, busCycles, this, (port, cycle) =>
          this.watch!.accepted(this.name, port.tag, port.walk.burst * burstBytes, cycle),
        )
      : new MemoryPort(burstBytes, linkCycles, busCycles, this);
  }

  attach(client: TransferClient): void {
    this.client = client;
  }

  request(tag: number, firstBits: number, secondBits: number, moves: readonly TileMove[]): void {
    const { clock, placements } = this;
    if (this.observer !== undefined) this.observer.transferRequested(this.name, moves, this.queue.now);
    const runs = moves.map((move) => placements[move.layer]!.runsOf(move));
    if (this.pending.length === 0) this.busySince = this.queue.now;
    if (this.watch !== undefined) this.watch.requested(this.name, moves, runs);
    this.pending.push({ tag, firstBits, secondBits, end: UNKNOWN, firstPartEnd: UNKNOWN });
    const memoryCycle = clock!.catchUp();
    const isWrite = moves[0]!.direction === 'store';
    this.port.begin(memoryCycle, isWrite, runs, this.asked(moves, isWrite));
    clock!.begun(memoryCycle);
  }

  /** What has become of its bursts, tensor by tensor. */
  tensorBursts(): TensorBursts[] {
    const sources = this.sources!;
    return sources.all.flatMap(({ port, tensor }, source) => {
      if (port !== this.place || tensor === undefined) return [];
      return { interface: this.name, tensor, ...sources.asked(source) };
    });
  }

  /** Counts what is asked for; returns the sources of its parts. */
  private asked(moves: readonly TileMove[], isWrite: boolean): number[] {
    const sources = this.sources!;
    return moves.map((move) => {
      const tensor = bookedTensor(move);
      let source = this.sourceOf.get(tensor);
      if (source === undefined) {
        // A fused layer's tensor goes by its layer's name too.
        source = sources.numberOf(this.place, tensor.slice(tensor.lastIndexOf('.') + 1));
        this.sourceOf.set(tensor, source);
      }
      sources.ask(source, isWrite, move.bits);
      return source;
    });
  }

  partBegun(part: number, since: number): void {
    if (this.observer === undefined) return;
    const cycle = Math.min(this.clock!.now(), this.clock!.startOf(since));
    if (part === 0) this.observer.transferStarted(this.name, cycle);
    else this.observer.secondTileStarted?.(this.name, cycle);
  }

  endKnown(end: number, firstPartEnd: number): void {
    const transfer = this.pending[this.known]!;
    transfer.end = this.clock!.endOf(end);
    transfer.firstPartEnd = this.clock!.endOf(firstPartEnd);
    this.known++;
    if (this.known === 1) this.scheduleEnd(transfer);
    this.clock!.endKnown();
  }

  /** The oldest transfer has ended. */
  handle(cycle: number): void {
    const transfer = this.pending.shift()!;
    this.known--;
    const { tag, firstBits, secondBits, firstPartEnd } = transfer;
    this.bitsMoved += firstBits + secondBits;
    if (this.observer !== undefined) this.observer.transferEnded(this.name, cycle, firstPartEnd);
    this.lastCycles = cycle - this.busySince;
    this.busyCycles += this.lastCycles;
    this.busySince = cycle;
    if (this.known > 0) this.scheduleEnd(this.pending[0]!);
    this.client!.transferEnded(tag, cycle, firstPartEnd, firstBits, secondBits);
  }

  isIdle(): boolean {
    return this.pending.length === 0;
  }

  /** A banked memory does not show its state: its machine steps every tile. */
  listState(): never {
    throw new InternalError('fast-forward on banked memory');
  }

  private scheduleEnd(transfer: Pending): void {
    const cycle = Math.max(this.queue.now, transfer.end);
    this.queue.schedule(this.ended, cycle);
    this.clock!.endScheduled(cycle);
  }
}
