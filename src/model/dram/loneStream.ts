/**
 * Plays a memory for the only port that has transfers, while every channel that holds anything holds a run. Nobody
 * competes with it for a cycle: its bursts are accepted some cycles ahead, so few that no command of these cycles can
 * bear on them, and the channels' commands follow.
 */
import { Acceptance } from './acceptance.ts';
import type { AddressMap } from './addressMap.ts';
import type { Channels } from './channels.ts';
import type { MemoryPort } from './memoryPort.ts';
import { RunChannel } from './runChannel.ts';
import { ScheduledData } from './scheduledData.ts';

const NEVER = Number.POSITIVE_INFINITY;

/** A memory's cycles: the one played last, the one played next, and the last one that may be. */
export interface Cycles {
  cycle: number;
  nextCycle: number;
  readonly limit: number;
}

/** A channel's writes of each port that wait, at most so many. */
export interface WriteCredits {
  readonly ports: number;
  readonly most: number;
  /** Per channel and port. */
  readonly queued: Int32Array;
}

export class LoneStream {
  /** The bursts that have been accepted while it has played. */
  readonly accepted: Acceptance;
  private readonly cycles: Cycles;
  private readonly channels: readonly RunChannel[];
  /** Per channel the next cycle worth a look. */
  private readonly wakes: Float64Array;
  private readonly credits: WriteCredits;
  private readonly portOf: readonly number[];
  /** No data comes to a link sooner than so many cycles after its command. */
  private readonly readCycles: number;
  private readonly data: ScheduledData;
  private port!: MemoryPort;
  private place = 0;
  private map!: AddressMap;
  /** The port's transfers that had ended when it began. */
  private ended = 0;
  /** What has just been refused may be accepted after the next command. */
  private hasNoRoom = false;

  /** `portOf`: of each source of bursts. */
  constructor(cycles: Cycles, { all, wakes }: Channels, credits: WriteCredits, portOf: readonly number[]) {
    this.cycles = cycles;
    this.channels = all.filter((channel) => channel instanceof RunChannel && channel.mayRun) as RunChannel[];
    this.wakes = wakes;
    this.credits = credits;
    this.portOf = portOf;
    this.readCycles = all[0]!.readCycles;
    this.accepted = new Acceptance(all.length);
    this.data = new ScheduledData(this.readCycles + 2, all.length);
  }

  /**
   * Plays from the memory's next cycle on, until the end of a transfer becomes known, the limit, or what is no stream's.
   * The memory's next cycle is then not played but for bursts that are accepted in it already.
   */
  play(port: MemoryPort, place: number, map: AddressMap): void {
    const { cycles, accepted } = this;
    let at = cycles.nextCycle;
    this.port = port;
    this.place = place;
    this.map = map;
    this.ended = port.ended;
    accepted.clear();
    const horizon = this.horizon();
    let isRefused = false;
    for (;;) {
      if (accepted.cycle !== at) at = Math.max(at, Math.min(isRefused ? NEVER : port.due, this.nextWake() - 1));
      if (port.ended !== this.ended || at > cycles.limit || at >= horizon) break;
      // What a command makes come is through the link, and ends a transfer, no sooner than its data is on the bus.
      const last = Math.min(cycles.limit, horizon - 1, at + this.readCycles);
      let until = this.acceptUntil(at, last);
      isRefused = false;
      if (until === at) {
        if (!this.hasNoRoom) break;
        const next = this.nextWake();
        // The end of a store, known with its last burst, may have brought the limit nearer.
        const end = Math.min(last, cycles.limit) + 1;
        isRefused = next > end;
        until = Math.min(next, end);
      }
      // What comes behind the last end may have to be left.
      at = port.hasBursts() ? this.issueAhead(at, until) : this.issueUntil(until);
    }
    cycles.nextCycle = at;
  }

  /** The first cycle that cannot be played, since a channel may have more than a run in the look that belongs to it. */
  private horizon(): number {
    const { channels, wakes } = this;
    if (channels.length < wakes.length) return 0;
    let horizon = NEVER;
    for (let channel = 0; channel < channels.length; channel++) {
      horizon = Math.min(horizon, channels[channel]!.runsUntil());
    }
    return horizon - 1;
  }

