/**
 * What a row of the operations table consists of: the tensors that it moves, each with the dimensions that it depends
 * on, and the instructions that its elements go through (MODEL.md §4, OPERATIONS.md).
 */
import type { SimdSizes, Window } from '../layers/sizes.ts';
import { inputExtent } from '../layers/sizes.ts';

/** The arithmetic that an ALU of the SIMD array can do. */
export const ALU_OPS = ['add', 'sub', 'mul', 'div', 'max', 'exp', 'invSqrt', 'condMove', 'min', 'mac'] as const;
export type AluOp = (typeof ALU_OPS)[number];

/** What elements of a tensor are counted by: the four loops, and the rows and columns of the layer's window. */
export type TensorDim = 'c' | 'n' | 'h' | 'w' | 'kh' | 'kw';

/**
 * A tensor by the dimensions that it depends on: c·n·h·w is a plain tile; with kh and kw beside h and w it is what the
 * window reaches from there, halo and all; c alone is one element per channel, c·n one per image and channel (the rest
 * is broadcast); c·kh·kw is a kernel per channel. None: one value, kept on chip.
 */
export interface Tensor {
  readonly tensor: string;
  readonly dims: readonly TensorDim[];
  /** The window that it is seen through, where that is not the layer's: `around` elements on every side of each. */
  readonly around?: number;
  /** Of a tensor seen through a window: the element in its middle, whichever place is the current one. */
  readonly isCentre?: true;
}

/** A width in DRAM: the layer's input, output, psum, weight or bias width. */
export type OperandWidth = 'input' | 'output' | 'psum' | 'weight' | 'bias';

/** A tensor that a step loads or stores. */
export interface Operand extends Tensor {
  readonly width: OperandWidth;
  /** The DRAM column that it is booked under. */
  readonly booked: 'ifmap' | 'ofmap';
  /** Of a vector that a part without instructions stores: the part that has made it. */
  readonly madeIn?: number;
  /** Stores add to what is in DRAM, as halos overlap there. */
  readonly adds?: true;
}

/** Constants that stand in the instructions' immediate memory (IMM). */
export interface Immediate {
  readonly imm: string;
  /** Read once for all lanes of a vector, or by each lane for itself. */
  readonly read: 'per vector' | 'per element';
}

/** An operand of an instruction. */
export type Source =
  | Immediate
  | (Tensor & {
      /**
       * Where it comes from the bypass: it is the accumulator of a reduction, or MODEL.md's row has no NOP although the
       * instruction reads the result of the one before.
       */
      readonly forwards?: 'accumulator' | 'uncharged';
    });

/** When a conditional move takes its second operand; otherwise it gives zero. */
export type MoveIf = 'positive' | 'tap' | { readonly above: string } | { readonly below: string } | 'always';

/** An instruction of a step, executed `times` per element of the step. */
export interface Instruction {
  readonly alu: AluOp;
  /** `corners`: four times for each place of the window. */
  readonly times: 'once' | 'window' | 'window - 1' | 'corners';
  /** It takes and counts as one cycle, whatever the ALU needs for such an operation elsewhere. */
  readonly isOneStep: boolean;
  /** Reads the result of the instruction before it: two NOPs go first (MODEL.md §1). */
  readonly waits: boolean;
  readonly a: Source;
  /** Undefined: it has one operand. */
  readonly b: Source | undefined;
  /** A mac adds to what is there. */
  readonly to: Tensor;
  /** What an accumulator starts from; zero, or the least number for a maximum, if left out. */
  readonly initial?: Tensor;
  /** Of a conditional move: it looks at `a` and gives `b`, or `a` where there is no `b`. */
  readonly moveIf: MoveIf;
  /** Its last write per element is the layer's output, at the output's width. */
  readonly writesOutput: boolean;
}

/**
 * A part of an operation. `tile` parts run once for each tile of the inner loops and pay the pipeline fill; `channel`
 * parts run once for each tile of the outer loops, on one element per place of these, and do not.
 */
export interface Part {
  readonly per: 'tile' | 'channel';
  readonly loads: readonly Operand[];
  readonly instructions: readonly Instruction[];
  readonly stores: readonly Operand[];
}

/** What the tiling generator asks of a candidate tile. All volumes in bits. */
export interface VmemFit {
  /** Elements of a tensor of these dimensions, at psum width. */
  readonly bitsOf: (tensor: Pick<Tensor, 'dims' | 'around'>) => number;
  /** One element per ALU, at psum width. */
  readonly laneBits: number;
  /** Capacity of VMem1, VMem2 for one step. */
  readonly half: number;
}

/** One row of the table. */
export interface SimdOperation {
  readonly parts: readonly Part[];
  /**
   * The parts where all inner loops are in one tile, if they differ: what an earlier part has loaded or made is still in
   * VMem, so that the data pass once.
   */
  readonly partsInOnePass?: readonly Part[];
  /** The loops outside of all parts, which are the tiles of vectors: c, or c and n. The others are inside each part. */
  readonly outer: readonly ('c' | 'n')[];
  /** Whether a tile may be used (MODEL.md §2). */
  readonly fits: (fit: VmemFit) => boolean;
  /** What the tiling generator grows first once h and w are tiled. */
  readonly grow: 'c, n' | 'n, c';
  /**
   * A reduction over n, h and w: the closed form waits for the load of one tile of them and fills the pipeline once per
   * c-tile, the machine for every tile (SEMANTICS.md, reduce-sum). Both move the whole batch.
   */
  readonly reduces?: true;
  /**
   * Its window: none, one that slides with any step, blocks side by side (the step is the kernel), or a line of rows that
   * moves by one.
   */
  readonly window: 'none' | 'sliding' | 'blocks' | 'line';
}

