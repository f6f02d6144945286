/** How much of what a machine has is in use. */
import { type DramModel, peakBitsPerCycle } from '../../model/dram/model.ts';
import { sumOf } from '../../model/layers/result.ts';
import { share } from '../../model/layers/share.ts';
import type { DramCounts } from '../../model/machine/dramCounts.ts';
import { type BankedModel, channelsOf } from '../../model/machine/memoryShares.ts';
import type { InterfaceName } from '../../model/machine/observer.ts';
import type { SimulatedResult } from '../../model/machine/statistics.ts';
import { type Hardware, usableWeightBitsPerCycle } from '../../model/schemas/hardware.ts';
import type { ReportedTotals, WithWork } from './workTotals.ts';

/** Shares of time, each with a name that says of what. */
export interface Utilisation {
  /** Issued MACs, those that only fill the array or multiply padding included, per J·K·cycle, over the SA's cycles. */
  readonly peMacsOverSaCycles: number;
  /** Useful MACs, the network's own, per J·K·cycle, over the SA's cycles. */
  readonly usefulPeMacsOverSaCycles: number;
  /** Cycles in which the array, or the SIMD pipeline, computes over the whole run's cycles. */
  readonly peArrayBusyOverAllCycles: number;
  readonly simdBusyOverAllCycles: number;
  /** Cycles in which an off-chip interface transfers over the whole run's cycles. */
  readonly interfaceBusyOverAllCycles: PerInterface;
  /** Bits that tiles asked an interface for over those that it could have moved while a transfer was under way. */
  readonly interfaceBitsOverBusyBits: PerInterface;
  /** With banked DRAM: the same of the bits that it moved, which are whole bursts. */
  readonly interfaceBurstBitsOverBusyBits?: PerInterface;
  /** With banked DRAM: bits over those that its data buses could have carried in the whole run. */
  readonly memoryBitsOverPeak?: MemoryUse;
}

/** What banked DRAM moved, said of what: each holds the next, but for what waiting writes answered. */
export interface MemoryUse {
  /** On its data buses, in whole bursts. */
  readonly bus: number;
  /** Asked for by tiles. */
  readonly asked: number;
  /** Asked for, and the network's own: no padding. */
  readonly useful: number;
}

type PerInterface = Readonly<Record<InterfaceName, number>>;

/** The shares of a run's time and bits; those of banked DRAM need what it counted. */
export function utilisation(
  totals: Readonly<Record<'SA' | 'SIMD' | 'all', ReportedTotals>>,
  hardware: Hardware,
  dram: DramModel,
  dramCounts: DramCounts | undefined,
): Utilisation {
  const { SA, SIMD, all } = totals;
  const cycles = all.simulated.totalCycles;
  const { weight, ifmap, psum, vmem } = all.simulated.interfaceBusyCycles;
  const couldMove = {
    weight: weight * usableWeightBitsPerCycle(hardware),
    ifmap: ifmap * hardware.bitsPerCycle.ifmap,
    psum: psum * hardware.bitsPerCycle.psum,
    vmem: vmem * hardware.bitsPerCycle.vmem,
  };
  return {
    peMacsOverSaCycles: SA.simulated.issued.peUtilisation,
    usefulPeMacsOverSaCycles: SA.simulated.useful.peUtilisation,
    peArrayBusyOverAllCycles: share(SA.simulated.computeCycles, cycles),
    simdBusyOverAllCycles: share(SIMD.simulated.computeCycles, cycles),
    interfaceBusyOverAllCycles: {
      weight: share(weight, cycles),
      ifmap: share(ifmap, cycles),
      psum: share(psum, cycles),
      vmem: share(vmem, cycles),
    },
    interfaceBitsOverBusyBits: {
      weight: share(SA.simulated.dramBits.weight + SA.simulated.dramBits.bias, couldMove.weight),
      ifmap: share(SA.simulated.dramBits.ifmap, couldMove.ifmap),
      psum: share(SA.simulated.dramBits.psum + SA.simulated.dramBits.ofmap, couldMove.psum),
      vmem: share(sumOf(SIMD.simulated.dramBits), couldMove.vmem),
    },
    ...(dram.kind === 'banked' && dramCounts !== undefined
      ? memoryUtilisation(all.simulated, couldMove, hardware, dram, dramCounts)
      : {}),
  };
}

/** What went over the interfaces and data buses of a banked memory. */
function memoryUtilisation(
  { totalCycles, dramBits, useful, memory }: WithWork<SimulatedResult>,
  couldMove: PerInterface,
  { clockPicoseconds }: Hardware,
  dram: BankedModel,
  { interfaces }: DramCounts,
): Pick<Utilisation, 'interfaceBurstBitsOverBusyBits' | 'memoryBitsOverPeak'> {
  const { spec } = dram;
  const memories = channelsOf(dram) / spec.organization.channels;
  const peakBits = totalCycles * memories * peakBitsPerCycle(spec, clockPicoseconds);
  const burstBits = 8 * spec.organization.bytesPerAccess;
  const moved = (name: InterfaceName): number =>
    share(interfaces.find((each) => each.interface === name)!.accepted * burstBits, couldMove[name]);
  return {
    interfaceBurstBitsOverBusyBits: {
      weight: moved('weight'),
      ifmap: moved('ifmap'),
      psum: moved('psum'),
      vmem: moved('vmem'),
    },
    memoryBitsOverPeak: {
      bus: share(memory!.busBits, peakBits),
      asked: share(sumOf(dramBits), peakBits),
      useful: share(sumOf(useful.dramBits), peakBits),
    },
  };
}
