/** Banked memory behind the off-chip interfaces. */
import { memoryBytes } from '../dram/addressMap.ts';
import { Memory, type MemoryCounts, noMemoryCounts } from '../dram/memory.ts';
import { placeFused, placeTensors } from '../dram/placement.ts';
import type { EventQueue } from '../engine/eventQueue.ts';
import type { FusedGroup } from '../fusion/groups.ts';
import type { Layer } from '../layers/layer.ts';
import { addInto } from '../layers/result.ts';
import type { DramSpec } from '../schemas/dram.ts';
import type { Hardware } from '../schemas/hardware.ts';
import { BankedInterface } from './bankedInterface.ts';
import type { ChannelWatch } from './channelWatch.ts';
import type { ChannelWatching } from './channelWatching.ts';
import type { DramCounts } from './dramCounts.ts';
import { ClockRatio, MemoryClock } from './memoryClock.ts';
import { type BankedModel, memorySharesOf } from './memoryShares.ts';
import { INTERFACES, type InterfaceName, perInterface } from './observer.ts';
import { interfaceBitsPerCycle } from './offChipInterface.ts';

/** How a banked memory is looked at. */
export interface DramWatch {
  /** For whoever watches the channels, from the first layer to the last. */
  readonly channelWatching?: ChannelWatching | undefined;
  /** Whether the latencies of all bursts are counted, which takes a few percent of a run. */
  readonly countsLatencies?: boolean | undefined;
}

/** A banked memory, or one per interface, with the clocks that drive it. */
export class BankedSide {
  readonly interfaces: Readonly<Record<InterfaceName, BankedInterface>>;
  private readonly dram: BankedModel;
  /** Of the smallest memory. */
  private readonly capacityBytes: number;
  private readonly memories: readonly Memory[];
  private readonly clocks: readonly MemoryClock[];
  private readonly watches: readonly ChannelWatch[];
  private countsBefore = noMemoryCounts();

  constructor(
    hardware: Hardware,
    queue: EventQueue,
    dram: BankedModel,
    { channelWatching: watching, countsLatencies }: DramWatch = {},
  ) {
    const { spec } = dram;
    const ratio = new ClockRatio(hardware.clockPicoseconds, spec.clockPicoseconds);
    const bitsPerCycle = interfaceBitsPerCycle(hardware);
    const burstBits = 8 * spec.organization.bytesPerAccess;
    const recorded = watching?.observer.burstAccepted && watching.RecordedPort;
    this.dram = dram;
    this.interfaces = perInterface((name) => {
      const linkCycles = (burstBits * ratio.memory) / (bitsPerCycle[name] * ratio.accelerator);
      const { bytesPerAccess } = spec.organization;
      return new BankedInterface(name, queue, bytesPerAccess, linkCycles, spec.timing.burst, recorded);
    });
    const sides = memorySharesOf(dram).map(({ names, channels, firstChannel }) => {
      const members = names.map((name) => this.interfaces[name]);
      const watch = watching && new watching.ChannelWatch(watching.observer, names, ratio, spec, firstChannel);
      const ports = members.map(({ port }) => port);
      const memory = new Memory(withChannels(spec, channels), ports, watch, countsLatencies);
      const clock = new MemoryClock(memory, ratio, queue);
      for (const [place, member] of members.entries()) {
        member.clock = clock;
        member.sources = memory.sources;
        member.place = place;
        member.watch = watch;
      }
      return { memory, clock, watch };
    });
    this.capacityBytes = Math.min(
      ...memorySharesOf(dram).map(({ channels }) => memoryBytes(withChannels(spec, channels))),
    );
    this.memories = sides.map(({ memory }) => memory);
    this.clocks = sides.map(({ clock }) => clock);
    this.watches = sides.flatMap(({ watch }) => watch ?? []);
  }

  /** Gives the tensors of a program's layers their places; a group's SIMD side loads and stores for its last layer. */
  programStarted(layers: readonly Layer[], edgesAreFull: boolean, groups: readonly FusedGroup[] = []): void {
    const { spec, layout } = this.dram;
    const lasts = new Map(groups.map((group) => [group.last, group] as const));
    const placements = layers.map((layer, place) => {
      const group = lasts.get(place);
      return group === undefined
        ? placeTensors(layer, edgesAreFull, spec, layout, this.capacityBytes)
        : placeFused(group, edgesAreFull, spec, layout, this.capacityBytes);
    });
    for (const name of INTERFACES) this.interfaces[name].placements = placements;
    for (const watch of this.watches) watch.programStarted(layers.length);
  }

  /** The queue's clock is about to be set back after a program of so many cycles; the memory's goes on. */
  programEnded(cycles: number): void {
    for (const clock of this.clocks) clock.layerEnded(cycles);
  }

  /** Lets the writes that still wait in a queue reach the memory, after the last layer. */
  drain(): void {
    for (const memory of this.memories) memory.drain();
  }

  /** What the memory has done from the first program on; between programs. */
  counts(): DramCounts {
    const channels = this.memories.flatMap((memory) => memory.channelsDone());
    const tensors = INTERFACES.flatMap((name) => this.interfaces[name].tensorBursts());
    return {
      channels,
      tensors,
      interfaces: INTERFACES.map((name) => {
        const accepted = this.interfaces[name].port.bursts;
        const served = tensors
          .filter((each) => each.interface === name)
          .flatMap(({ read, write }) => [read, write])
          .reduce((bursts, { busBursts, forwarded }) => bursts + busBursts + forwarded, 0);
        return { interface: name, accepted, waitingWrites: accepted - served };
      }),
    };
  }

  /** What the memory has done for the program that has just ended; a write may still wait in a queue. */
  countsOfProgram(): MemoryCounts {
    const counts = this.allCounts();
    const before = this.countsBefore;
    this.countsBefore = { ...counts };
    for (const key of Object.keys(counts) as (keyof MemoryCounts)[]) counts[key] -= before[key];
    return counts;
  }

  private allCounts(): MemoryCounts {
    const counts = noMemoryCounts();
    for (const memory of this.memories) addInto(counts, memory.counts());
    return counts;
  }
}

function withChannels(spec: DramSpec, channels: number): DramSpec {
  return { ...spec, organization: { ...spec.organization, channels } };
}
