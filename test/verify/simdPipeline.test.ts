import seedrandom from 'seedrandom';
import { describe, expect, it } from 'vitest';
import { NO_WINDOW, type SimdLayer } from '../../src/model/layers/layer.ts';
import { type Forwarding, tilePrograms } from '../../src/model/machine/cycleStepped/simdProgram.ts';
import {
  createSimdPipeline,
  runSimdPipeline,
  type Source,
  stepSimdPipeline,
  type VectorInstruction,
  type Vmem,
} from '../../src/model/machine/cycleStepped/simdStages.ts';
import type { AluOp } from '../../src/model/operations/simdRow.ts';
import { SIMD_OPERATIONS, SIMD_OPS, type SimdOp, simdParts } from '../../src/model/operations/simdTable.ts';
import { ALU_CYCLES } from '../../src/model/schemas/aluCycles.ts';
import { type PipelineVariant, simdPipelineCase } from '../../src/studies/verify/simdPipelineCase.ts';
import { sample } from '../support/arbitraries.ts';

const { numRuns } = sample(150);

/** Descriptions of the cases that failed, out of `count`. */
function failures(count: number, variant?: PipelineVariant): string[] {
  const random = seedrandom.alea('SIMD pipeline');
  return Array.from({ length: count }, () => simdPipelineCase(random, variant)).filter((text) => text !== undefined);
}

/** The operations that descriptions begin with, sorted. */
function operationsOf(descriptions: readonly string[]): string[] {
  return [...new Set(descriptions.map((text) => text.split(' ')[0]!))].sort();
}

const from = (place: string): Source => ({ from: 'vmem', place, isForwarded: false });
const forwarded = (place: string): Source => ({ from: 'vmem', place, isForwarded: true });
const does = (alu: AluOp, a: Source, b: Source, to: string): VectorInstruction => ({
  alu,
  a,
  b,
  to,
  isOneStep: false,
  isOutput: false,
});

/** Five instructions: the second waits for the first, the third is slow, the last two add to the same sum. */
const PROGRAM: readonly VectorInstruction[] = [
  does('sub', from('A'), from('B'), 't'),
  does('mul', from('t'), from('C'), 'u'),
  does('div', from('A'), from('B'), 'v'),
  does('add', forwarded('sum'), from('A'), 'sum'),
  does('add', forwarded('sum'), from('B'), 'sum'),
];
const ALU = { ...ALU_CYCLES.inference, div: 3 };

/** Two lanes: A = (8, 9), B = (4, 3), C = (10, 100). */
function memory(): Vmem {
  const lanes = (...values: number[]): Float64Array => Float64Array.from(values);
  return new Map([
    ['A', lanes(8, 9)],
    ['B', lanes(4, 3)],
    ['C', lanes(10, 100)],
  ]);
}

describe('the cycle-stepped SIMD pipeline', () => {
  it('moves instructions as a hand count does, stage by stage', () => {
    const vmem = memory();
    const pipeline = createSimdPipeline(PROGRAM, vmem, { lanes: 2, aluCycles: ALU });
    const timeline = Array.from({ length: 15 }, () => {
      stepSimdPipeline(pipeline);
      return pipeline.lanes.map((lane) => lane.stages.map((number) => number ?? '·').join(''));
    });
    // Fetch, decode, address, read, execute, write: in lane 0, and in lane 1 one cycle later.
    expect(timeline).toEqual([
      ['0·····', '······'],
      ['10····', '0·····'],
      ['210···', '10····'],
      ['3210··', '210···'],
      ['321·0·', '3210··'], // 1 needs t, which 0 is computing: first NOP
      ['321··0', '321·0·'], // 0 writes t; a read of this cycle would not see it: second NOP
      ['4321··', '321··0'], // 1 reads t
      ['·4321·', '4321··'],
      ['··4321', '·4321·'], // the division takes three cycles
      ['··432·', '··4321'],
      ['··432·', '··432·'],
      ['···432', '··432·'],
      ['····43', '···432'], // 4 takes the sum of 3 from the bypass
      ['·····4', '····43'],
      ['······', '·····4'],
    ]);
    // 1 + (1 + 2) + 3 + 1 + 1 = 9 cycles of execution and waiting, + (6 − 1) + (2 − 1).
    expect(runSimdPipeline(createSimdPipeline(PROGRAM, memory(), { lanes: 2, aluCycles: ALU }))).toBe(15);
    const result = (place: string): number[] => [...vmem.get(place)!];
    expect([result('u'), result('v'), result('sum')]).toEqual([
      [40, 600],
      [2, 3],
      [12, 12],
    ]);
    // Ten reads and five writes a lane, five fetches for both.
    expect(pipeline.accesses).toMatchObject({ vmemReads: 20, vmemWrites: 10, immReads: 0, fetches: 5 });
  });

  it('waits one cycle for the result of the last but one, if the one between takes one cycle', () => {
    const between = (alu: AluOp): number =>
      runSimdPipeline(
        createSimdPipeline(
          [
            does('sub', from('A'), from('B'), 't'),
            does(alu, from('A'), from('B'), 'v'),
            does('mul', from('t'), from('C'), 'u'),
          ],
          memory(),
          { lanes: 1, aluCycles: ALU },
        ),
      );
    expect(between('add')).toBe(1 + 1 + 1 + 1 + 5);
    expect(between('div')).toBe(1 + 3 + 1 + 5);
  });

  it('agrees with plain arithmetic, eq (22) with the NOP rule and the machine on random tiles of every operation', () => {
    expect(failures(numRuns)).toEqual([]);
  });
});

