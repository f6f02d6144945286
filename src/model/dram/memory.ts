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
import { BurstSources } from './burstSources.ts';
import type { ChannelClient } from './channel.ts';
import type { BurstService, ChannelListener } from './channelListener.ts';
import { type ChannelDone, Channels } from './channels.ts';
import { RD, WR } from './commandTable.ts';
import { LoneStream, type WriteCredits } from './loneStream.ts';
import type { MemoryPort } from './memoryPort.ts';
import { ZERO } from './zero.ts';

/** Bursts per channel by which one waiting port may be ahead of another. */
const LEAD = 32;
/** Share of a channel's write queue that one port may fill. */
const WRITE_SHARE = 7 / 8;
/** Cycles until a stream is tried again. */
const PATIENCE = 8;
const NEVER = Number.POSITIVE_INFINITY;
/** After so many cycles without anything to do it is worth while to see whether the memory rests. */
const LONG_PAUSE = 64;
/** Ports that wait, where it is not one alone. */
const NOBODY = -1;
const SEVERAL = -2;

/** What a memory has done: bursts accepted, commands issued, column commands by whether the row was open. */
export interface MemoryCounts {
  bursts: number;
  /** Of those, the ones that are written. */
  writtenBursts: number;
  activates: number;
  refreshes: number;
  rowHits: number;
  rowMisses: number;
  /** Of the misses, those for which another row was closed. */
  rowConflicts: number;
  /** Column commands that found the data bus turned the other way. */
  turnarounds: number;
  /** Bursts that a waiting write answered or absorbed, so that they were never on the bus. */
  forwarded: number;
  /** Column commands of either kind: bursts that went over a data bus. */
  readCommands: number;
  writeCommands: number;
  /** Bits that these are: whole bursts, whatever of them was asked for. */
  busBits: number;
}

/** Nothing yet. */
export function noMemoryCounts(): MemoryCounts {
  return {
    bursts: 0,
    writtenBursts: 0,
    activates: 0,
    refreshes: 0,
    rowHits: 0,
    rowMisses: 0,
    rowConflicts: 0,
    turnarounds: 0,
    forwarded: 0,
    readCommands: 0,
    writeCommands: 0,
    busBits: 0,
  };
}

/** Hears what the channels of a memory do, in its cycles. */
export interface MemoryWatcher {
  /** A burst of a port has been served as `ChannelListener.served` says; `tag` is the port's. */
  burstServed(channel: number, port: number, tag: number, endCycle: number, service: BurstService): void;
  /** A channel has begun a refresh. */
  refreshed(channel: number, cycle: number): void;
}

export class Memory implements ChannelClient {
  /** The next cycle in which anything may happen. */
  nextCycle = ZERO;
  /** The cycle played last. */
  cycle = 0;
  /** The last cycle that `advance` may play: it may come nearer while it does. */
  limit = ZERO;
  /** Whose bursts there are, and what has become of them. */
  readonly sources: BurstSources;
  private readonly ports: readonly MemoryPort[];
  /** When the ports' current bursts are due: their own. */
  private readonly dues: Float64Array;
  private readonly channels: Channels;
  private readonly burstBits: number;
  /** Bursts accepted in a cycle at most. */
  private readonly mostGrants: number;
  /** Per port: where its current burst goes. */
  private readonly maps: readonly AddressMap[];
  private readonly lead: number;
  private readonly writeCredits: WriteCredits;
  /** Per port: bursts granted, as far as fairness is concerned, and whether it has been waiting up to now. */
  private readonly granted: Float64Array;
  private readonly wasWaiting: Uint8Array;
  private lastPort: number;
  private readonly stream: LoneStream;
  /** From when on it is worth while to try whether the port that alone has transfers is a stream. */
  private streamFrom = ZERO;
  /** What was refused in this cycle may be accepted in the next. */
  private hasRoom = false;

  /** Without a `watcher` nothing is told, at no cost; `hasLatencies`: those of all bursts are counted. */
  constructor(spec: DramSpec, ports: readonly MemoryPort[], watcher?: MemoryWatcher, hasLatencies = false) {
    const { channels } = spec.organization;
    this.ports = ports;
    this.burstBits = 8 * spec.organization.bytesPerAccess;
    this.sources = new BurstSources(ports.length, hasLatencies);
    this.dues = new Float64Array(ports.length);
    for (const [place, port] of ports.entries()) {
      port.ownSource = place;
      port.keepDue(this.dues, place);
    }
    this.maps = ports.map(() => new AddressMap(spec));
    const { portOf } = this.sources;
    this.channels = new Channels(
      spec,
      this,
      this.sources,
      (channel) => watcher && listenerOf(channel, watcher, portOf),
    );
    this.mostGrants = channels;
    this.lead = LEAD * channels;
    this.writeCredits = {
      ports: ports.length,
      most: Math.max(1, Math.floor(WRITE_SHARE * spec.queues.write)),
      queued: new Int32Array(channels * ports.length),
    };
    this.granted = new Float64Array(ports.length);
    this.wasWaiting = new Uint8Array(ports.length);
    this.lastPort = ports.length - 1;
    this.stream = new LoneStream(this, this.channels, this.writeCredits, portOf);
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
    const alone = this.portAlone();
    while (this.nextCycle <= this.limit) {
      const cycle = this.nextCycle;
      this.play(cycle);
      if (alone !== NOBODY) this.playAlone(alone);
      if (this.nextCycle - this.cycle > LONG_PAUSE && this.nextCycle <= this.limit) this.rest(this.limit);
    }
  }

