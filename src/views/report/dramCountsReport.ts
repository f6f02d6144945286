/** What banked memory did as data: by channel, by interface or port, by tensor, and in all. */
import { type AskedTraffic, type BurstSums, noBurstSums } from '../../model/dram/burstCounts.ts';
import type { ChannelDone } from '../../model/dram/channels.ts';
import { Latencies, type LatencySummary } from '../../model/dram/latencyCounts.ts';
import type { DramCounts } from '../../model/machine/dramCounts.ts';
import type { InterfaceName } from '../../model/machine/observer.ts';

/** Bursts that are read, or written. */
export interface BurstsReport extends BurstSums {
  /** Bits on the data bus: whole bursts. */
  readonly busBits: number;
  /** From when a burst is accepted to the end of its data, in memory clock cycles; where they are counted and there are any. */
  readonly latency?: LatencySummary;
}

/** The same of who asks for them. */
export interface AskedReport extends BurstsReport {
  /** Bits that were asked for. */
  readonly askedBits: number;
}

/** Both directions. */
export interface Both<Bursts> {
  readonly read: Bursts;
  readonly write: Bursts;
}

/** A channel, by its number. */
export interface ChannelReport extends Both<BurstsReport> {
  readonly channel: number;
  readonly refreshes: number;
}

/** An interface of the accelerator. */
export interface InterfaceReport extends Both<AskedReport> {
  readonly interface: InterfaceName;
  /** Writes that the controllers had accepted and not served when the run was over. */
  readonly waitingWrites: number;
}

/** A tensor that an interface moves. */
export interface TensorReport extends Both<AskedReport> {
  readonly interface: InterfaceName;
  readonly tensor: string;
}

/** What banked memory did. Each count adds up to that of `all`, over channels, over interfaces and over tensors. */
export interface DramCountsReport {
  readonly all: Both<AskedReport> & { readonly refreshes: number; readonly waitingWrites: number };
  /** Numbered through all memories, where interfaces have their own. */
  readonly channels: readonly ChannelReport[];
  readonly interfaces: readonly InterfaceReport[];
  readonly tensors: readonly TensorReport[];
}

const DIRECTIONS = ['read', 'write'] as const;
type Direction = (typeof DIRECTIONS)[number];

function both<Bursts>(of: (direction: Direction) => Bursts): Both<Bursts> {
  return { read: of('read'), write: of('write') };
}

function latencyOf(latencies: Latencies | undefined): Pick<BurstsReport, 'latency'> {
  const latency = latencies?.summary();
  return latency === undefined ? {} : { latency };
}

/** The bursts of a channel, each of so many bits. */
export function channelReport(
  { refreshes, latencies, ...traffic }: ChannelDone,
  channel: number,
  burstBits: number,
): ChannelReport {
  return {
    channel,
    refreshes,
    ...both((direction) => ({
      ...traffic[direction],
      busBits: traffic[direction].busBursts * burstBits,
      ...latencyOf(latencies?.[direction]),
    })),
  };
}

/** Bursts that someone has asked for, each of so many bits. */
export function askedReport({ askedBits, latencies, ...traffic }: AskedTraffic, burstBits: number): Both<AskedReport> {
  return both((direction) => ({
    ...traffic[direction],
    busBits: traffic[direction].busBursts * burstBits,
    askedBits: askedBits[direction],
    ...latencyOf(latencies?.[direction]),
  }));
}

/** Bursts of several added up. */
export function added(parts: readonly AskedTraffic[]): AskedTraffic {
  const hasLatencies = parts.some(({ latencies }) => latencies !== undefined);
  const sums = { read: noBurstSums(), write: noBurstSums() };
  const askedBits = { read: 0, write: 0 };
  const latencies = { read: new Latencies(), write: new Latencies() };
  for (const part of parts) {
    for (const direction of DIRECTIONS) {
      for (const name of Object.keys(sums[direction]) as (keyof BurstSums)[]) {
        sums[direction][name] += part[direction][name];
      }
      askedBits[direction] += part.askedBits[direction];
      if (part.latencies !== undefined) latencies[direction].add(part.latencies[direction]);
    }
  }
  return { ...sums, askedBits, ...(hasLatencies ? { latencies } : {}) };
}

const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0);

/** The counts of a run on a memory whose bursts have so many bits. */
export function dramCountsReport({ channels, tensors, interfaces }: DramCounts, burstBits: number): DramCountsReport {
  return {
    all: {
      refreshes: sum(channels.map(({ refreshes }) => refreshes)),
      waitingWrites: sum(interfaces.map(({ waitingWrites }) => waitingWrites)),
      ...askedReport(added(tensors), burstBits),
    },
    channels: channels.map((done, channel) => channelReport(done, channel, burstBits)),
    interfaces: interfaces.map(({ interface: name, waitingWrites }) => ({
      interface: name,
      waitingWrites,
      ...askedReport(added(tensors.filter((each) => each.interface === name)), burstBits),
    })),
    tensors: tensors.map(({ interface: name, tensor, ...asked }) => ({
      interface: name,
      tensor,
      ...askedReport(asked, burstBits),
    })),
  };
}
