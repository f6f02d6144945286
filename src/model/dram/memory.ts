/**
 * A banked memory that off-chip interfaces share: in each memory cycle the arbiter grants bursts to the ports in
 * turn, and every channel does what its controller can.
 *
 * Fair arbitration. A port that waits is at most LEAD bursts (per channel) behind any other; one that had nothing to
 * ask for, or is held up by its own link, claims nothing afterwards. Writes of a port take at most a part of a
 * channel's write queue, so that it is never full of them.
 */
import type { DramSpec } from '../schemas/dram.ts';
import { AddressMap } from './addressMap.ts';
import type { ChannelClient, DramChannel } from './channel.ts';
import type { BurstService, ChannelListener } from './channelListener.ts';
import type { MemoryPort } from './memoryPort.ts';
import { openChannel } from './openChannel.ts';

/** Bursts per channel by which one waiting port may be ahead of another. */
const LEAD = 32;
/** Share of a channel's write queue that one port may fill. */
const WRITE_SHARE = 7 / 8;
const NEVER = Number.POSITIVE_INFINITY;
/** After so many cycles without anything to do it is worth while to see whether the memory rests. */
const LONG_PAUSE = 64;

/** What a memory has done: bursts accepted, commands issued, column commands by whether the row was open. */
export interface MemoryCounts {
  bursts: number;
  activates: number;
  refreshes: number;
  rowHits: number;
  rowMisses: number;
}

/** Nothing yet. */
export function noMemoryCounts(): MemoryCounts {
  return { bursts: 0, activates: 0, refreshes: 0, rowHits: 0, rowMisses: 0 };
}

/** Hears what the channels of a memory do, in its cycles. */
export interface MemoryWatcher {
  /** A burst of a port has been served as `ChannelListener.served` says; `tag` is the port's. */
  burstServed(channel: number, port: number, tag: number, endCycle: number, service: BurstService): void;
  /** A channel has begun a refresh. */
  refreshed(channel: number, cycle: number): void;
}

export class Memory {
  /** The next cycle in which anything may happen. */
  nextCycle = 0;
  /** The cycle played last. */
  cycle = 0;
  /** The last cycle that `advance` may play: it may come nearer while it does. */
  limit = 0;
  private readonly ports: readonly MemoryPort[];
  private readonly channels: readonly DramChannel[];
  private readonly map: AddressMap;
  private readonly lead: number;
  private readonly writeCredits: number;
  /** Per channel and port: writes in the queue. */
  private readonly queuedWrites: Int32Array;
  /** Per port: bursts granted, as far as fairness is concerned, and whether it has been waiting up to now. */
  private readonly granted: Float64Array;
  private readonly wasWaiting: Uint8Array;
  private lastPort: number;
  /** What was refused in this cycle may be accepted in the next. */
  private hasRoom = false;

  /** Without a `watcher` nothing is told, at no cost. */
  constructor(spec: DramSpec, ports: readonly MemoryPort[], watcher?: MemoryWatcher) {
    const { channels } = spec.organization;
    this.ports = ports;
    this.map = new AddressMap(spec);
    this.channels = Array.from({ length: channels }, (_, channel) =>
      openChannel(spec, this.clientOf(channel), watcher && this.listenerOf(channel, watcher)),
    );
    this.lead = LEAD * channels;
    this.writeCredits = Math.max(1, Math.floor(WRITE_SHARE * spec.queues.write));
    this.queuedWrites = new Int32Array(channels * ports.length);
    this.granted = new Float64Array(ports.length);
    this.wasWaiting = new Uint8Array(ports.length);
    this.lastPort = ports.length - 1;
  }

  /** Whether the end of some transfer is not known yet. */
  isBusy(): boolean {
    return this.ports.some((port) => port.isBusy());
  }

  /** A port has a new transfer that may be offered from `cycle` on. */
  wake(cycle: number): void {
    if (cycle < this.nextCycle) this.nextCycle = cycle;
  }

  /** Plays all cycles up to and including `limit`. */
  advance(limit: number): void {
    this.limit = limit;
    while (this.nextCycle <= this.limit) {
      const cycle = this.nextCycle;
      this.play(cycle);
      if (this.nextCycle - cycle > LONG_PAUSE && this.nextCycle <= this.limit) this.rest(this.limit);
    }
  }

  /** Plays on until the last write has left its queue. */
  drain(): void {
    while (!this.channels.every((channel) => channel.isIdle())) this.play(this.nextCycle);
  }

  /** What has happened so far. */
  counts(): MemoryCounts {
    const counts = noMemoryCounts();
    for (const port of this.ports) counts.bursts += port.bursts;
    for (const { activates, refreshes, rowHits, rowMisses } of this.channels) {
      counts.activates += activates;
      counts.refreshes += refreshes;
      counts.rowHits += rowHits;
      counts.rowMisses += rowMisses;
    }
    return counts;
  }

