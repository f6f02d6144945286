/**
 * The SIMD array below the tile: a six-stage in-order pipeline (fetch, decode, address generation, data read, execute,
 * write back) whose instructions pass from lane to lane, one lane a cycle. Waiting comes from the data alone: VMem
 * gives a written value to reads of later cycles only, so that an instruction which reads its predecessor's result
 * finds it two cycles later than it could have read. With it eq (22) and the NOP rule can be counted.
 */
import { aluCyclesOf } from '../../operations/simdCosts.ts';
import type { AluOp } from '../../operations/simdRow.ts';
import { arithmetic, type Condition } from './aluArithmetic.ts';

/**
 * Where an operand comes from: a place in VMem or, of a tile that the PE array has handed over, in OBuf; or IMM, read once
 * for all lanes or by each lane for itself.
 */
export type Source =
  | {
      readonly from: 'vmem';
      readonly place: string;
      readonly isForwarded: boolean;
      readonly isInObuf?: boolean;
      readonly constant?: number;
    }
  | { readonly from: 'imm'; readonly value: number; readonly read: 'once' | 'by each lane' };

/** One instruction on one vector of K elements. */
export interface VectorInstruction {
  readonly alu: AluOp;
  readonly isOneStep: boolean;
  readonly a: Source;
  /** Undefined: it has one operand. */
  readonly b?: Source | undefined;
  /** A mac adds to what is there. */
  readonly to: string;
  /** The result is the layer's output: written at the output's width. */
  readonly isOutput: boolean;
  /** Whether VMem sees the write: a mac's sum stays in the accumulator until the last product. */
  readonly isCounted?: boolean;
  /** For condMove: when it moves b; else the result is zero. Positive operands if left out. */
  readonly condition?: Condition;
  /** Bounds that its condition reads from IMM. */
  readonly boundReads?: number;
  /** What an accumulator starts from, in place of what is there. */
  readonly startsFrom?: { readonly constant?: number; readonly place?: string };
}

/** Accesses in elements, instruction fetches in instructions. */
export interface SimdAccesses {
  vmemReads: number;
  obufReads: number;
  vmemWrites: number;
  vmemOutputWrites: number;
  immReads: number;
  fetches: number;
}

/** VMem: per place one value for each lane. */
export type Vmem = Map<string, Float64Array>;

const STAGES = 6;
const [FETCH, READ, EXECUTE, WRITE] = [0, 3, 4, 5] as const;

/** The numbers of the instructions in the six stages; undefined where there is none. */
type Stages = readonly (number | undefined)[];

interface Result {
  readonly place: string;
  readonly value: number;
}

/** One ALU with its pipeline registers. */
interface Lane {
  stages: Stages;
  operands: readonly [number, number];
  result: number;
  /** The last two results written: the bypass that a forwarded operand comes from. */
  written: Result | undefined;
  writtenBefore: Result | undefined;
}

/** The pipeline's registers and what it runs. */
export interface SimdStages {
  readonly program: readonly VectorInstruction[];
  readonly vmem: Vmem;
  readonly aluCycles: Readonly<Record<AluOp, number>>;
  readonly lanes: readonly Lane[];
  /** Stages after data read in which a pending write holds its readers back: execute and write back. */
  readonly interlockedStages: number;
  readonly accesses: SimdAccesses;
  /** What an unwritten place of VMem holds. */
  readonly unwritten: number;
  fetched: number;
  /** Cycles that the instruction in lane 0's execute stage still takes, this one included. */
  executeLeft: number;
}

/** What a pipeline is made with. `interlockedStages` is there for tests, which show what fewer than 2 do. */
export interface SimdPipelineSpec {
  readonly lanes: number;
  readonly aluCycles: Readonly<Record<AluOp, number>>;
  readonly unwritten?: number;
  readonly interlockedStages?: number;
}

/** An empty pipeline in front of a program. */
export function createSimdPipeline(
  program: readonly VectorInstruction[],
  vmem: Vmem,
  { lanes, aluCycles, unwritten = 0, interlockedStages = 2 }: SimdPipelineSpec,
): SimdStages {
  const lane = (): Lane => ({
    stages: new Array<undefined>(STAGES).fill(undefined),
    operands: [0, 0],
    result: 0,
    written: undefined,
    writtenBefore: undefined,
  });
  return {
    program,
    vmem,
    aluCycles,
    lanes: Array.from({ length: lanes }, lane),
    interlockedStages,
    accesses: { vmemReads: 0, obufReads: 0, vmemWrites: 0, vmemOutputWrites: 0, immReads: 0, fetches: 0 },
    unwritten,
    fetched: 0,
    executeLeft: 0,
  };
}

/** Whether an instruction reads what one of those further on has not written yet. */
function mustWait({ program, interlockedStages }: SimdStages, reader: number, furtherOn: Stages): boolean {
  const { a, b } = program[reader]!;
  return furtherOn
    .slice(0, interlockedStages)
    .some((writer) =>
      [a, b].some(
        (source) =>
          writer !== undefined &&
          source?.from === 'vmem' &&
          !source.isForwarded &&
          source.place === program[writer]!.to,
      ),
    );
}

