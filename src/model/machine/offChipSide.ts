/** The four off-chip interfaces and the memory behind them. */
import { type DramPort, IdealPort } from '../dram/ideal.ts';
import { LatencyPort } from '../dram/latency.ts';
import type { DramModel } from '../dram/model.ts';
import type { EventQueue } from '../engine/eventQueue.ts';
import type { Hardware } from '../schemas/hardware.ts';
import { BankedSide } from './bankedMemory.ts';
import type { DramWatch } from './bankedSide.ts';
import { type InterfaceName, perInterface } from './observer.ts';
import { interfaceBitsPerCycle, OffChipInterface } from './offChipInterface.ts';
import type { TransferPort } from './ports.ts';

/** What stands between the chip and its memory. */
export interface OffChipSide {
  readonly interfaces: Readonly<Record<InterfaceName, TransferPort>>;
  /** Only with a memory that must know which tiles move, and when layers begin and end. */
  readonly banked?: BankedSide;
}

/** Builds the interfaces for a memory model; `watch`: how a banked one is looked at. */
export function offChipSide(hardware: Hardware, queue: EventQueue, dram: DramModel, watch?: DramWatch): OffChipSide {
  if (dram.kind === 'banked') {
    const banked = new BankedSide(hardware, queue, dram, watch);
    return { interfaces: banked.interfaces, banked };
  }
  const bitsPerCycle = interfaceBitsPerCycle(hardware);
  const portOf = (name: InterfaceName): DramPort => {
    switch (dram.kind) {
      case 'ideal':
        return new IdealPort(bitsPerCycle[name]);
      case 'peak':
        return new IdealPort(Math.min(bitsPerCycle[name], dram.bitsPerCycle));
      case 'latency':
        return new LatencyPort(bitsPerCycle[name], dram.spec.interfaces[name], `${dram.seed}:${name}`);
    }
  };
  return { interfaces: perInterface((name) => new OffChipInterface(name, queue, portOf(name))) };
}