  private clientOf(channel: number): ChannelClient {
    return {
      dataScheduled: (tag, isWrite, endCycle) => {
        const port = tag % this.ports.length;
        if (isWrite) {
          this.queuedWrites[channel * this.ports.length + port]!--;
          this.hasRoom = true;
        } else this.ports[port]!.dataScheduled((tag - port) / this.ports.length, endCycle);
      },
    };
  }

  private listenerOf(channel: number, watcher: MemoryWatcher): ChannelListener {
    const ports = this.ports.length;
    return {
      served: (tag, _, endCycle, service) => {
        const port = tag % ports;
        watcher.burstServed(channel, port, (tag - port) / ports, endCycle, service);
      },
      refreshed: (cycle) => watcher.refreshed(channel, cycle),
    };
  }

  /** Jumps over what happens up to `limit` where no port has a burst and no channel a request: refreshes. */
  private rest(limit: number): void {
    if (this.ports.some((port) => port.dueCycle() <= limit)) return;
    if (!this.channels.every((channel) => channel.isIdle())) return;
    this.wasWaiting.fill(0);
    let next = NEVER;
    for (const port of this.ports) next = Math.min(next, port.dueCycle());
    for (const channel of this.channels) {
      // Looks are one cycle ahead, as in `play`.
      channel.rest(limit + 2);
      next = Math.min(next, channel.wake - 1);
    }
    this.nextCycle = next;
  }

  private play(cycle: number): void {
    this.cycle = cycle;
    this.noteWaiting(cycle);
    let grants = 0;
    while (grants < this.channels.length && this.grantOne(cycle)) grants++;
    let next = NEVER;
    for (const channel of this.channels) {
      // A burst offered in cycle i can get its first command in cycle i + 1.
      if (channel.wake === cycle + 1 && channel.look(cycle + 1)) this.hasRoom = true;
      if (channel.wake - 1 < next) next = channel.wake - 1;
    }
    if (this.hasRoom) next = cycle + 1;
    this.hasRoom = false;
    for (const port of this.ports) {
      const due = port.dueCycle();
      if (due > cycle) next = Math.min(next, due);
      else if (grants === this.channels.length) next = cycle + 1;
    }
    this.nextCycle = Math.max(next, cycle + 1);
  }

  /** Ports that begin to wait start level with the least served of those that have been waiting. */
  private noteWaiting(cycle: number): void {
    const { ports, granted, wasWaiting } = this;
    let least = NEVER;
    for (let port = 0; port < ports.length; port++) {
      if (wasWaiting[port] === 1 && granted[port]! < least) least = granted[port]!;
    }
    for (let port = 0; port < ports.length; port++) {
      const isWaiting = ports[port]!.dueCycle() <= cycle;
      if (isWaiting && wasWaiting[port] === 0 && least !== NEVER && granted[port]! < least) granted[port] = least;
      wasWaiting[port] = isWaiting ? 1 : 0;
    }
  }

  /** Offers the ports' bursts in turn, from the port after the last granted one, until one is accepted. */
  private grantOne(cycle: number): boolean {
    const { ports, granted } = this;
    let least = NEVER;
    for (let port = 0; port < ports.length; port++) {
      if (granted[port]! < least && ports[port]!.dueCycle() <= cycle) least = granted[port]!;
    }
    if (least === NEVER) return false;
    for (let tried = 1; tried <= ports.length; tried++) {
      const port = (this.lastPort + tried) % ports.length;
      if (ports[port]!.dueCycle() > cycle || granted[port]! - least >= this.lead) continue;
      if (!this.offer(port, cycle)) continue;
      granted[port]!++;
      this.lastPort = port;
      return true;
    }
    return false;
  }

  private offer(place: number, cycle: number): boolean {
    const { map, ports } = this;
    const port = ports[place]!;
    const isWrite = port.isWrite();
    map.decode(port.walk.address);
    const channel = this.channels[map.channel]!;
    const credit = map.channel * ports.length + place;
    if (isWrite && this.queuedWrites[credit]! >= this.writeCredits) return false;
    if (!channel.mayAccept(isWrite, map.access, map.bank)) return false;
    const tag = port.tag() * ports.length + place;
    if (isWrite) this.queuedWrites[credit]!++;
    port.accept(cycle);
    // It does not wait in the next cycle: when it does again, it begins to.
    if (port.dueCycle() > cycle + 1) this.wasWaiting[place] = 0;
    channel.offer(isWrite, map.access, map.bank, map.row, tag, cycle);
    return true;
  }
}
