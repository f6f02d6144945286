/**
 * Executes a part of a SIMD operation on a tile in VMem, instruction by instruction as its row of the table says. It
 * sees nothing but what the part's places hold; NaN among the operands reaches the results.
 */
import type { SimdLayer, SimdSizes } from '../../model/layers/layer.ts';
import {
  arithmetic,
  conditionAt,
  constantOf,
  coordinateAlong,
  isConstant,
  type Position,
} from '../../model/machine/cycleStepped/aluArithmetic.ts';
import { accumulates, forEachTurn, inTurns } from '../../model/machine/cycleStepped/turns.ts';
import {
  type Instruction,
  isImmediate,
  type Part,
  type Source,
  type Tensor,
  tensorShape,
} from '../../model/operations/simdRow.ts';
import { simdOperation } from '../../model/operations/simdTable.ts';

/** What a part computes on. */
export interface PartData {
  readonly layer: SimdLayer;
  readonly part: Part;
  /** Sizes of the step. */
  readonly sizes: SimdSizes;
  /** The data of a tensor, densely in the shape that it has for these sizes. */
  readonly dataOf: (tensor: Tensor) => Float64Array;
  /** Accumulators of the whole block start anew. */
  readonly isFirstOfBlock: boolean;
}

/** From when on an accumulator adds up: from the first place of the window, of the step, or of the block. */
type Scope = 'element' | 'step' | 'block';

/** How long an accumulator lasts. */
export function scopeOf(to: Tensor, layer: SimdLayer): Scope {
  if (to.dims.length === 0) return 'element';
  const { outer } = simdOperation(layer.op);
  const isOfBlock = to.dims.every((dim) => outer.includes(dim as 'c') || dim === 'kh' || dim === 'kw');
  if (isOfBlock) return 'block';
  return to.dims.includes('kh') ? 'step' : 'element';
}

/** What an accumulator is before anything is added to it. */
export function neutralOf({ alu }: Instruction): number {
  return alu === 'max' ? Number.NEGATIVE_INFINITY : 0;
}

/** Executes all instructions of a part, element by element. */
export function executePart({ layer, part, sizes, dataOf, isFirstOfBlock }: PartData): void {
  const { window } = layer;
  const count = simdOperation(layer.op).outer.includes('n')
    ? layer.sizes.h * layer.sizes.w
    : layer.sizes.n * layer.sizes.h * layer.sizes.w;
  const scratch = new Map<string, number>();
  let channel = 0;

  const placeIn = (tensor: Tensor, at: Position): number => {
    const shape = tensorShape(tensor, sizes, window);
    const c = tensor.dims.includes('c') ? channel : 0;
    const n = tensor.dims.includes('n') ? at.n : 0;
    const [row, column] = [coordinateAlong(tensor, 'h', at, window), coordinateAlong(tensor, 'w', at, window)];
    return ((c * shape[1] + n) * shape[2] + row) * shape[3] + column;
  };
  const read = (tensor: Tensor, at: Position): number => {
    if (tensor.dims.length > 0) return dataOf(tensor)[placeIn(tensor, at)]!;
    if (isConstant(tensor.tensor)) return constantOf(tensor.tensor, layer, at, count);
    return scratch.get(tensor.tensor) ?? Number.NaN;
  };
  const write = (tensor: Tensor, at: Position, value: number): void => {
    if (tensor.dims.length > 0) dataOf(tensor)[placeIn(tensor, at)] = value;
    else scratch.set(tensor.tensor, value);
  };
  const execute = (instruction: Instruction, at: Position, isFirst: boolean): void => {
    const { alu, a, b, to, initial, moveIf } = instruction;
    const numberOf = (name: string): number => constantOf(name, layer, at, count);
    const operand = (source: Source): number => (isImmediate(source) ? numberOf(source.imm) : read(source, at));
    if (isFirst && accumulates(instruction) && scopeOf(to, layer) === 'element') {
      write(to, at, initial === undefined ? neutralOf(instruction) : read(initial, at));
    }
    const sum = alu === 'mac' ? read(to, at) : 0;
    const condition = conditionAt(moveIf, at.tap, numberOf);
    write(to, at, arithmetic(alu, condition, operand(a), b && operand(b), sum));
  };

  for (const instruction of part.instructions.filter(accumulates)) {
    const scope = scopeOf(instruction.to, layer);
    if (scope === 'step' || (scope === 'block' && isFirstOfBlock)) {
      dataOf(instruction.to).fill(neutralOf(instruction));
    }
  }
  const inner = part.per === 'tile' ? sizes : { n: 1, h: 1, w: 1 };
  const images = part.per === 'channel' && simdOperation(layer.op).outer.includes('n') ? sizes.n : inner.n;
  const turns = [...inTurns(part.instructions)];
  for (channel = 0; channel < sizes.c; channel++)
    for (let n = 0; n < images; n++)
      for (let h = 0; h < inner.h; h++)
        for (let w = 0; w < inner.w; w++)
          for (const together of turns)
            forEachTurn(together[0]!, layer, (tap, corner, isFirst) => {
              for (const instruction of together) execute(instruction, { n, h, w, tap, corner }, isFirst);
            });
}
