/** Requests replayed on a banked memory: what they take, without a machine around it. */
import type { DramSpec } from '../schemas/dram.ts';
import type { Injection } from '../schemas/requestRule.ts';
import { AddressMap } from './addressMap.ts';
import type { AskedTraffic, BurstSums } from './burstCounts.ts';
import { BurstSources } from './burstSources.ts';
import type { ChannelClient, DramChannel, RequestFeed } from './channel.ts';
import { type ChannelDone, Channels } from './channels.ts';
import { ISSUED } from './commandTable.ts';
import type { Request, RequestSource, RequestWalk } from './requestRules.ts';
import { NONE } from './requestTable.ts';

/** What has become of a port's requests. */
export interface PortDone extends AskedTraffic {
  readonly finishCycle: number;
}

/** What a replay shows, in memory clock cycles. */
export interface ReplayResult {
  readonly requests: number;
  readonly reads: number;
  readonly writes: number;
  /** End of the last data on any channel. */
  readonly cycles: number;
  /** Share of the data buses' cycles that carried data. */
  readonly bandwidthFraction: number;
  /** From acceptance to the end of data, mean over reads; 0 without reads. */
  readonly avgReadLatency: number;
  readonly activates: number;
  readonly refreshes: number;
  readonly rowHits: number;
  readonly rowMisses: number;
  /** Of the misses, those for which another row was closed. */
  readonly rowConflicts: number;
  /** Bursts that found the data bus turned the other way. */
  readonly turnarounds: number;
  /** Bursts that a waiting write answered or absorbed: they were never on the bus. */
  readonly forwarded: number;
  /** Commands by name, those that issued. */
  readonly commands: Readonly<Record<string, number>>;
  /** Per port: end of its last data, and its bursts. */
  readonly ports: readonly PortDone[];
  /** Per channel: its refreshes and its bursts. */
  readonly channels: readonly ChannelDone[];
}

/** Looks at a channel or a port between two pauses of a replay. */
const LOOKS_PER_PAUSE = 1 << 16;

/** The requests of one port (or of all, when they come in order), and where the one at its head goes. */
class PortQueue implements RequestFeed {
  readonly head: Request = { cycle: 0, isWrite: false, address: 0, port: 0 };
  readonly map: AddressMap;
  isEmpty = false;
  /** Requests that have been taken. */
  taken = 0;
  private readonly walk: RequestWalk;

  constructor(walk: RequestWalk, map: AddressMap) {
    this.walk = walk;
    this.map = map;
    this.advance();
  }

  get access(): number {
    return this.map.access;
  }

  isFor(isWrite: boolean, channel: number, bank: number, row: number, source: number, cycle: number): boolean {
    const { head, map, isEmpty } = this;
    const isThere = map.bank === bank && map.row === row && map.channel === channel && !isEmpty;
    return isThere && head.isWrite === isWrite && head.port === source && head.cycle <= cycle;
  }

  take(): void {
    this.taken++;
    this.advance();
  }

  advance(): void {
    this.isEmpty = !this.walk.next(this.head);
    if (!this.isEmpty) this.map.decode(this.head.address);
  }
}

/** Hears of each request of a replay, by its number in the order in which they are taken. */
export interface ReplayObserver {
  /** A request that arrived in a cycle is offered, once for each time until it is taken. */
  offered(number: number, arrivalCycle: number): void;
  /** Its data is on the bus up to `endCycle`. */
  served(number: number, isWrite: boolean, endCycle: number): void;
}

/** How a replay is looked at. */
export interface ReplayWatch {
  readonly observer?: ReplayObserver | undefined;
  /** Whether the latencies of all bursts are counted, which takes a few percent of its time. */
  readonly countsLatencies?: boolean | undefined;
}

