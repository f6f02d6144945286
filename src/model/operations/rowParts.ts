/** The words that rows of the operations table are written in: tensors, constants, instructions, parts. */
import type {
  AluOp,
  Immediate,
  Instruction,
  MoveIf,
  Operand,
  OperandWidth,
  Part,
  SimdOperation,
  Source,
  Tensor,
  TensorDim,
  VmemFit,
} from './simdRow.ts';
import { isImmediate } from './simdRow.ts';

const PLANE: readonly TensorDim[] = ['c', 'n', 'h', 'w'];
const WINDOWED: readonly TensorDim[] = [...PLANE, 'kh', 'kw'];
const CHANNEL: readonly TensorDim[] = ['c'];
const PER_IMAGE: readonly TensorDim[] = ['c', 'n'];

/** A tensor of a plain tile: an element per position. */
export const element = (tensor: string): Tensor => ({ tensor, dims: PLANE });
/** The element of a tensor under the window's current place. */
export const tap = (tensor: string): Tensor => ({ tensor, dims: WINDOWED });
/** One element per channel. */
export const channel = (tensor: string): Tensor => ({ tensor, dims: CHANNEL });
/** One element per image and channel. */
export const perImage = (tensor: string): Tensor => ({ tensor, dims: PER_IMAGE });
/** One element per channel and place of the window. */
export const kernel = (tensor: string): Tensor => ({ tensor, dims: ['c', 'kh', 'kw'] });
/** The same for all images. */
export const shared = (tensor: string): Tensor => ({ tensor, dims: ['c', 'h', 'w'] });
/** Where lanes hold rows: one element per place of the dimension that each lane steps over. */
export const perStep = (tensor: string): Tensor => ({ tensor, dims: ['n'] });
/** One value per lane that is on its way from one instruction to another, or a constant that lies in VMem. */
export const single = (tensor: string): Tensor => ({ tensor, dims: [] });
/** The three elements around each position in both directions. */
export const neighbour = (tensor: string): Tensor => ({ tensor, dims: WINDOWED, around: 1 });

/** A constant, read once for all lanes. */
export const imm = (name: string): Immediate => ({ imm: name, read: 'per vector' });
/** A constant that each lane reads for itself. */
export const immOfEach = (name: string): Immediate => ({ imm: name, read: 'per element' });
/** MODEL.md's row has no NOP although the instruction reads the result of the one before. */
export const uncharged = (tensor: Tensor): Source => ({ ...tensor, forwards: 'uncharged' });

/** A tensor of the input's width that is loaded. */
export const load = (tensor: Tensor, width: OperandWidth = 'input'): Operand => ({ ...tensor, width, booked: 'ifmap' });
/** A tensor of the output's width that is stored. */
export const store = (tensor: Tensor, width: OperandWidth = 'output'): Operand => ({
  ...tensor,
  width,
  booked: 'ofmap',
});
/** A vector loaded at psum width. */
export const loadVector = (tensor: string): Operand => load(channel(tensor), 'psum');
/** A vector stored at psum width. */
export const storeVector = (tensor: string): Operand => store(channel(tensor), 'psum');
/** Made in an earlier part. */
export const madeIn = (part: number, operand: Operand): Operand => ({ ...operand, madeIn: part });
/** Overlapping halos, which add up in DRAM. */
export const adding = (operand: Operand): Operand => ({ ...operand, adds: true });

/** What an instruction may have besides operands and result. */
export interface StepOptions {
  readonly times?: Instruction['times'];
  readonly isOneStep?: boolean;
  readonly moveIf?: MoveIf;
  /** Overrides what follows from the operands. */
  readonly waits?: boolean;
  readonly writesOutput?: boolean;
  readonly initial?: Tensor;
}

/** The result is the layer's output. */
export const OUTPUT: StepOptions = { writesOutput: true };
/** Once for each place of the window. */
export const TAPS: StepOptions = { times: 'window' };

type Draft = Omit<Instruction, 'waits'> & { readonly waits: boolean | undefined };

