/**
 * The accelerator, put together: every component by its name in figure 2, and who is connected to whom. Built once; all
 * of it lives through all layers of a run.
 */
import type { DramModel } from '../dram/model.ts';
import type { EventQueue } from '../engine/eventQueue.ts';
import type { Layer } from '../layers/layer.ts';
import type { SaStepShape } from '../schedule/saSchedule.ts';
import type { SimdStepShape } from '../schedule/simdSchedule.ts';
import type { Hardware } from '../schemas/hardware.ts';
import type { BankedSide, DramWatch } from './bankedSide.ts';
import { UnitTwins } from './cycleStepped/unitTwins.ts';
import { InstructionMemory } from './instructionMemory.ts';
import { offChipSide } from './offChipSide.ts';
import { PeArray } from './peArray.ts';
import type { ComputePort, TransferPort } from './ports.ts';
import { SimdPipeline } from './simdPipeline.ts';
import { TileSram, type TileSramName } from './tileSram.ts';

const BITS_PER_KIB = 8192;

/** The units that are stepped cycle by cycle, and for which layers, those of a fused group's side with any of its layers. */
export type CycleStepping = typeof import('./cycleStepped/steppedUnits.ts') & {
  readonly isStepped: (layer: Layer) => boolean;
};

export interface Components {
  readonly peArray: ComputePort<SaStepShape>;
  readonly simdPipeline: ComputePort<SimdStepShape>;
  /** Weight tiles. */
  readonly wbuf: TileSram;
  /** Ifmap tiles. */
  readonly ibuf: TileSram;
  /** Psum tiles, each in one slot from its load, or its first accumulation, to its store. */
  readonly obuf: TileSram;
  /** Bias tiles. */
  readonly bbuf: TileSram;
  /** Working sets of the SIMD array. */
  readonly vmem: TileSram;
  /** Instructions of the SIMD array. */
  readonly imem: InstructionMemory;
  /** Weight and bias share it. */
  readonly weightInterface: TransferPort;
  readonly ifmapInterface: TransferPort;
  /** Psum loads, psum stores and ofmap stores share it. */
  readonly psumInterface: TransferPort;
  readonly vmemInterface: TransferPort;
  /** The DRAM behind the interfaces, where it has banks and channels. */
  readonly dram: BankedSide | undefined;
}

/**
 * Builds the components of a hardware file at a memory; `watch`: how a banked one is looked at. With `stepping` both
 * units are stepped cycle by cycle for its layers.
 */
export function buildComponents(
  hardware: Hardware,
  queue: EventQueue,
  dram: DramModel,
  watch?: DramWatch,
  stepping?: CycleStepping,
): Components {
  const { sramKiB, slots } = hardware;
  const sram = (name: TileSramName): TileSram =>
    new TileSram({ name, slots: slots[name], sizeBits: sramKiB[name] * BITS_PER_KIB });
  const [wbuf, ibuf, obuf, bbuf, vmem] = [sram('wbuf'), sram('ibuf'), sram('obuf'), sram('bbuf'), sram('vmem')];
  const imem = new InstructionMemory(queue, {
    sizeBits: sramKiB.imem * BITS_PER_KIB,
    bitsPerCycle: hardware.instructionLoading?.bitsPerCycle,
  });
  const { interfaces, banked } = offChipSide(hardware, queue, dram, watch);
  const buffers = { wbuf, ibuf, bbuf, obuf };
  const peArray = new PeArray(queue, buffers);
  const simdPipeline = new SimdPipeline(queue, vmem, imem, obuf);
  return {
    peArray: stepping
      ? new UnitTwins(peArray, new stepping.SteppedPeArray(queue, buffers, hardware.array), stepping.isStepped)
      : peArray,
    simdPipeline: stepping
      ? new UnitTwins(
          simdPipeline,
          new stepping.SteppedSimdPipeline(queue, { vmem, obuf }, imem, hardware),
          stepping.isStepped,
        )
      : simdPipeline,
    wbuf,
    ibuf,
    obuf,
    bbuf,
    vmem,
    imem,
    weightInterface: interfaces.weight,
    ifmapInterface: interfaces.ifmap,
    psumInterface: interfaces.psum,
    vmemInterface: interfaces.vmem,
    dram: banked,
  };
}