/** Reductions over a row whose next part begins with the sum: the table charges no wait from part to part. */
const BETWEEN_PARTS: [SimdOp, number][] = [
  ['plane-mean', 2],
  ['plane-mean-grad', 2],
  ['layer-norm-grad', 2],
  ['layer-norm-plain-grad', 2],
  ['reduce-mean', 2],
  ['reduce-mean-grad', 2],
];
const UNCHARGED: SimdOp[] = [
  ...(['avg-pool', 'global-avg-pool', 'sgd-1d', 'sgd-2d', 'sgd-4d'] as const),
  ...BETWEEN_PARTS.map(([op]) => op),
];

describe('the NOPs of the operations table', () => {
  /** Cycles of one vector on one lane, window 2×2, at the paper's latencies of training. */
  function cycles(op: SimdOp, forwarding: Forwarding): number {
    const one = { c: 1, n: 1, h: 1, w: 1 };
    const side = op.includes('pool') ? 2 : 1;
    const window = { ...NO_WINDOW, kh: side, kw: side };
    const bits = { input: 32, output: 32, psum: 32, weight: 32, bias: 32 };
    const layer: SimdLayer = { unit: 'SIMD', name: op, op, sizes: one, tile: one, window, bits };
    return tilePrograms(layer, 1, forwarding)
      .map((program) => createSimdPipeline(program, new Map(), { lanes: 1, aluCycles: ALU_CYCLES.training }))
      .reduce((sum, pipeline) => sum + runSimdPipeline(pipeline), 0);
  }

  it('lack two a vector where sgd subtracts what it has just multiplied and where an average divides its sum', () => {
    const missing = (Object.keys(SIMD_OPERATIONS) as SimdOp[])
      .map((op): [SimdOp, number] => [op, cycles(op, 'reductions only') - cycles(op, 'as charged')])
      .filter(([, difference]) => difference !== 0);
    expect(new Map(missing)).toEqual(
      new Map([['avg-pool', 2], ['global-avg-pool', 2], ['sgd-1d', 2], ['sgd-2d', 2], ['sgd-4d', 2], ...BETWEEN_PARTS]),
    );
  });

  it('are two for avg-pool-grad in all, although they stand before its first addition', () => {
    // div 5, then 2 NOPs for its result, then 4 additions; fill 5. The row has div 5, add × 3, 2 NOPs, add.
    expect(cycles('avg-pool-grad', 'as charged')).toBe(5 + 2 + 4 + 5);
  });
});

describe('the check of the SIMD pipeline', () => {
  /** Rows in which an instruction reads the result of the one before, and waits for it. */
  const waiting = SIMD_OPS.filter((op) => {
    const sizes = { c: 1, n: 2, h: 1, w: 1 };
    return simdParts({ op, sizes, tile: sizes }).some(({ instructions }) => instructions.some(({ waits }) => waits));
  }).sort();

  it('notices one NOP too few, by the stale values that are read', () => {
    expect(operationsOf(failures(1000, { interlockedStages: 1 }))).toEqual(waiting);
  });

  it('notices a pipeline without interlock', () => {
    expect(operationsOf(failures(1000, { interlockedStages: 0 }))).toEqual(waiting);
  });

  it('notices NOPs that the machine does not book', () => {
    const found = failures(1000, { forwarding: 'reductions only' });
    expect(operationsOf(found)).toEqual([...UNCHARGED].sort());
    expect(found[0]).toMatch(/against the machine: cycles \d+ instead of \d+\.$/);
  });
});
