/**
 * The 1×K SIMD pipeline at the grain of cycles, behind the port of the tile-grained one: six stages, one vector
 * instruction fetched a cycle unless data or the ALU hold it up, each passing from lane to lane. VMem's numbers are not
 * known in a simulation of time; which places are read and written is.
 */
import type { EventQueue } from '../../engine/eventQueue.ts';
import { INSTRUCTION_BITS, simdFillCycles } from '../../operations/simdCosts.ts';
import type { SimdStepShape } from '../../schedule/simdSchedule.ts';
import type { Hardware } from '../../schemas/hardware.ts';
import type { InstructionMemory } from '../instructionMemory.ts';
import type { MachineObserver } from '../observer.ts';
import type { ComputePort } from '../ports.ts';
import type { TileSram } from '../tileSram.ts';
import { partProgram } from './simdProgram.ts';
import { createSimdPipeline, isWrittenBack, type SimdStages, stepSimdPipeline } from './simdStages.ts';
import { SteppedUnit } from './steppedUnit.ts';

const NOTHING = -1;

export class SteppedSimdPipeline extends SteppedUnit implements ComputePort<SimdStepShape> {
  private readonly vmem: TileSram;
  private readonly imem: InstructionMemory;
  private readonly hardware: Pick<Hardware, 'array' | 'aluCycles'>;
  private tile: SimdStepShape | undefined;
  private stages: SimdStages | undefined;

  constructor(
    queue: EventQueue,
    vmem: TileSram,
    imem: InstructionMemory,
    hardware: Pick<Hardware, 'array' | 'aluCycles'>,
  ) {
    super(queue);
    this.vmem = vmem;
    this.imem = imem;
    this.hardware = hardware;
  }

  /** Starts a tile on the free pipeline; its figures are compared with those of the tile when it ends. */
  compute(tile: SimdStepShape): void {
    const { array, aluCycles } = this.hardware;
    const lanes = array.columns;
    this.tile = tile;
    this.stages = createSimdPipeline(partProgram(tile.layer, tile.part, lanes), new Map(), { lanes, aluCycles });
    // What runs once per channel pays for no filling: its first instructions are in their stages already.
    const filled = tile.fillCycles === 0 ? simdFillCycles(lanes) : 0;
    for (let cycle = 0; cycle < filled; cycle++) stepSimdPipeline(this.stages);
    this.begin();
  }

  protected step(): void {
    stepSimdPipeline(this.stages!);
  }

  protected show(observer: MachineObserver, cycle: number): void {
    const { lanes, program } = this.stages!;
    const held = lanes[0]!.stages.map((instruction) => instruction ?? NOTHING);
    observer.unitStepped!(held, cycle, (instruction) => program[instruction]!.alu);
  }

  protected isOver(): boolean {
    return isWrittenBack(this.stages!);
  }

  protected checkTile(): void {
    const { vmem, imem } = this;
    const { computeCycles, vmemBits, vmemReadBits, immBits, imemBits, layer } = this.tile!;
    const { psum, output } = layer.bits;
    const { vmemReads, vmemWrites, vmemOutputWrites, immReads, fetches } = this.stages!.accesses;
    this.check('cycles', this.cycles, computeCycles);
    this.check('bits of instructions', fetches * INSTRUCTION_BITS, imemBits);
    // Of a tile whose channels do not fill all lanes, the others read and write nothing.
    if (layer.tile.c % this.hardware.array.columns === 0) {
      this.check('bits read from VMem', vmemReads * psum, vmemReadBits);
      this.check('bits written to VMem', vmemWrites * psum + vmemOutputWrites * output, vmemBits - vmemReadBits);
      this.check('bits of constants', immReads * psum, immBits);
    }
    vmem.readBits += vmemReadBits;
    vmem.writtenBits += vmemBits - vmemReadBits;
    imem.immReadBits += immBits;
    imem.readBits += imemBits;
  }
}
