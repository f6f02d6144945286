/** The 1×K SIMD pipeline at the grain of tiles: how long one takes, and what it reads and writes meanwhile. */
import type { EventQueue } from '../engine/eventQueue.ts';
import type { SimdStepShape } from '../schedule/simdSchedule.ts';
import { ComputeUnit } from './computeUnit.ts';
import type { InstructionMemory } from './instructionMemory.ts';
import type { ComputePort } from './ports.ts';
import type { TileSram } from './tileSram.ts';

/** Computes a tile's instructions vector by vector, after (6−1) + (K−1) cycles of fill (eqs 21 and 22). */
export class SimdPipeline extends ComputeUnit implements ComputePort<SimdStepShape> {
  private readonly vmem: TileSram;
  private readonly obuf: TileSram;
  private readonly imem: InstructionMemory;

  constructor(queue: EventQueue, vmem: TileSram, imem: InstructionMemory, obuf: TileSram) {
    super(queue);
    this.vmem = vmem;
    this.obuf = obuf;
    this.imem = imem;
  }

  /** Starts a tile on the free pipeline: instructions come from IMem, constants from its IMM, data from VMem, tiles handed over from OBuf. */
  compute(tile: SimdStepShape): void {
    this.vmem.readBits += tile.vmemReadBits;
    this.vmem.writtenBits += tile.vmemBits - tile.vmemReadBits;
    this.imem.immReadBits += tile.immBits;
    this.imem.readBits += tile.imemBits;
    if (tile.takesTile) {
      this.obuf.readBits += tile.obufReadBits;
      this.obuf.takenBits += tile.obufReadBits;
    }
    this.begin(tile.computeCycles);
  }
}