  /** Plays on until the last write has left its queue. */
  drain(): void {
    while (!this.channels.isIdle()) this.play(this.nextCycle);
  }

  /** What has happened so far. */
  counts(): MemoryCounts {
    const counts = noMemoryCounts();
    for (const { bursts, writtenBursts } of this.ports) {
      counts.bursts += bursts;
      counts.writtenBursts += writtenBursts;
    }
    for (const { activates, refreshes, issued } of this.channels.all) {
      counts.activates += activates;
      counts.refreshes += refreshes;
      counts.readCommands += issued[RD]!;
      counts.writeCommands += issued[WR]!;
    }
    const { rowHits, rowMisses, rowConflicts, turnarounds, forwarded } = this.sources.counts.all();
    counts.rowHits = rowHits;
    counts.rowMisses = rowMisses;
    counts.rowConflicts = rowConflicts;
    counts.turnarounds = turnarounds;
    counts.forwarded = forwarded;
    counts.busBits = (counts.readCommands + counts.writeCommands) * this.burstBits;
    return counts;
  }

  /** What each channel has done so far; also makes what `sources` has counted complete. */
  channelsDone(): ChannelDone[] {
    return this.channels.done();
  }

  /** The channels tell of their requests' data. */
  dataScheduled(channel: number, source: number, tag: number, isWrite: boolean, endCycle: number): void {
    const port = this.sources.portOf[source]!;
    if (!isWrite) this.ports[port]!.dataScheduled(tag, endCycle);
    else {
      this.writeCredits.queued[channel * this.ports.length + port]!--;
      this.hasRoom = true;
    }
  }

  /** Jumps over what happens up to `limit` where no port has a burst and no channel a request: refreshes. */
  private rest(limit: number): void {
    if (this.ports.some((port) => port.due <= limit) || !this.channels.isIdle()) return;
    this.wasWaiting.fill(0);
    // Looks are one cycle ahead, as in `play`.
    this.channels.rest(limit + 2);
    this.nextCycle = Math.min(this.channels.next - 1, ...this.ports.map((port) => port.due));
  }

  /** The port that alone has transfers. */
  private portAlone(): number {
    let alone = NOBODY;
    for (let port = 0; port < this.ports.length; port++) {
      if (!this.ports[port]!.isBusy()) continue;
      if (alone !== NOBODY) return NOBODY;
      alone = port;
    }
    return alone;
  }

  /** Plays on as `play` does, for the port that alone has transfers, until one of them has ended or there is a pause. */
  private playAlone(place: number): void {
    const port = this.ports[place]!;
    const { ended } = port;
    while (this.nextCycle <= this.limit && this.nextCycle - this.cycle <= LONG_PAUSE && port.ended === ended) {
      const grants = this.nextCycle < this.streamFrom ? 0 : this.playStream(place, port);
      if (grants > 0 || (this.nextCycle <= this.limit && port.ended === ended)) {
        this.playCycleAlone(place, port, this.nextCycle, grants);
      }
    }
  }

  /** Plays on as long as the port's bursts are a stream; returns how many are accepted already in the next cycle. */
  private playStream(place: number, port: MemoryPort): number {
    const { stream, nextCycle: begin } = this;
    stream.play(port, place, this.maps[place]!);
    const { bursts, cycle: acceptedIn, inCycle } = stream.accepted;
    const end = this.nextCycle;
    this.hasRoom = false;
    if (bursts > 0) {
      this.granted[place]! += bursts;
      this.lastPort = place;
    }
    if (end > begin) {
      // Where nothing is to be played for a while the next cycle may lie far beyond the limit.
      this.cycle = Math.min(end - 1, this.limit);
      this.wasWaiting[place] = port.due < (acceptedIn === end - 1 ? end + 1 : end) ? 1 : 0;
    } else this.streamFrom = end + PATIENCE;
    return acceptedIn === end ? inCycle : 0;
  }

