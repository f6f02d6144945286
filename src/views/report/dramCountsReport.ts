/** What banked memory did in a run as data: by channel, by interface, by tensor, and in all. */
import { type BurstSums, noBurstSums } from '../../model/dram/burstCounts.ts';
import type { ChannelDone, DramCounts, InterfaceBursts, TensorBursts } from '../../model/machine/dramCounts.ts';
import type { InterfaceName } from '../../model/machine/observer.ts';

/** Bursts that are read, or written. */
export interface BurstsReport extends BurstSums {
  /** Bits on the data bus: whole bursts. */
  readonly busBits: number;
}

/** The same of an interface or a tensor. */
export interface AskedReport extends BurstsReport {
  /** Bits that tiles asked for. */
  readonly askedBits: number;
}

/** Both directions. */
export interface Both<Bursts> {
  readonly read: Bursts;
  readonly write: Bursts;
}

/** What banked memory did. Each count adds up to that of `all`, over channels, over interfaces and over tensors. */
export interface DramCountsReport {
  readonly all: Both<AskedReport> & { readonly refreshes: number; readonly waitingWrites: number };
  /** Numbered through all memories, where interfaces have their own. */
  readonly channels: readonly (Both<BurstsReport> & { readonly channel: number; readonly refreshes: number })[];
  readonly interfaces: readonly (Both<AskedReport> & Omit<InterfaceBursts, 'accepted'>)[];
  readonly tensors: readonly (Both<AskedReport> & { readonly interface: InterfaceName; readonly tensor: string })[];
}

const NOTHING: AskedReport = { ...noBurstSums(), busBits: 0, askedBits: 0 };

function added(parts: readonly AskedReport[]): AskedReport {
  const sums = { ...NOTHING };
  for (const part of parts) for (const name of Object.keys(sums) as (keyof AskedReport)[]) sums[name] += part[name];
  return sums;
}

function bothAdded(parts: readonly Both<AskedReport>[]): Both<AskedReport> {
  return { read: added(parts.map(({ read }) => read)), write: added(parts.map(({ write }) => write)) };
}

/** The counts of a memory whose bursts have so many bits. */
export function dramCountsReport({ channels, tensors, interfaces }: DramCounts, burstBits: number): DramCountsReport {
  const withBits = <Bursts extends BurstSums>(bursts: Bursts): Bursts & BurstsReport => ({
    ...bursts,
    busBits: bursts.busBursts * burstBits,
  });
  const byTensor = tensors.map((each: TensorBursts) => ({
    interface: each.interface,
    tensor: each.tensor,
    read: withBits(each.read),
    write: withBits(each.write),
  }));
  const byInterface = interfaces.map(({ interface: name, waitingWrites }) => ({
    interface: name,
    waitingWrites,
    ...bothAdded(byTensor.filter((each) => each.interface === name)),
  }));
  const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0);
  return {
    all: {
      refreshes: sum(channels.map(({ refreshes }) => refreshes)),
      waitingWrites: sum(interfaces.map(({ waitingWrites }) => waitingWrites)),
      ...bothAdded(byTensor),
    },
    channels: channels.map(({ refreshes, read, write }: ChannelDone, channel) => ({
      channel,
      refreshes,
      read: withBits(read),
      write: withBits(write),
    })),
    interfaces: byInterface,
    tensors: byTensor,
  };
}