/** A replay under way: cycles are played one by one, each telling which is next. */
export class Replay implements ChannelClient {
  reads = 0;
  writes = 0;
  readonly channels: Channels;
  readonly finishCycles: Float64Array;
  readonly sources: BurstSources;
  private readonly queues: readonly PortQueue[];
  private readonly perCycle: number;
  /** The port granted last. */
  private lastPort: number;
  /** Queues that still hold requests, and requests accepted whose data is not scheduled. */
  private queuesLeft: number;
  private underWay = 0;
  /** Requests that have been taken in the cycle that is played next. */
  private grantedAhead = 0;
  private readonly observer: ReplayObserver | undefined;
  /** Whether requests come one after the other, and nobody hears of them. */
  private readonly mayGoOn: boolean;

  constructor(
    spec: DramSpec,
    source: RequestSource,
    injection: Injection,
    { observer, countsLatencies = false }: ReplayWatch = {},
  ) {
    this.observer = observer;
    this.sources = new BurstSources(source.ports, countsLatencies);
    this.channels = new Channels(spec, this, this.sources);
    this.finishCycles = new Float64Array(source.ports);
    this.queues =
      injection.mode === 'inorder'
        ? [new PortQueue(source.walk(), new AddressMap(spec))]
        : Array.from({ length: source.ports }, (_, port) => new PortQueue(source.walk(port), new AddressMap(spec)));
    this.mayGoOn = this.queues.length === 1 && observer === undefined;
    this.perCycle = injection.max_per_cycle;
    this.lastPort = this.queues.length - 1;
    this.queuesLeft = this.queues.filter((queue) => !queue.isEmpty).length;
  }

  dataScheduled(_channel: number, port: number, tag: number, isWrite: boolean, endCycle: number): void {
    this.underWay--;
    this.observer?.served(tag, isWrite, endCycle);
    if (endCycle > this.finishCycles[port]!) this.finishCycles[port] = endCycle;
  }

  /** Whether every request has been accepted and its data scheduled. */
  isDone(): boolean {
    return this.queuesLeft === 0 && this.underWay === 0;
  }

  /** Plays `cycle` and returns the next one in which anything may happen. */
  play(cycle: number): number {
    const { channels, perCycle, queues } = this;
    let grants = this.grantedAhead;
    this.grantedAhead = 0;
    while (grants < perCycle && this.grantOne(cycle)) grants++;
    let next = grants === perCycle ? cycle + 1 : Number.POSITIVE_INFINITY;
    let isRefused = false;
    for (let place = 0; place < queues.length; place++) {
      const { isEmpty, head } = queues[place]!;
      if (isEmpty) continue;
      if (head.cycle <= cycle) isRefused = true;
      else if (head.cycle < next) next = head.cycle;
    }
    if (this.underWay === 0 && this.queuesLeft > 0) {
      channels.rest(next + 1);
      return next;
    }
    if (isRefused && this.mayGoOn) {
      const last = this.goOn();
      if (last !== NONE) return last;
    }
    // A request offered in cycle i can get its first command in cycle i + 1. One that was refused is offered again when a place is free.
    let at = Math.min(next, channels.next - 1);
    while (at < next && this.underWay > 0) {
      if (channels.look(at + 1) && isRefused) return at + 1;
      at = Math.min(next, channels.next - 1);
    }
    return at;
  }

  /** What waits for a place goes on with the channel it is for; returns the cycle in which it may be offered again, or NONE. */
  private goOn(): number {
    const { channels } = this;
    const queue = this.queues[0]!;
    const { head, map, taken } = queue;
    const channel = channels.all[map.channel]!;
    if (!channel.isRunning) return NONE;
    const others = channels.nextBeside(map.channel);
    const { isWrite } = head;
    const last = channel.goOnWith(queue, others);
    if (last === NONE) return NONE;
    channels.next = Math.min(others, channel.wake);
    const count = queue.taken - taken;
    this.underWay += count;
    if (isWrite) this.writes += count;
    else this.reads += count;
    if (queue.isEmpty) this.queuesLeft--;
    this.grantedAhead = 1;
    return last;
  }