  private playCycleAlone(place: number, port: MemoryPort, cycle: number, granted: number): void {
    const { channels, mostGrants, wasWaiting } = this;
    this.cycle = cycle;
    let grants = granted;
    wasWaiting[place] = port.due <= cycle ? 1 : 0;
    while (grants < mostGrants && port.due <= cycle && this.offer(place, cycle)) grants++;
    if (grants > granted) {
      this.granted[place]! += grants - granted;
      this.lastPort = place;
    }
    if (channels.look(cycle + 1)) this.hasRoom = true;
    let next = channels.next - 1;
    if (port.due > cycle) {
      if (port.due < next) next = port.due;
    } else if (grants === mostGrants || this.hasRoom) next = cycle + 1;
    this.hasRoom = false;
    this.nextCycle = next > cycle ? next : cycle + 1;
  }

  private play(cycle: number): void {
    const { dues, channels, mostGrants } = this;
    this.cycle = cycle;
    const waiting = this.noteWaiting(cycle);
    let grants = 0;
    if (waiting === SEVERAL) while (grants < mostGrants && this.grantOne(cycle)) grants++;
    else if (waiting !== NOBODY) while (grants < mostGrants && this.grantAlone(waiting, cycle)) grants++;
    // A burst offered in cycle i can get its first command in cycle i + 1.
    if (channels.look(cycle + 1)) this.hasRoom = true;
    const mayGrantNext = grants === mostGrants || this.hasRoom;
    this.hasRoom = false;
    let next = channels.next - 1;
    for (let port = 0; port < dues.length; port++) {
      const due = dues[port]!;
      if (due < next && (due > cycle || mayGrantNext)) next = due;
    }
    this.nextCycle = next > cycle ? next : cycle + 1;
  }

  /**
   * Ports that begin to wait start level with the least served of those that have been waiting. Returns the port that
   * waits alone, or that none or several do.
   */
  private noteWaiting(cycle: number): number {
    const { dues, wasWaiting } = this;
    let waiting = NOBODY;
    let isNew = false;
    for (let port = 0; port < dues.length; port++) {
      if (dues[port]! > cycle) {
        wasWaiting[port] = 0;
        continue;
      }
      waiting = waiting === NOBODY ? port : SEVERAL;
      if (wasWaiting[port] === 0) isNew = true;
    }
    if (isNew) this.beginToWait(cycle);
    return waiting;
  }

  private beginToWait(cycle: number): void {
    const { dues, granted, wasWaiting } = this;
    let least = NEVER;
    for (let port = 0; port < dues.length; port++) {
      if (wasWaiting[port] === 1 && granted[port]! < least) least = granted[port]!;
    }
    for (let port = 0; port < dues.length; port++) {
      if (dues[port]! > cycle || wasWaiting[port] === 1) continue;
      wasWaiting[port] = 1;
      if (granted[port]! < least && least !== NEVER) granted[port] = least;
    }
  }

  /** Offers the burst of the only port that waits. */
  private grantAlone(port: number, cycle: number): boolean {
    if (this.dues[port]! > cycle || !this.offer(port, cycle)) return false;
    this.granted[port]!++;
    this.lastPort = port;
    return true;
  }

  /** Offers the ports' bursts in turn, from the port after the last granted one, until one is accepted. */
  private grantOne(cycle: number): boolean {
    const { dues, granted } = this;
    let least = NEVER;
    for (let port = 0; port < dues.length; port++) {
      if (granted[port]! < least && dues[port]! <= cycle) least = granted[port]!;
    }
    if (least === NEVER) return false;
    let port = this.lastPort;
    for (let tried = 1; tried <= dues.length; tried++) {
      port = port + 1 === dues.length ? 0 : port + 1;
      if (dues[port]! > cycle || granted[port]! - least >= this.lead) continue;
      if (!this.offer(port, cycle)) continue;
      granted[port]!++;
      this.lastPort = port;
      return true;
    }
    return false;
  }

  private offer(place: number, cycle: number): boolean {
    const port = this.ports[place]!;
    const map = this.maps[place]!;
    map.decodeAccess(port.walk.burst | 0);
    const { channel: number, access, bank } = map;
    const channel = this.channels.all[number]!;
    const { isWrite, tag, source } = port;
    const credit = number * this.ports.length + place;
    const { queued, most } = this.writeCredits;
    if (isWrite && queued[credit]! >= most) return false;
    const isForwarded = channel.hasWaitingWrite(access, bank);
    if (!isForwarded && !channel.hasRoom(isWrite)) return false;
    if (isWrite) queued[credit]!++;
    port.accept(cycle);
    // It does not wait in the next cycle: when it does again, it begins to.
    if (port.due > cycle + 1) this.wasWaiting[place] = 0;
    if (isForwarded) channel.forward(isWrite, source, tag, cycle);
    else channel.accept(isWrite, access, bank, map.row, source, tag, cycle);
    return true;
  }
}

function listenerOf(channel: number, watcher: MemoryWatcher, portOf: readonly number[]): ChannelListener {
  return {
    served: (source, tag, _, endCycle, service) =>
      watcher.burstServed(channel, portOf[source]!, tag, endCycle, service),
    refreshed: (cycle) => watcher.refreshed(channel, cycle),
  };
}
