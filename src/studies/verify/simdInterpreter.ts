/**
 * Executes a part of a SIMD operation on a tile in VMem, instruction by instruction as its row of the table says. It
 * sees nothing but what the part's places hold; NaN among the operands reaches the results.
 */
import type { SimdLayer, SimdSizes } from '../../model/layers/layer.ts';
import {
  arithmetic,
  type Condition,
  conditionAt,
  constantOf,
  coordinateAlong,
  isConstant,
} from '../../model/machine/cycleStepped/aluArithmetic.ts';
import { accumulates, forEachTurn, inTurns } from '../../model/machine/cycleStepped/turns.ts';
import {
  type Instruction,
  isImmediate,
  type Part,
  type Source,
  type Tensor,
  tensorShape,
  windowOf,
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

/** Where the values of an operand lie: `data[c·perC + n·perN + h·perH + w·perW + offsets[turn]]`. */
interface Location {
  readonly data: Float64Array;
  readonly perC: number;
  readonly perN: number;
  readonly perH: number;
  readonly perW: number;
  /** Per place of the window and corner: 4 · tap + corner. */
  readonly offsets: Int32Array;
}

/** An instruction with the places of its operands. */
interface Placed {
  readonly alu: Instruction['alu'];
  readonly a: Location;
  readonly b: Location | undefined;
  readonly to: Location;
  /** What its accumulator starts from with each element; undefined where it does not start there. */
  readonly starts: Location | undefined;
  readonly condition: Condition;
  /** The condition is the window's place. */
  readonly isTap: boolean;
}

/** Finds the places of all operands of a part. */
class Placing {
  private readonly part: PartData;
  private readonly turns: number;
  private readonly scratch = new Map<string, Location>();

  constructor(part: PartData) {
    this.part = part;
    this.turns = CORNERS * part.layer.window.kh * part.layer.window.kw;
  }

  placed(instruction: Instruction): Placed {
    const { alu, a, b, to, initial, moveIf } = instruction;
    const startsAnew = accumulates(instruction) && scopeOf(to, this.part.layer) === 'element';
    const numberOf = (name: string): number => this.constant(name).data[0]!;
    return {
      alu,
      a: this.source(a),
      b: b && this.source(b),
      to: this.tensor(to),
      starts: startsAnew ? (initial ? this.tensor(initial) : this.single([neutralOf(instruction)])) : undefined,
      condition: conditionAt(moveIf, 0, numberOf),
      isTap: moveIf === 'tap',
    };
  }

  private source(source: Source): Location {
    return isImmediate(source) ? this.constant(source.imm) : this.tensor(source);
  }

  private tensor(tensor: Tensor): Location {
    const { dims } = tensor;
    if (dims.length === 0)
      return isConstant(tensor.tensor) ? this.constant(tensor.tensor) : this.register(tensor.tensor);
    const { layer, sizes, dataOf } = this.part;
    const { window } = layer;
    const [, images, rows, columns] = tensorShape(tensor, sizes, window);
    const { stride } = windowOf(tensor, window);
    const step = (direction: 'h' | 'w'): number => {
      if (!dims.includes(direction)) return 0;
      return dims.includes(direction === 'h' ? 'kh' : 'kw') ? stride[direction] : 1;
    };
    return {
      data: dataOf(tensor),
      perC: dims.includes('c') ? images * rows * columns : 0,
      perN: dims.includes('n') ? rows * columns : 0,
      perH: step('h') * columns,
      perW: step('w'),
      offsets: Int32Array.from({ length: this.turns }, (_, turn) => {
        const at = { n: 0, h: 0, w: 0, tap: Math.floor(turn / CORNERS), corner: turn % CORNERS };
        return coordinateAlong(tensor, 'h', at, window) * columns + coordinateAlong(tensor, 'w', at, window);
      }),
    };
  }

  /** A constant, which may be another one at each place of the window. */
  private constant(name: string): Location {
    const { layer } = this.part;
    const { n, h, w } = layer.sizes;
    const count = h * w * (simdOperation(layer.op).outer.includes('n') ? 1 : n);
    const values = Array.from({ length: this.turns }, (_, turn) => {
      const at = { n: 0, h: 0, w: 0, tap: Math.floor(turn / CORNERS), corner: turn % CORNERS };
      return constantOf(name, layer, at, count);
    });
    return { ...this.single(values), offsets: Int32Array.from(values.keys()) };
  }

  /** A value on its way, not there before it is written. */
  private register(name: string): Location {
    const known = this.scratch.get(name) ?? this.single([Number.NaN]);
    this.scratch.set(name, known);
    return known;
  }

  private single(values: readonly number[]): Location {
    const offsets = new Int32Array(this.turns);
    return { data: Float64Array.from(values), perC: 0, perN: 0, perH: 0, perW: 0, offsets };
  }
}

const CORNERS = 4;

/** Executes all instructions of a part, element by element. */
export function executePart(data: PartData): void {
  const { layer, part, sizes, dataOf, isFirstOfBlock } = data;
  for (const instruction of part.instructions.filter(accumulates)) {
    const scope = scopeOf(instruction.to, layer);
    if (scope === 'step' || (scope === 'block' && isFirstOfBlock)) {
      dataOf(instruction.to).fill(neutralOf(instruction));
    }
  }
  const placing = new Placing(data);
  const groups = [...inTurns(part.instructions)].map((together) => {
    const turns: number[] = [];
    forEachTurn(together[0]!, layer, (tap, corner) => turns.push(CORNERS * tap + corner));
    return { turns, instructions: together.map((instruction) => placing.placed(instruction)) };
  });
  const inner = part.per === 'tile' ? sizes : { n: 1, h: 1, w: 1 };
  const images = part.per === 'channel' && simdOperation(layer.op).outer.includes('n') ? sizes.n : inner.n;
  for (let c = 0; c < sizes.c; c++)
    for (let n = 0; n < images; n++)
      for (let h = 0; h < inner.h; h++)
        for (let w = 0; w < inner.w; w++)
          for (const { turns, instructions } of groups)
            for (let place = 0; place < turns.length; place++)
              for (const instruction of instructions) execute(instruction, c, n, h, w, turns[place]!, place === 0);
}

function indexIn(
  { perC, perN, perH, perW, offsets }: Location,
  c: number,
  n: number,
  h: number,
  w: number,
  turn: number,
): number {
  return c * perC + n * perN + h * perH + w * perW + offsets[turn]!;
}

function execute(
  { alu, a, b, to, starts, condition, isTap }: Placed,
  c: number,
  n: number,
  h: number,
  w: number,
  turn: number,
  isFirst: boolean,
): void {
  const index = indexIn(to, c, n, h, w, turn);
  if (isFirst && starts !== undefined) to.data[index] = starts.data[indexIn(starts, c, n, h, w, turn)]!;
  const first = a.data[indexIn(a, c, n, h, w, turn)]!;
  const second = b === undefined ? undefined : b.data[indexIn(b, c, n, h, w, turn)]!;
  const sum = alu === 'mac' ? to.data[index]! : 0;
  to.data[index] = arithmetic(alu, isTap ? Math.floor(turn / CORNERS) : condition, first, second, sum);
}