/** Rows by the names of their operations. */
export function tableOf<Name extends string>(
  rows: Readonly<Record<Name, SimdOperation>>,
): Readonly<Record<Name, SimdOperation>> {
  return rows;
}

/** The window that a tensor is seen through. */
export function windowOf({ around }: Pick<Tensor, 'around'>, window: Window): Window {
  if (around === undefined) return window;
  const side = 2 * around + 1;
  return { kh: side, kw: side, stride: { h: 1, w: 1 }, dilation: { h: 1, w: 1 } };
}

/** Rows or columns of a tensor that a tile of `positions` along that direction covers. */
function extentAlong(
  tensor: Pick<Tensor, 'dims' | 'around'>,
  direction: 'h' | 'w',
  positions: number,
  layers: Window,
): number {
  const { dims } = tensor;
  const window = windowOf(tensor, layers);
  const kernel = direction === 'h' ? window.kh : window.kw;
  const isWindowed = dims.includes(direction === 'h' ? 'kh' : 'kw');
  if (!dims.includes(direction)) return isWindowed ? kernel : 1;
  return isWindowed ? inputExtent(positions, window.stride[direction], kernel, window.dilation[direction]) : positions;
}

/** The shape c × n × h × w of what a tensor has for a step, or a layer, of the given sizes. */
export function tensorShape(
  tensor: Pick<Tensor, 'dims' | 'around'>,
  { c, n, h, w }: SimdSizes,
  window: Window,
): readonly [c: number, n: number, h: number, w: number] {
  return [
    tensor.dims.includes('c') ? c : 1,
    tensor.dims.includes('n') ? n : 1,
    extentAlong(tensor, 'h', h, window),
    extentAlong(tensor, 'w', w, window),
  ];
}

/** Elements that a tensor has for a step of the given sizes: the product of its shape, of which a search asks often. */
export function tensorElements(
  { dims, around }: Pick<Tensor, 'dims' | 'around'>,
  { c, n, h, w }: SimdSizes,
  layers: Window,
): number {
  let [elements, rows, columns] = [1, 1, 1];
  let [isWindowedAlongH, isWindowedAlongW] = [false, false];
  for (let place = 0; place < dims.length; place++) {
    switch (dims[place]!) {
      case 'c':
        elements *= c;
        break;
      case 'n':
        elements *= n;
        break;
      case 'h':
        rows = h;
        break;
      case 'w':
        columns = w;
        break;
      case 'kh':
        isWindowedAlongH = true;
        break;
      case 'kw':
        isWindowedAlongW = true;
    }
  }
  if (!isWindowedAlongH && !isWindowedAlongW) return elements * rows * columns;
  const { kh, kw, stride, dilation } = around === undefined ? layers : windowOf({ around }, layers);
  // Without its loop a direction of the window has one position.
  if (isWindowedAlongH) rows = dims.includes('h') ? inputExtent(rows, stride.h, kh, dilation.h) : kh;
  if (isWindowedAlongW) columns = dims.includes('w') ? inputExtent(columns, stride.w, kw, dilation.w) : kw;
  return elements * rows * columns;
}

/** How many of an instruction's executions on an element write to VMem, and how many of those write the output. */
export function writesPerElement(instruction: Instruction, window: Window): { all: number; outputs: number } {
  const { alu, times, to, writesOutput } = instruction;
  const executions = executionsPerElement(instruction, window);
  // What a mac adds up stays in its accumulator until the last product.
  const places = to.dims.includes('kh') ? window.kh * window.kw : 1;
  const all = alu === 'mac' && times !== 'once' && to.around === undefined ? places : executions;
  return { all, outputs: writesOutput ? places : 0 };
}

/** What an instruction reads. */
export interface Reads {
  /** Operands from VMem. */
  readonly vmem: number;
  /** Constants from IMM: for each vector, and for each of its elements. */
  readonly immPerVector: number;
  readonly immPerElement: number;
}

const knownReads = new WeakMap<Pick<Instruction, 'a' | 'b' | 'moveIf'>, Reads>();

/** What an instruction reads; worked out once for each. */
export function readsOf(instruction: Pick<Instruction, 'a' | 'b' | 'moveIf'>): Reads {
  let reads = knownReads.get(instruction);
  if (reads === undefined) {
    const { a, b, moveIf } = instruction;
    const sources = b === undefined ? [a] : [a, b];
    const constants = (read: Immediate['read']): number =>
      sources.filter((source) => isImmediate(source) && source.read === read).length;
    reads = {
      vmem: sources.filter((source) => !isImmediate(source)).length,
      // A bound that a conditional move compares with is a constant too.
      immPerVector: constants('per vector') + (typeof moveIf === 'object' ? 1 : 0),
      immPerElement: constants('per element'),
    };
    knownReads.set(instruction, reads);
  }
  return reads;
}

/** Whether a source is a constant. */
export function isImmediate(source: Source): source is Immediate {
  return 'imm' in source;
}

/** Executions of an instruction per element. */
export function executionsPerElement({ times }: Pick<Instruction, 'times'>, window: Window): number {
  const places = window.kh * window.kw;
  switch (times) {
    case 'once':
      return 1;
    case 'window':
      return places;
    case 'window - 1':
      return places - 1;
    case 'corners':
      return 4 * places;
  }
}