  /** The next cycle in which a channel is worth a look. */
  private nextWake(): number {
    const { wakes } = this;
    let next = NEVER;
    for (let channel = 0; channel < wakes.length; channel++) {
      if (wakes[channel]! < next) next = wakes[channel]!;
    }
    return next;
  }

  /** Accepts bursts in cycles from `from` up to `last`. Returns the first cycle that may have bursts left to accept. */
  private acceptUntil(from: number, last: number): number {
    const { port, cycles, accepted } = this;
    this.hasNoRoom = false;
    let until = last;
    for (;;) {
      const cycle = accepted.from(Math.max(from, port.due));
      if (cycle > until) return until + 1;
      if (cycle > from && port.isLinkShared()) return cycle;
      if (!this.accept(cycle, from, until)) return cycle;
      // The end of a store is known with its last burst.
      if (port.ended !== this.ended) until = Math.min(until, cycles.limit);
    }
  }

  /** The port's burst is accepted in `cycle`, unless that depends on commands, and what of its row may follow it. */
  private accept(cycle: number, from: number, last: number): boolean {
    const { port, map, credits, cycles, accepted } = this;
    const { isWrite, tag, source, walk } = port;
    map.decodeAccess(walk.burst | 0);
    const { channel: number, access, bank, row } = map;
    const channel = this.channels[number]!;
    const credit = number * credits.ports + this.place;
    if (isWrite && credits.queued[credit]! >= credits.most) {
      this.hasNoRoom = true;
      return false;
    }
    if (!channel.takes(isWrite, access, bank, row, source)) {
      this.hasNoRoom = !channel.hasRoom(isWrite) && !channel.hasWaitingWrite(access, bank);
      return false;
    }
    accepted.add(cycle);
    const before = accepted.bursts;
    if (isWrite) credits.queued[credit]!++;
    cycles.cycle = cycle;
    port.accept(cycle);
    channel.accept(isWrite, access, bank, row, source, tag, cycle);
    if (walk.isDone || port.tag !== tag || walk.burst !== access + 1 || port.isLinkShared()) return true;
    const { run } = channel;
    if (run.lastAccess !== access) return true;
    const room = isWrite ? Math.min(credits.most - credits.queued[credit]!, channel.roomOfRun()) : channel.roomOfRun();
    port.acceptRow(run, Math.min(room, walk.ahead, map.ahead), from, last, accepted);
    if (isWrite) credits.queued[credit]! += accepted.bursts - before;
    return true;
  }

  /** Issues what the channels have behind cycle `from` up to `last`, which is returned. */
  private issueAhead(from: number, last: number): number {
    const { channels, wakes, port, cycles, credits, portOf, data, readCycles } = this;
    for (let channel = 0; channel < wakes.length; channel++) {
      if (wakes[channel]! > last) continue;
      const { run } = channels[channel]!;
      const columns = channels[channel]!.issueAhead(last, data);
      if (run.isWrite) credits.queued[channel * credits.ports + portOf[run.source]!]! -= columns;
    }
    // The port has the data of all channels in the order of time.
    for (let c = from + 1; c <= last; c++) {
      const count = data.take(c);
      const first = data.tagsFrom(c);
      for (let burst = 0; burst < count; burst++) {
        cycles.cycle = c - 1;
        cycles.nextCycle = c - 1;
        port.dataScheduled(data.tag[first + burst]!, c + readCycles);
      }
    }
    return last;
  }

  /** Issues one by one what the channels have up to cycle `last`, or to the one that makes an end known. Returns that cycle. */
  private issueUntil(last: number): number {
    const { channels, wakes, port, cycles, accepted } = this;
    let until = last;
    for (;;) {
      let first = 0;
      for (let channel = 1; channel < wakes.length; channel++) {
        if (wakes[channel]! < wakes[first]!) first = channel;
      }
      const c = wakes[first]!;
      if (c > until) return until;
      cycles.cycle = c - 1;
      cycles.nextCycle = c - 1;
      channels[first]!.look(c);
      if (port.ended !== this.ended) until = Math.min(until, Math.max(c, accepted.cycle));
    }
  }
}
