/**
 * Every operation of the SIMD array as one row: its tensors, its instructions and what must fit into VMem
 * (MODEL sections 2 and 4). The tiling generator, the closed form and the schedule all read these rows;
 * adding an operation means adding a row here.
 */
import type { SimdSizes, Window } from '../layers/layer.ts';
import { windowInput } from '../layers/layer.ts';

/** The arithmetic that an ALU of the SIMD array can do. */
export const ALU_OPS = ['add', 'sub', 'mul', 'div', 'max', 'exp', 'invSqrt', 'condMove'] as const;
export type AluOp = (typeof ALU_OPS)[number];

/**
 * What a tensor of a step covers: `tile` is c·n·h·w, `window` the same with the halo that the window needs,
 * `vector` one element per channel.
 */
export type Extent = 'tile' | 'window' | 'vector';

/** A tensor that a step loads or stores. */
export interface Operand {
  readonly tensor: string;
  readonly extent: Extent;
  /** Its width in DRAM: the layer's input, output or psum width. */
  readonly width: 'input' | 'output' | 'psum';
  /** The DRAM column that it is booked under. */
  readonly booked: 'ifmap' | 'ofmap';
  /** Of a vector that a part without instructions stores: the part that has made it. */
  readonly madeIn?: number;
}

/** An instruction of a step, executed `times` per element of the step. */
export interface Instruction {
  readonly alu: AluOp;
  readonly times: 'once' | 'window' | 'window - 1';
  /** It takes and counts as one cycle, whatever the ALU needs for such an operation elsewhere. */
  readonly isOneStep: boolean;
  /** Reads the result of the instruction before it: two NOPs go first (MODEL section 1). */
  readonly waits: boolean;
  /** Operands read from VMem. */
  readonly vmemReads: 1 | 2;
  /** An operand read from IMM: once for all lanes of a vector, or by each element for itself. */
  readonly immRead: 'none' | 'per vector' | 'per element';
  /** Its last write per element is the layer's output, at the output's width. */
  readonly writesOutput: boolean;
}

/**
 * A part of an operation. `tile` parts run once for each (n, h, w) tile of a c-tile and pay the pipeline fill;
 * `channel` parts run once for each c-tile on one element per channel and do not.
 */
export interface Part {
  readonly per: 'tile' | 'channel';
  readonly loads: readonly Operand[];
  readonly instructions: readonly Instruction[];
  readonly stores: readonly Operand[];
}

/** What the tiling generator asks of a candidate tile. All volumes in bits. */
export interface VmemFit {
  /** c·n·h·w elements at psum width. */
  readonly tileBits: number;
  /** The tile with its halo at psum width. */
  readonly windowBits: number;
  /** One element per channel of the tile, at psum width. */
  readonly vectorBits: number;
  /** One element per ALU, at psum width. */
  readonly laneBits: number;
  /** Capacity of VMem1, VMem2 for one step. */
  readonly half: number;
}

/** One row of the table. */
export interface SimdOperation {
  readonly parts: readonly Part[];
  /** Whether a tile may be used (MODEL section 2). */
  readonly fits: (fit: VmemFit) => boolean;
  /** What the tiling generator grows first once h and w are tiled. */
  readonly grow: 'c, n' | 'n, c';
  /**
   * A reduction over n, h and w: the closed form waits for the load of one tile of them and fills the pipeline once per
   * c-tile, the machine for every tile (SEMANTICS, reduce-sum). Both move the whole batch.
   */
  readonly reduces?: true;
}

const X: Operand = { tensor: 'X', extent: 'tile', width: 'input', booked: 'ifmap' };
const dY: Operand = { ...X, tensor: 'dY' };
const Y: Operand = { tensor: 'Y', extent: 'tile', width: 'output', booked: 'ofmap' };
const dX: Operand = { ...Y, tensor: 'dX' };
const windowX: Operand = { ...X, extent: 'window' };
const windowDX: Operand = { ...dX, extent: 'window' };
/** X̂ goes out and comes back at the input's width, and both ways are booked as ifmap. */
const normalisedX: Operand = { ...X, tensor: 'Xhat' };
const vectorIn = (tensor: string): Operand => ({ tensor, extent: 'vector', width: 'psum', booked: 'ifmap' });
const vectorOut = (tensor: string): Operand => ({ tensor, extent: 'vector', width: 'psum', booked: 'ofmap' });

const madeIn = (part: number, operand: Operand): Operand => ({ ...operand, madeIn: part });

const op = (alu: AluOp, more: Partial<Instruction> = {}): Instruction => ({
  alu,
  times: 'once',
  isOneStep: false,
  waits: false,
  vmemReads: 2,
  immRead: 'none',
  writesOutput: false,
  ...more,
});
const waiting = (alu: AluOp, more: Partial<Instruction> = {}): Instruction => op(alu, { waits: true, ...more });
const OUTPUT = { writesOutput: true } as const;
const IMM_PER_VECTOR = { vmemReads: 1, immRead: 'per vector' } as const;
const IMM_PER_ELEMENT = { vmemReads: 1, immRead: 'per element' } as const;

const tileFits = (fit: VmemFit): boolean => fit.tileBits <= fit.half;
const windowFits = (fit: VmemFit): boolean => fit.windowBits <= fit.half;

const elementwise = (
  loads: readonly Operand[],
  instructions: readonly Instruction[],
  stores: readonly Operand[],
): SimdOperation => ({ parts: [{ per: 'tile', loads, instructions, stores }], fits: tileFits, grow: 'c, n' });

const averagePool: SimdOperation = {
  ...elementwise([windowX], [op('add', { times: 'window' }), op('div', OUTPUT)], [Y]),
  fits: windowFits,
};

