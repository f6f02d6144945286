/**
 * Plays a memory for the only port that has transfers, while every channel that holds anything holds a run. Nobody
 * competes with it for a cycle: its bursts are accepted some cycles ahead, so few that no command of these cycles can
 * bear on them, and the channels' commands follow.
 */
import type { AddressMap } from './addressMap.ts';
import type { Channels } from './channels.ts';
import type { MemoryPort } from './memoryPort.ts';
import { RunChannel } from './runChannel.ts';

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
  /** Bursts accepted, from when on it has played, the cycle of the last one, and how many were in the same cycle. */
  accepted = 0;
  acceptedIn = -1;
  grants = 0;
  private readonly cycles: Cycles;
  private readonly channels: readonly RunChannel[];
  /** Per channel the next cycle worth a look. */
  private readonly wakes: Float64Array;
  private readonly credits: WriteCredits;
  private port!: MemoryPort;
  private place = 0;
  private map!: AddressMap;
  /** The port's transfers that had ended when it began. */
  private ended = 0;
  /** What has just been refused may be accepted after the next command. */
  private hasNoRoom = false;

  constructor(cycles: Cycles, { all, wakes }: Channels, credits: WriteCredits) {
    this.cycles = cycles;
    this.channels = all.filter((channel) => channel instanceof RunChannel && channel.mayRun) as RunChannel[];
    this.wakes = wakes;
    this.credits = credits;
  }

  /**
   * Plays from the memory's next cycle on, until the end of a transfer becomes known, the limit, or what is no stream's.
   * The memory's next cycle is then not played but for `grants` bursts, if the last one was accepted in it.
   */
  play(port: MemoryPort, place: number, map: AddressMap): void {
    const { cycles } = this;
    let at = cycles.nextCycle;
    this.port = port;
    this.place = place;
    this.map = map;
    this.ended = port.ended;
    this.accepted = 0;
    this.acceptedIn = -1;
    this.grants = 0;
    const horizon = this.horizon();
    let isRefused = false;
    for (;;) {
      if (this.acceptedIn !== at) at = Math.max(at, Math.min(isRefused ? NEVER : port.due, this.nextWake() - 1));
      if (port.ended !== this.ended || at > cycles.limit || at >= horizon) break;
      // What a command makes come is through the link, and ends a transfer, no sooner than its data is on the bus.
      const last = Math.min(cycles.limit, horizon - 1, at + this.channels[0]!.readCycles);
      let until = this.acceptUntil(at, last);
      isRefused = false;
      if (until === at) {
        if (!this.hasNoRoom) break;
        const next = this.nextWake();
        isRefused = next > last + 1;
        until = Math.min(next, last + 1);
      }
      at = this.issueUntil(until);
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
    const { port, wakes, cycles } = this;
    this.hasNoRoom = false;
    let until = last;
    for (;;) {
      let cycle = Math.max(from, port.due, this.acceptedIn);
      if (cycle === this.acceptedIn) {
        if (this.grants === wakes.length) cycle++;
      } else this.grants = 0;
      if (cycle > until) return until + 1;
      if ((cycle > from && port.isLinkShared()) || !this.accept(cycle)) return cycle;
      // The end of a store is known with its last burst.
      if (port.ended !== this.ended) until = Math.min(until, cycles.limit);
    }
  }

  /** The port's burst is accepted in `cycle`, unless that depends on commands. */
  private accept(cycle: number): boolean {
    const { port, map, credits, cycles } = this;
    const { isWrite, tag, source } = port;
    map.decodeAccess(port.walk.burst | 0);
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
    if (cycle > this.acceptedIn) this.grants = 0;
    this.acceptedIn = cycle;
    this.grants++;
    this.accepted++;
    if (isWrite) credits.queued[credit]!++;
    cycles.cycle = cycle;
    port.accept(cycle);
    channel.accept(isWrite, access, bank, row, source, tag, cycle);
    return true;
  }

  /** Issues what the channels have up to cycle `last`, or to the one that makes an end known. Returns that cycle. */
  private issueUntil(last: number): number {
    const { channels, wakes, port, cycles } = this;
    let until = last;
    for (;;) {
      let first = 0;
      let c = wakes[0]!;
      for (let channel = 1; channel < wakes.length; channel++) {
        if (wakes[channel]! < c) {
          c = wakes[channel]!;
          first = channel;
        }
      }
      if (c > until) return until;
      cycles.cycle = c - 1;
      cycles.nextCycle = c - 1;
      channels[first]!.look(c);
      if (port.ended !== this.ended) until = Math.min(until, Math.max(c, this.acceptedIn));
    }
  }
}