/** An instruction with two operands, or one. */
export function step(alu: AluOp, a: Source, b: Source | undefined, to: Tensor, options: StepOptions = {}): Draft {
  return {
    ...{ alu, a, b, to, times: 'once', isOneStep: false, moveIf: 'positive', writesOutput: false },
    ...options,
    waits: options.waits,
  };
}

/** An instruction that reads the accumulator that it writes. */
export function into(alu: 'add' | 'max' | 'mul', to: Tensor, b: Source, options: StepOptions = {}): Draft {
  return step(alu, { ...to, forwards: 'accumulator' }, b, to, options);
}

/** `a · b` added to what is there. */
export function mac(a: Source, b: Source, to: Tensor, options: StepOptions = {}): Draft {
  return step('mac', a, b, to, options);
}

/** `b` where `a` fulfils the condition, else 0: in one cycle. */
export function moveWhere(a: Source, moveIf: MoveIf, b: Source, to: Tensor, options: StepOptions = {}): Draft {
  return step('condMove', a, b, to, { isOneStep: true, moveIf, ...options });
}

/** A copy: one read, one write, one cycle. */
export function copy(a: Source, to: Tensor, options: StepOptions = {}): Draft {
  return step('condMove', a, undefined, to, { isOneStep: true, moveIf: 'always', ...options });
}

/** Instructions in order; each that reads its predecessor's result waits for it. */
function program(drafts: readonly Draft[]): Instruction[] {
  return drafts.map((draft, place) => {
    const made = drafts[place - 1]?.to.tensor;
    const reads = (source: Source | undefined): boolean =>
      source !== undefined && !isImmediate(source) && source.forwards === undefined && source.tensor === made;
    return { ...draft, waits: draft.waits ?? (reads(draft.a) || reads(draft.b)) };
  });
}

/** A part that runs once for each tile of the inner loops. */
export function perTile(loads: readonly Operand[], drafts: readonly Draft[], stores: readonly Operand[]): Part {
  return { per: 'tile', loads, instructions: program(drafts), stores };
}

/** A part that runs once for each tile of the outer loops. */
export function perBlock(loads: readonly Operand[], drafts: readonly Draft[], stores: readonly Operand[]): Part {
  return { per: 'channel', loads, instructions: program(drafts), stores };
}

const bits =
  (tensor: Tensor) =>
  (fit: VmemFit): number =>
    fit.bitsOf(tensor);
/** Bits of a plain tile, of one with its halo, of a vector per channel, at psum width. */
export const tileBits = bits(element(''));
export const windowBits = bits(tap(''));
export const vectorBits = bits(channel(''));

/** A plain tile in VMem1. */
export const tileFits = (fit: VmemFit): boolean => tileBits(fit) <= fit.half;
/** A tile with its halo in VMem1. */
export const windowFits = (fit: VmemFit): boolean => windowBits(fit) <= fit.half;

/** A row of one part whose tiles stand by themselves, grown like the paper's element-wise operations. */
export function elementwise(
  loads: readonly Operand[],
  drafts: readonly Draft[],
  stores: readonly Operand[],
): SimdOperation {
  return {
    parts: [perTile(loads, drafts, stores)],
    outer: ['c'],
    fits: tileFits,
    grow: 'c, n',
    window: 'none',
  };
}

/** The same for an operation with a window, whose tile has a halo. */
export function sliding(
  loads: readonly Operand[],
  drafts: readonly Draft[],
  stores: readonly Operand[],
): SimdOperation {
  return { ...elementwise(loads, drafts, stores), fits: windowFits, window: 'sliding' };
}

/** A row with vectors beside its tiles: `vectors` tensors of which each must fit VMem2 along with the others. */
export function withVectors(parts: readonly Part[], vectors: readonly Tensor[], room = 1): SimdOperation {
  return {
    parts,
    outer: ['c'],
    fits: (fit) =>
      tileBits(fit) <= fit.half && vectors.reduce((sum, tensor) => sum + fit.bitsOf(tensor), 0) <= fit.half * room,
    grow: 'n, c',
    window: 'none',
  };
}
