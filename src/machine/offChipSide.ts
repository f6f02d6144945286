/** The four off-chip interfaces and the memory behind them. */
import { type DramPort, IdealPort } from '../dram/ideal.ts';
import { LatencyPort } from '../dram/latency.ts';
import { Memory, type MemoryCounts, noMemoryCounts } from '../dram/memory.ts';
import type { DramModel } from '../dram/model.ts';
import { placeTensors } from '../dram/placement.ts';
import type { EventQueue } from '../engine/eventQueue.ts';
import type { Layer } from '../layers/layer.ts';
import { addInto } from '../layers/result.ts';
import type { DramSpec } from '../spec/dram.ts';
import { type Hardware, usableWeightBitsPerCycle } from '../spec/hardware.ts';
import { BankedInterface } from './bankedInterface.ts';
import { ClockRatio, MemoryClock } from './memoryClock.ts';
import { INTERFACES, type InterfaceName, type TileMove } from './observer.ts';
import { type OffChip, OffChipInterface } from './offChipInterface.ts';

/** What stands between the chip and its memory. */
export interface OffChipSide {
  readonly interfaces: Readonly<Record<InterfaceName, OffChip>>;
  /** Only with a memory that must know which tiles move, and when layers begin and end. */
  readonly banked?: BankedSide;
}

type Banked = Extract<DramModel, { kind: 'banked' }>;

/** Builds the interfaces for a memory model. */
export function offChipSide(hardware: Hardware, queue: EventQueue, dram: DramModel): OffChipSide {
  if (dram.kind === 'banked') {
    const banked = new BankedSide(hardware, queue, dram);
    return { interfaces: banked.interfaces, banked };
  }
  const bitsPerCycle = interfaceBitsPerCycle(hardware);
  const portOf = (name: InterfaceName): DramPort =>
    dram.kind === 'ideal'
      ? new IdealPort(bitsPerCycle[name])
      : new LatencyPort(bitsPerCycle[name], dram.spec.interfaces[name], `${dram.seed}:${name}`);
  return { interfaces: perInterface((name) => new OffChipInterface(name, queue, portOf(name))) };
}

/** What each interface can move at most. */
function interfaceBitsPerCycle(hardware: Hardware): Record<InterfaceName, number> {
  return { ...hardware.bitsPerCycle, weight: usableWeightBitsPerCycle(hardware) };
}

function perInterface<T>(value: (name: InterfaceName) => T): Record<InterfaceName, T> {
  return { weight: value('weight'), ifmap: value('ifmap'), psum: value('psum'), vmem: value('vmem') };
}

/** A banked memory, or one per interface, with the clocks that drive it. */
export class BankedSide {
  readonly interfaces: Readonly<Record<InterfaceName, BankedInterface>>;
  private readonly dram: Banked;
  private readonly memories: readonly Memory[];
  private readonly clocks: readonly MemoryClock[];
  private countsBefore = noMemoryCounts();

  constructor(hardware: Hardware, queue: EventQueue, dram: Banked) {
    const { spec, sharing } = dram;
    const ratio = new ClockRatio(hardware.clockPicoseconds, spec.clockPicoseconds);
    const bitsPerCycle = interfaceBitsPerCycle(hardware);
    const burstBits = 8 * spec.organization.bytesPerAccess;
    this.dram = dram;
    this.interfaces = perInterface((name) => {
      const linkCycles = (burstBits * ratio.memory) / (bitsPerCycle[name] * ratio.accelerator);
      return new BankedInterface(name, queue, spec.organization.bytesPerAccess, linkCycles, spec.timing.burst);
    });
    const groups = sharing === 'shared' ? [INTERFACES] : INTERFACES.map((name) => [name] as const);
    const share = sharing === 'split' ? withChannels(spec, spec.organization.channels / INTERFACES.length) : spec;
    const sides = groups.map((names) => {
      const members = names.map((name) => this.interfaces[name]);
      const memory = new Memory(
        share,
        members.map(({ port }) => port),
      );
      const clock = new MemoryClock(memory, ratio, queue);
      for (const member of members) member.clock = clock;
      return { memory, clock };
    });
    this.memories = sides.map(({ memory }) => memory);
    this.clocks = sides.map(({ clock }) => clock);
  }

  /** The next request of an interface moves these tiles. */
  expect(name: InterfaceName, moves: readonly TileMove[]): void {
    this.interfaces[name].expect(moves);
  }

  /** Gives the layer's tensors their places. */
  layerStarted(layer: Layer, edgesAreFull: boolean): void {
    const placement = placeTensors(layer, edgesAreFull, this.dram.spec, this.dram.layout);
    for (const name of INTERFACES) this.interfaces[name].placement = placement;
  }

  /** The queue's clock is about to be set back after a layer of so many cycles; the memory's goes on. */
  layerEnded(cycles: number): void {
    for (const clock of this.clocks) clock.layerEnded(cycles);
  }

  /** What the memory has done for the layer that has just ended; a write may still wait in a queue. */
  countsOfLayer(): MemoryCounts {
    const counts = noMemoryCounts();
    for (const memory of this.memories) addInto(counts, memory.counts());
    const before = this.countsBefore;
    this.countsBefore = { ...counts };
    for (const key of Object.keys(counts) as (keyof MemoryCounts)[]) counts[key] -= before[key];
    return counts;
  }
}

function withChannels(spec: DramSpec, channels: number): DramSpec {
  return { ...spec, organization: { ...spec.organization, channels } };
}
