/** Requests that arrive at random times whether or not the memory keeps up, as streams of one kind. */
import seedrandom from 'seedrandom';
import { AddressMap, memoryBytes } from '../../model/dram/addressMap.ts';
import type { Request, RequestSource, RequestWalk } from '../../model/dram/requestRules.ts';
import type { DramSpec } from '../../model/schemas/dram.ts';

/** Burst after burst; bursts a stride apart; bursts anywhere in the memory. */
export const STREAM_KINDS = ['sequential', 'strided', 'random'] as const;
export type StreamKind = (typeof STREAM_KINDS)[number];

/** What arrives. */
export interface OpenLoopRule {
  readonly kind: StreamKind;
  /** From one burst to the next of a strided stream: whole bursts. */
  readonly strideBytes: number;
  /** The share of reads among the requests, 0 to 1. */
  readonly readShare: number;
  /** Bursts per memory cycle, on average. */
  readonly rate: number;
  /** Nothing arrives in this cycle or after it. */
  readonly endCycle: number;
  readonly seed: string;
}

/** A stream of bursts in a part of the memory; at the part's end it begins again, a burst further. */
class Stream {
  private readonly from: number;
  private readonly strideBytes: number;
  private readonly perLap: number;
  private readonly burstBytes: number;
  private readonly laps: number;
  private place = 0;
  private lap = 0;

  constructor(from: number, bytes: number, strideBytes: number, burstBytes: number) {
    this.from = from;
    this.strideBytes = strideBytes;
    this.perLap = Math.max(1, Math.floor(bytes / strideBytes));
    this.burstBytes = burstBytes;
    this.laps = strideBytes / burstBytes;
  }

  next(): number {
    const address = this.from + this.place * this.strideBytes + this.lap * this.burstBytes;
    if (++this.place === this.perLap) {
      this.place = 0;
      this.lap = (this.lap + 1) % this.laps;
    }
    return address;
  }
}

/** Where requests go. Reads come from the first half of the memory, writes go to the second; random ones go anywhere. */
function addressesOf({ kind, strideBytes, seed }: OpenLoopRule, spec: DramSpec): (isWrite: boolean) => number {
  const { bytesPerAccess } = spec.organization;
  const bytes = memoryBytes(spec);
  if (kind === 'random') {
    const random = seedrandom(`${seed}: addresses`);
    return () => bytesPerAccess * Math.floor((random() * bytes) / bytesPerAccess);
  }
  const stride = kind === 'strided' ? strideBytes : bytesPerAccess;
  const reads = new Stream(0, bytes / 2, stride, bytesPerAccess);
  const writes = new Stream(bytes / 2, bytes / 2, stride, bytesPerAccess);
  return (isWrite) => (isWrite ? writes : reads).next();
}

/** The cycles of so many arrivals before a cycle, with exponential times between them: a Poisson process of that many. */
function poisson(count: number, endCycle: number, random: seedrandom.PRNG): Float64Array {
  const times = new Float64Array(count);
  let now = 0;
  for (let place = 0; place <= count; place++) {
    now -= Math.log(1 - random());
    times[place] = now; // the one behind the last is not kept
  }
  return times.map((time) => Math.floor((time / now) * endCycle));
}

/**
 * All requests, with exponential times between them, in a queue for each channel (its port): none waits for one of
 * another channel. Which are reads, where random ones lie and, but for the scale, when they arrive depends on the seed
 * alone, so that the same requests come at every rate.
 */
export class OpenLoop implements RequestSource {
  readonly requests: number;
  readonly ports: number;
  private readonly cycles: number[] = [];
  private readonly addresses: number[] = [];
  private readonly writes: boolean[] = [];
  /** The requests of each channel, by their places. */
  private readonly ofChannel: readonly number[][];

  constructor(rule: OpenLoopRule, spec: DramSpec) {
    const { rate, endCycle, readShare, seed } = rule;
    const kinds = seedrandom(`${seed}: kinds`);
    const addressOf = addressesOf(rule, spec);
    const map = new AddressMap(spec);
    this.ports = spec.organization.channels;
    this.ofChannel = Array.from({ length: this.ports }, () => []);
    this.requests = Math.round(rate * endCycle);
    for (const cycle of poisson(this.requests, endCycle, seedrandom(`${seed}: times`))) {
      const isWrite = kinds() >= readShare;
      const address = addressOf(isWrite);
      map.decode(address);
      this.ofChannel[map.channel]!.push(this.cycles.length);
      this.cycles.push(cycle);
      this.addresses.push(address);
      this.writes.push(isWrite);
    }
  }

  /** How many arrive from a cycle on. */
  arrivalsFrom(cycle: number): number {
    return this.cycles.reduce((count, at) => (at >= cycle ? count + 1 : count), 0);
  }

  /** The requests of one channel. */
  walk(port = 0): RequestWalk {
    const { cycles, addresses, writes } = this;
    const places = this.ofChannel[port]!;
    let at = 0;
    const next = (request: Request): boolean => {
      const place = places[at++];
      if (place === undefined) return false;
      request.cycle = cycles[place]!;
      request.isWrite = writes[place]!;
      request.address = addresses[place]!;
      request.port = port;
      return true;
    };
    return { next };
  }
}
