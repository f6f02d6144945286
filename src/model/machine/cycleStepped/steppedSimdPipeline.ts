/**
 * The 1×K SIMD pipeline at the grain of cycles, behind the port of the tile-grained one: six stages, one vector
 * instruction fetched a cycle unless data or the ALU hold it up, each passing from lane to lane. VMem's numbers are not
 * known in a simulation of time; which places are read and written is. The operations of a fused group's step run one
 * after another, each on the empty pipeline.
 */
import type { EventQueue } from '../../engine/eventQueue.ts';
import { INSTRUCTION_BITS, simdFillCycles } from '../../operations/simdCosts.ts';
import type { SimdStepShape, StepOperation } from '../../schedule/simdSchedule.ts';
import type { Hardware } from '../../schemas/hardware.ts';
import type { InstructionMemory } from '../instructionMemory.ts';
import type { MachineObserver } from '../observer.ts';
import type { ComputePort } from '../ports.ts';
import type { TileSram } from '../tileSram.ts';
import { operationProgram } from './simdProgram.ts';
import { createSimdPipeline, isWrittenBack, type SimdStages, stepSimdPipeline } from './simdStages.ts';
import { SteppedUnit } from './steppedUnit.ts';

const NOTHING = -1;

/** The SRAMs that it reads and writes. */
export interface SimdBuffers {
  readonly vmem: TileSram;
  readonly obuf: TileSram;
}

/** What the operations of a step have read, written and fetched, in bits. */
interface Stepped {
  vmemRead: number;
  vmemWritten: number;
  obufRead: number;
  immRead: number;
  fetched: number;
}

export class SteppedSimdPipeline extends SteppedUnit implements ComputePort<SimdStepShape> {
  private readonly buffers: SimdBuffers;
  private readonly imem: InstructionMemory;
  private readonly hardware: Pick<Hardware, 'array' | 'aluCycles'>;
  private tile: SimdStepShape | undefined = undefined;
  /** The operation that runs, by its place in the step, and what those before it have come to. */
  private operation = 0;
  private stages: SimdStages | undefined = undefined;
  private instructionsBefore = 0;
  private stepped: Stepped = { vmemRead: 0, vmemWritten: 0, obufRead: 0, immRead: 0, fetched: 0 };

  constructor(
    queue: EventQueue,
    buffers: SimdBuffers,
    imem: InstructionMemory,
    hardware: Pick<Hardware, 'array' | 'aluCycles'>,
  ) {
    super(queue);
    this.buffers = buffers;
    this.imem = imem;
    this.hardware = hardware;
  }

  /** Starts a tile on the free pipeline; its figures are compared with those of the tile when it ends. */
  compute(tile: SimdStepShape): void {
    this.tile = tile;
    this.operation = 0;
    this.instructionsBefore = 0;
    this.stepped = { vmemRead: 0, vmemWritten: 0, obufRead: 0, immRead: 0, fetched: 0 };
    this.stages = this.pipelineFor(tile.operations[0]!);
    this.begin();
  }

  private pipelineFor(operation: StepOperation): SimdStages {
    const { array, aluCycles } = this.hardware;
    const lanes = array.columns;
    const stages = createSimdPipeline(operationProgram(operation, lanes), new Map(), { lanes, aluCycles });
    // What runs once per channel pays for no filling: its first instructions are in their stages already.
    const filled = operation.fillCycles === 0 ? simdFillCycles(lanes) : 0;
    for (let cycle = 0; cycle < filled; cycle++) stepSimdPipeline(stages);
    return stages;
  }

  protected step(): void {
    const { operations } = this.tile!;
    if (isWrittenBack(this.stages!)) {
      this.book(operations[this.operation]!);
      this.instructionsBefore += this.stages!.program.length;
      this.operation++;
      this.stages = this.pipelineFor(operations[this.operation]!);
    }
    stepSimdPipeline(this.stages!);
  }

  protected show(observer: MachineObserver, cycle: number): void {
    const { instructionsBefore } = this;
    const { lanes, program } = this.stages!;
    const held = lanes[0]!.stages.map((instruction) =>
      instruction === undefined ? NOTHING : instructionsBefore + instruction,
    );
    observer.unitStepped!(held, cycle, (instruction) => program[instruction - instructionsBefore]!.alu, this.place);
  }

  protected isOver(): boolean {
    return this.operation === this.tile!.operations.length - 1 && isWrittenBack(this.stages!);
  }

  /** Adds up what an operation has read and written. */
  private book({ layer }: StepOperation): void {
    const { stepped } = this;
    const { psum, output } = layer.bits;
    const { vmemReads, obufReads, vmemWrites, vmemOutputWrites, immReads, fetches } = this.stages!.accesses;
    stepped.vmemRead += vmemReads * psum;
    stepped.obufRead += obufReads * psum;
    stepped.vmemWritten += vmemWrites * psum + vmemOutputWrites * output;
    stepped.immRead += immReads * psum;
    stepped.fetched += fetches * INSTRUCTION_BITS;
  }

  protected checkTile(): void {
    const { buffers, imem, stepped } = this;
    const { vmem, obuf } = buffers;
    const { operations, computeCycles, vmemBits, vmemReadBits, obufReadBits, immBits, imemBits, takesTile } =
      this.tile!;
    this.book(operations[this.operation]!);
    this.check('cycles', this.cycles, computeCycles);
    this.check('bits of instructions', stepped.fetched, imemBits);
    // Of a tile whose channels do not fill all lanes, the others read and write nothing.
    if (operations.every(({ layer }) => layer.tile.c % this.hardware.array.columns === 0)) {
      this.check('bits read from VMem', stepped.vmemRead, vmemReadBits);
      this.check('bits read from OBuf', stepped.obufRead, obufReadBits);
      this.check('bits written to VMem', stepped.vmemWritten, vmemBits - vmemReadBits);
      this.check('bits of constants', stepped.immRead, immBits);
    }
    vmem.readBits += vmemReadBits;
    vmem.writtenBits += vmemBits - vmemReadBits;
    imem.immReadBits += immBits;
    imem.readBits += imemBits;
    if (takesTile) {
      obuf.readBits += obufReadBits;
      obuf.takenBits += obufReadBits;
    }
  }
}