const averagePoolGrad: SimdOperation = {
  ...elementwise([dY], [op('div'), op('add', { times: 'window - 1' }), waiting('add')], [windowDX]),
  fits: windowFits,
};

const sgd: SimdOperation = elementwise(
  [
    { ...X, tensor: 'P' },
    { ...X, tensor: 'dP' },
  ],
  [op('mul'), op('sub', OUTPUT)],
  [{ ...Y, tensor: 'P' }],
);

/** The table. Comments name where an entry comes from when it is not the row of the same name in MODEL section 4. */
export const SIMD_OPERATIONS = {
  // The zero comes from IMM.
  relu: elementwise([X], [op('max', { ...IMM_PER_VECTOR, ...OUTPUT })], [Y]),
  'tensor-add': elementwise(
    [
      { ...X, tensor: 'X1' },
      { ...X, tensor: 'X2' },
    ],
    [op('add', OUTPUT)],
    [Y],
  ),
  'max-pool': { ...elementwise([windowX], [op('max', { times: 'window', ...OUTPUT })], [Y]), fits: windowFits },
  'avg-pool': averagePool,
  'global-avg-pool': averagePool,
  'bn-statistics': {
    parts: [
      { per: 'tile', loads: [X], instructions: [op('add'), op('mul'), waiting('add')], stores: [] },
      {
        per: 'channel',
        loads: [],
        // The two divs read the element count from IMM, each channel for itself.
        instructions: [
          op('div', IMM_PER_ELEMENT),
          waiting('mul'),
          op('div', IMM_PER_ELEMENT),
          waiting('sub'),
          waiting('add'),
          waiting('invSqrt'),
        ],
        stores: [vectorOut('mean'), vectorOut('invStd')],
      },
    ],
    fits: (fit) => fit.tileBits <= fit.half - fit.laneBits && fit.vectorBits <= fit.half / 2,
    grow: 'n, c',
  },
  'bn-normalise': {
    parts: [
      {
        per: 'channel',
        loads: [vectorIn('mean'), vectorIn('invStd'), vectorIn('gamma'), vectorIn('beta')],
        instructions: [],
        stores: [],
      },
      {
        per: 'tile',
        loads: [X],
        instructions: [op('sub'), waiting('mul'), waiting('mul'), waiting('add', OUTPUT)],
        stores: [Y],
      },
    ],
    fits: (fit) => fit.tileBits <= fit.half && fit.vectorBits <= fit.half / 4,
    grow: 'n, c',
  },
  // Algorithm 1: lines 2–12, then 13–24.
  'bn-grad': {
    parts: [
      { per: 'channel', loads: [vectorIn('mean'), vectorIn('invStd')], instructions: [], stores: [] },
      {
        per: 'tile',
        loads: [X, dY],
        instructions: [op('sub'), waiting('mul'), waiting('mul'), waiting('add'), op('add')],
        stores: [normalisedX],
      },
      {
        per: 'channel',
        loads: [vectorIn('gamma')],
        instructions: [op('mul'), waiting('div')],
        stores: [],
      },
      {
        per: 'tile',
        loads: [normalisedX, dY],
        instructions: [op('mul'), op('mul'), waiting('sub'), waiting('sub'), waiting('mul', OUTPUT)],
        stores: [dX],
      },
      {
        per: 'channel',
        loads: [],
        instructions: [],
        stores: [madeIn(1, vectorOut('dgamma')), madeIn(1, vectorOut('dbeta'))],
      },
    ],
    fits: (fit) => fit.tileBits + 3 * fit.vectorBits <= fit.half,
    grow: 'n, c',
  },
  // dY where X was positive, else zero: one step.
  'relu-grad': elementwise([X, dY], [op('condMove', { isOneStep: true, ...OUTPUT })], [dX]),
  'max-pool-grad': {
    ...elementwise(
      [dY, { tensor: 'index', extent: 'tile', width: 'psum', booked: 'ifmap' }],
      [op('condMove', { times: 'window' }), waiting('add', { times: 'window' })],
      [windowDX],
    ),
    fits: (fit) => fit.windowBits + fit.tileBits <= fit.half,
  },
  'avg-pool-grad': averagePoolGrad,
  'global-avg-pool-grad': averagePoolGrad,
  'reduce-sum': {
    parts: [
      { per: 'tile', loads: [dY], instructions: [op('add', OUTPUT)], stores: [] },
      { per: 'channel', loads: [], instructions: [], stores: [madeIn(0, { ...vectorOut('sum'), width: 'output' })] },
    ],
    fits: tileFits,
    grow: 'c, n',
    reduces: true,
  },
  'sgd-1d': sgd,
  'sgd-2d': sgd,
  'sgd-4d': sgd,
} as const satisfies Record<string, SimdOperation>;

export type SimdOp = keyof typeof SIMD_OPERATIONS;

/** All operations, in the table's order. */
export const SIMD_OPS = Object.keys(SIMD_OPERATIONS) as SimdOp[];

/** The row of an operation. */
export function simdOperation(name: SimdOp): SimdOperation {
  return SIMD_OPERATIONS[name];
}

/** Elements that an operand of a step covers, for a step of the given sizes. */
export function operandElements(extent: Extent, sizes: SimdSizes, window: Window): number {
  switch (extent) {
    case 'tile':
      return sizes.c * sizes.n * sizes.h * sizes.w;
    case 'window': {
      const input = windowInput(sizes, window);
      return sizes.c * sizes.n * input.h * input.w;
    }
    case 'vector':
      return sizes.c;
  }
}

/** Executions of an instruction per element. */
export function executionsPerElement(instruction: Instruction, window: Window): number {
  switch (instruction.times) {
    case 'once':
      return 1;
    case 'window':
      return window.kh * window.kw;
    case 'window - 1':
      return window.kh * window.kw - 1;
  }
}