/** Moves lane 0's instructions on, as far as the ALU and the data let them. */
function advance(pipeline: SimdStages): Stages {
  const { program, aluCycles } = pipeline;
  const [fetch, decode, address, read, execute] = pipeline.lanes[0]!.stages;
  pipeline.executeLeft--;
  const isExecuting = execute !== undefined && pipeline.executeLeft > 0;
  const nextWrite = isExecuting ? undefined : execute;
  const nextExecute = isExecuting ? execute : read;
  if (!isExecuting && read !== undefined) pipeline.executeLeft = aluCyclesOf(program[read]!, aluCycles);
  const isReadHeld = isExecuting && read !== undefined;
  const isHeld = address !== undefined && (isReadHeld || mustWait(pipeline, address, [nextExecute, nextWrite]));
  const nextRead = isReadHeld ? read : isHeld ? undefined : address;
  if (isHeld) return [fetch, decode, address, nextRead, nextExecute, nextWrite];
  const nextFetch = pipeline.fetched < program.length ? pipeline.fetched++ : undefined;
  return [nextFetch, fetch, decode, nextRead, nextExecute, nextWrite];
}

function readSource({ accesses, vmem, unwritten }: SimdStages, source: Source, lane: number): number {
  if (source.from === 'vmem') {
    if (source.isInObuf) accesses.obufReads++;
    else accesses.vmemReads++;
    if (source.constant !== undefined) return source.constant;
    return vmem.get(source.place)?.[lane] ?? unwritten;
  }
  if (source.read === 'by each lane' || lane === 0) accesses.immReads++;
  return source.value;
}

/** A forwarded operand takes a result that was still on its way to VMem when the operand was read. */
function bypass(lane: Lane, source: Source, value: number): number {
  if (source.from !== 'vmem' || !source.isForwarded) return value;
  const result = [lane.written, lane.writtenBefore].find((each) => each?.place === source.place);
  return result?.value ?? value;
}

/** Bounds of a conditional move are read once for all lanes. */
function accessBounds({ accesses }: SimdStages, { boundReads = 0 }: VectorInstruction, number: number): void {
  if (number === 0) accesses.immReads += boundReads;
}

/** What a mac adds to: what it starts from or, by the bypass, what the one before has left. */
function sumBefore(
  { vmem, unwritten, lanes }: SimdStages,
  { alu, to, startsFrom }: VectorInstruction,
  number: number,
): number {
  if (alu !== 'mac') return 0;
  if (startsFrom?.constant !== undefined) return startsFrom.constant;
  if (startsFrom?.place !== undefined) return vmem.get(startsFrom.place)?.[number] ?? unwritten;
  const { written, writtenBefore } = lanes[number]!;
  const result = [written, writtenBefore].find((each) => each?.place === to);
  return result?.value ?? vmem.get(to)?.[number] ?? unwritten;
}

/** Does what the instructions that have entered a new stage of a lane do there. */
function act(pipeline: SimdStages, number: number, stages: Stages): void {
  const { program, vmem, accesses, lanes } = pipeline;
  const lane = lanes[number]!;
  const entered = (stage: number): VectorInstruction | undefined => {
    const instruction = stages[stage];
    return instruction === undefined || instruction === lane.stages[stage] ? undefined : program[instruction];
  };
  const writing = entered(WRITE);
  if (writing !== undefined) {
    lane.writtenBefore = lane.written;
    lane.written = { place: writing.to, value: lane.result };
  }
  const executing = entered(EXECUTE);
  if (executing !== undefined) {
    const [a, b] = lane.operands;
    accessBounds(pipeline, executing, number);
    const second = executing.b && bypass(lane, executing.b, b);
    const first = bypass(lane, executing.a, a);
    lane.result = arithmetic(
      executing.alu,
      executing.condition ?? 'positive',
      first,
      second,
      sumBefore(pipeline, executing, number),
    );
  }
  const reading = entered(READ);
  if (reading !== undefined)
    lane.operands = [
      readSource(pipeline, reading.a, number),
      reading.b === undefined ? Number.NaN : readSource(pipeline, reading.b, number),
    ];
  // The write comes last: this cycle's reads have not seen it.
  if (writing !== undefined) {
    if (!vmem.has(writing.to)) vmem.set(writing.to, new Float64Array(lanes.length).fill(pipeline.unwritten));
    vmem.get(writing.to)![number] = lane.written!.value;
    if (writing.isOutput) accesses.vmemOutputWrites++;
    else if (writing.isCounted !== false) accesses.vmemWrites++;
  }
  if (number === 0 && entered(FETCH) !== undefined) accesses.fetches++;
  lane.stages = stages;
}

/** One clock cycle of all lanes. */
export function stepSimdPipeline(pipeline: SimdStages): void {
  const { lanes } = pipeline;
  // Each lane takes over what its left neighbour did in the cycle before, so the last goes first.
  for (let number = lanes.length - 1; number > 0; number--) act(pipeline, number, lanes[number - 1]!.stages);
  act(pipeline, 0, advance(pipeline));
}

/** Whether the last lane has written the last instruction's result. */
export function isWrittenBack({ lanes, program }: SimdStages): boolean {
  return lanes.at(-1)!.stages[WRITE] === program.length - 1;
}

/** Steps the program through; returns the cycles from its first fetch to the last lane's last write back. */
export function runSimdPipeline(pipeline: SimdStages): number {
  for (let cycle = 1; ; cycle++) {
    stepSimdPipeline(pipeline);
    if (isWrittenBack(pipeline)) return cycle;
  }
}
