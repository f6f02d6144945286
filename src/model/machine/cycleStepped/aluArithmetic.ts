/** What an ALU of the SIMD array makes of its operands, and the constants that instructions refer to by name. */
import type { SimdLayer, Window } from '../../layers/layer.ts';
import type { AluOp, MoveIf, Tensor } from '../../operations/simdRow.ts';
import { windowOf } from '../../operations/simdRow.ts';
import { InternalError } from '../../schemas/inputError.ts';

/** Constants of the operations: the ε of norms and the learning rate. */
export const EPSILON = 1 / 1024;
export const LEARNING_RATE = 1 / 8;

/** 2·√(2/π), and x³'s share of it, of gelu's tanh form. */
export const GELU = [2 * Math.sqrt(2 / Math.PI), 0.044715 * 2 * Math.sqrt(2 / Math.PI)] as const;

/** Numbers that users choose: bounds, slopes, a second operand; and the squared sum that lrn starts from. */
export const CHOSEN = { lower: -1 / 2, upper: 5 / 2, alpha: 1 / 8, scalar: 3, slope: 1 / 4, least: 4 } as const;

const FIXED: Readonly<Record<string, number>> = {
  ...{ zero: 0, one: 1, two: 2, minusTwo: -2, half: 1 / 2, third: 1 / 3, sixth: 1 / 6, three: 3, minusThree: -3 },
  ...{ gelu0: GELU[0], minusGelu0: -GELU[0], gelu1Thrice: 3 * GELU[1], minusGelu1: -GELU[1] },
  ...{ epsilon: EPSILON, rate: LEARNING_RATE },
  ...CHOSEN,
};

/** Where a vector is: its place in the tile, the window's place over it, and which of four neighbours is meant. */
export interface Position {
  readonly n: number;
  readonly h: number;
  readonly w: number;
  readonly tap: number;
  readonly corner: number;
}

/** Of a place in a block of `size` along one direction: whether its first neighbour lies before it, and the second's share. */
function neighbours(place: number, size: number): { isBefore: boolean; share: number } {
  const offset = (place + 1 / 2) / size - 1 / 2;
  return offset < 0 ? { isBefore: true, share: offset + 1 } : { isBefore: false, share: offset };
}

/** The share of one of four neighbours in a place of a block. */
function shareOf({ tap, corner }: Position, { kh, kw }: Window): number {
  const along = (place: number, size: number, isSecond: boolean): number => {
    const { share } = neighbours(place, size);
    return isSecond ? share : 1 - share;
  };
  return along(Math.floor(tap / kw), kh, corner >= 2) * along(tap % kw, kw, corner % 2 === 1);
}

/** The value of a constant. Throws an InternalError for a name that none has. */
export function constantOf(name: string, layer: SimdLayer, at: Position, count: number): number {
  const { window } = layer;
  switch (name) {
    case 'count':
      return count;
    case 'taps':
      return window.kh * window.kw;
    case 'share':
      return layer.op === 'roi-align' ? 1 / (window.kh * window.kw) : shareOf(at, window);
    default: {
      const value = FIXED[name];
      if (value === undefined) throw new InternalError(`no constant ${name}`);
      return value;
    }
  }
}

/** Whether a name without dimensions stands for a constant in VMem. */
export function isConstant(name: string): boolean {
  return name === 'count' || name === 'taps' || name === 'share' || FIXED[name] !== undefined;
}

/** Row or column of a tensor's element at a position. */
export function coordinateAlong(tensor: Tensor, direction: 'h' | 'w', at: Position, layerWindow: Window): number {
  const { dims, around, isCentre } = tensor;
  const seen = windowOf(tensor, layerWindow);
  const { kh, kw } = layerWindow;
  const tap = isCentre === true ? Math.floor(kh / 2) * kw + Math.floor(kw / 2) : at.tap;
  const [place, size] = direction === 'h' ? [Math.floor(tap / kw), kh] : [tap % kw, kw];
  const isWindowed = dims.includes(direction === 'h' ? 'kh' : 'kw');
  if (!dims.includes(direction)) return isWindowed ? place : 0;
  if (!isWindowed) return at[direction];
  if (around === undefined) return at[direction] * seen.stride[direction] + place * seen.dilation[direction];
  const isSecond = direction === 'h' ? at.corner >= 2 : at.corner % 2 === 1;
  return at[direction] + (neighbours(place, size).isBefore ? 0 : 1) + Number(isSecond);
}

/** What a conditional move looks for, with numbers for names: a number is the place of the window. */
export type Condition = number | 'positive' | 'always' | { readonly above: number } | { readonly below: number };

/** The condition of a move at a place of the window. */
export function conditionAt(moveIf: MoveIf, tap: number, numberOf: (name: string) => number): Condition {
  if (moveIf === 'tap') return tap;
  if (typeof moveIf === 'string') return moveIf;
  return 'above' in moveIf ? { above: numberOf(moveIf.above) } : { below: numberOf(moveIf.below) };
}

function holds(condition: Condition, operand: number): boolean {
  if (typeof condition === 'number') return operand === condition;
  if (condition === 'always') return true;
  if (condition === 'positive') return operand > 0;
  return 'above' in condition ? operand > condition.above : operand < condition.below;
}

/** The result of an instruction; `sum` is what a mac adds to. What is not a number reaches the result. */
export function arithmetic(alu: AluOp, condition: Condition, a: number, b: number | undefined, sum: number): number {
  switch (alu) {
    case 'add':
      return a + b!;
    case 'sub':
      return a - b!;
    case 'mul':
      return a * b!;
    case 'div':
      return a / b!;
    case 'max':
      return Math.max(a, b!);
    case 'min':
      return Math.min(a, b!);
    case 'exp':
      return Math.exp(a);
    case 'invSqrt':
      return 1 / Math.sqrt(a);
    case 'mac':
      return sum + a * b!;
    case 'condMove':
      if (Number.isNaN(a)) return Number.NaN;
      return holds(condition, a) ? (b ?? a) : 0;
  }
}