  /** Offers the heads in turn, from the port after the last granted one, until one is accepted. */
  private grantOne(cycle: number): boolean {
    const { queues } = this;
    let place = this.lastPort;
    for (let tried = 1; tried <= queues.length; tried++) {
      place = place + 1 === queues.length ? 0 : place + 1;
      const queue = queues[place]!;
      const { head, map } = queue;
      if (queue.isEmpty || head.cycle > cycle) continue;
      const channel = this.channels.all[map.channel]!;
      // Counted first: a waiting write may answer at once.
      this.underWay++;
      const number = this.observer === undefined ? 0 : this.reads + this.writes;
      this.observer?.offered(number, head.cycle);
      if (!channel.offer(head.isWrite, map.access, map.bank, map.row, head.port, number, cycle)) {
        this.underWay--;
        continue;
      }
      if (channel.wake < this.channels.next) this.channels.next = channel.wake;
      if (head.isWrite) this.writes++;
      else this.reads++;
      this.lastPort = place;
      queue.advance();
      if (queue.isEmpty) this.queuesLeft--;
      return true;
    }
    return false;
  }
}

/** How often each command has issued, on all channels together. */
function commandsOf(channels: readonly DramChannel[]): Record<string, number> {
  const commands: Record<string, number> = {};
  for (const [place, name] of ISSUED.entries()) {
    const count = channels.reduce((sum, { issued }) => sum + issued[place]!, 0);
    if (count > 0) commands[name] = count;
  }
  return commands;
}

/** Replays all requests of a source; pauses now and then, yielding the requests accepted so far. */
export function* replay(
  spec: DramSpec,
  source: RequestSource,
  injection: Injection,
  watch?: ReplayWatch,
): Generator<number, ReplayResult> {
  const run = new Replay(spec, source, injection, watch);
  const channels = run.channels.all;
  let looks = 0;
  for (let cycle = 0; !run.isDone(); cycle = run.play(cycle)) {
    looks += channels.length + source.ports;
    if (looks < LOOKS_PER_PAUSE) continue;
    looks = 0;
    yield run.reads + run.writes;
  }
  const sum = (count: (channel: DramChannel) => number): number =>
    channels.reduce((total, channel) => total + count(channel), 0);
  const byChannel = run.channels.done();
  const { busBursts, rowHits, rowMisses, rowConflicts, turnarounds, forwarded } = run.sources.counts.all();
  const reads = sum((channel) => channel.reads);
  const cycles = Math.max(...channels.map((channel) => channel.lastDataEnd));
  const busCycles = cycles * channels.length * spec.organization.pseudoChannels;
  return {
    requests: run.reads + run.writes,
    reads: run.reads,
    writes: run.writes,
    cycles,
    bandwidthFraction: busCycles === 0 ? 0 : (busBursts * spec.timing.burst) / busCycles,
    avgReadLatency: reads === 0 ? 0 : sum((channel) => channel.readLatencyCycles) / reads,
    activates: sum((channel) => channel.activates),
    refreshes: sum((channel) => channel.refreshes),
    rowHits,
    rowMisses,
    rowConflicts,
    turnarounds,
    forwarded,
    commands: commandsOf(channels),
    ports: Array.from(run.finishCycles, (finishCycle, port) => ({
      finishCycle,
      ...askedOf(run.sources, port, source, 8 * spec.organization.bytesPerAccess),
    })),
    channels: byChannel,
  };
}

/** What a port has asked for: whole accesses, unless its requests say more. */
function askedOf(sources: BurstSources, port: number, { askedBits }: RequestSource, burstBits: number): AskedTraffic {
  const asked = sources.asked(port);
  const whole = ({ busBursts, forwarded }: BurstSums): number => burstBits * (busBursts + forwarded);
  return { ...asked, askedBits: askedBits?.(port) ?? { read: whole(asked.read), write: whole(asked.write) } };
}
