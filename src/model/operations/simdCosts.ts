/** What the instructions of a part cost per element or per vector of K elements (MODEL.md §4). */
import type { Window } from '../layers/sizes.ts';
import { type AluOp, executionsPerElement, type Instruction, type Part, readsOf, writesPerElement } from './simdRow.ts';

/** NOP cycles before an instruction that reads the previous one's result. */
export const NOP_CYCLES = 2;

const PIPELINE_STAGES = 6;
/** Of every SIMD instruction. */
export const INSTRUCTION_BITS = 32;

/** Operations that count by their cycles in `ops`; VMem and instruction memory see each only once. */
const WEIGHTED_BY_CYCLES: ReadonlySet<AluOp> = new Set<AluOp>(['div', 'exp', 'invSqrt', 'condMove']);

/** A multiplication and an addition. */
const OPS_PER_MAC = 2;

/** Cycles to fill the SIMD pipeline before each tile: (6 − 1) + (K − 1). */
export function simdFillCycles(lanes: number): number {
  return PIPELINE_STAGES - 1 + (lanes - 1);
}

/** Cycles that the ALU takes for an instruction. */
export function aluCyclesOf(
  { alu, isOneStep }: Pick<Instruction, 'alu' | 'isOneStep'>,
  aluCycles: Readonly<Record<AluOp, number>>,
): number {
  return isOneStep ? 1 : aluCycles[alu];
}

/** Cycles of one instruction per vector of K elements, its NOPs included. */
function instructionCycles(
  instruction: Instruction,
  window: Window,
  aluCycles: Readonly<Record<AluOp, number>>,
): number {
  const latency = aluCyclesOf(instruction, aluCycles) + (instruction.waits ? NOP_CYCLES : 0);
  return executionsPerElement(instruction, window) * latency;
}

/** Cycles of a part's instructions per vector of K elements. */
export function cyclesPerVector(part: Part, window: Window, aluCycles: Readonly<Record<AluOp, number>>): number {
  let cycles = 0;
  for (const instruction of part.instructions) cycles += instructionCycles(instruction, window, aluCycles);
  return cycles;
}

/** The instructions of a part and the NOPs before those that wait, each once, as windows are loops; in bits. */
export function programBits({ instructions }: Part): number {
  const nops = instructions.filter(({ waits }) => waits).length * NOP_CYCLES;
  return (instructions.length + nops) * INSTRUCTION_BITS;
}

/** Costs of a part's instructions. */
export interface InstructionCosts {
  /** Cycles per vector of K elements. */
  readonly cycles: number;
  /** VMem reads and writes per element, and the reads alone, in bits. */
  readonly vmemBits: number;
  readonly vmemReadBits: number;
  /** IMM reads per vector and per element, in bits. */
  readonly immBitsPerVector: number;
  readonly immBitsPerElement: number;
  /** Instruction fetches per vector, in bits. */
  readonly imemBits: number;
  /** Weighted operations per element. */
  readonly ops: number;
}

function opsOf(instruction: Instruction, aluCycles: Readonly<Record<AluOp, number>>): number {
  if (instruction.alu === 'mac') return OPS_PER_MAC;
  return WEIGHTED_BY_CYCLES.has(instruction.alu) ? aluCyclesOf(instruction, aluCycles) : 1;
}

/** Sums up the instructions of a part for one element (or one vector). */
export function instructionCosts(
  part: Part,
  window: Window,
  bits: { readonly output: number; readonly psum: number },
  aluCycles: Readonly<Record<AluOp, number>>,
): InstructionCosts {
  const costs = {
    cycles: 0,
    vmemBits: 0,
    vmemReadBits: 0,
    immBitsPerVector: 0,
    immBitsPerElement: 0,
    imemBits: 0,
    ops: 0,
  };
  for (const instruction of part.instructions) {
    const times = executionsPerElement(instruction, window);
    const reads = readsOf(instruction);
    const readBits = times * reads.vmem * bits.psum;
    const writes = writesPerElement(instruction, window);
    costs.cycles += instructionCycles(instruction, window, aluCycles);
    costs.vmemReadBits += readBits;
    costs.vmemBits += readBits + writes.all * bits.psum + writes.outputs * (bits.output - bits.psum);
    costs.immBitsPerVector += times * reads.immPerVector * bits.psum;
    costs.immBitsPerElement += times * reads.immPerElement * bits.psum;
    costs.imemBits += times * INSTRUCTION_BITS;
    costs.ops += times * opsOf(instruction, aluCycles);
  }
  return costs;
}
