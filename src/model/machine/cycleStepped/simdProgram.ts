/** The instructions of a tile on the SIMD pipeline, one by one, as the rows of the operations table say. */
import type { SimdLayer } from '../../layers/layer.ts';
import {
  type Instruction,
  isImmediate,
  type Part,
  type Source as TableSource,
  type Tensor,
} from '../../operations/simdRow.ts';
import { simdOperation, simdParts } from '../../operations/simdTable.ts';
import type { StepOperation } from '../../schedule/simdSchedule.ts';
import { conditionAt, constantOf, coordinateAlong, isConstant, type Position } from './aluArithmetic.ts';
import type { Source, VectorInstruction } from './simdStages.ts';
import { accumulates, forEachTurn, inTurns } from './turns.ts';

/** A tensor's element at a position, for a block of K channels. */
export function elementPlace(name: string, block: number, n: number, h: number, w: number): string {
  return `${name}[${block}, ${n}, ${h}, ${w}]`;
}

/** A vector in the tile, and the window's place over it. */
interface VectorPosition extends Position {
  readonly block: number;
}

/** Where a tensor's vector lies in VMem. */
export function address(tensor: Tensor, at: VectorPosition, { window }: SimdLayer): string {
  const { dims } = tensor;
  if (dims.length === 0) return tensor.tensor;
  const [row, column] = [coordinateAlong(tensor, 'h', at, window), coordinateAlong(tensor, 'w', at, window)];
  return elementPlace(tensor.tensor, dims.includes('c') ? at.block : 0, dims.includes('n') ? at.n : 0, row, column);
}

/** Which operands the bypass serves: what MODEL.md's rows charge, or reductions alone. */
export type Forwarding = 'as charged' | 'reductions only';

/** What a program is made for. */
interface Target {
  readonly layer: SimdLayer;
  readonly lanes: number;
  readonly forwarding: Forwarding;
  /** Tensors that lie in OBuf. */
  readonly handedOver: ReadonlySet<string>;
}

const NONE: ReadonlySet<string> = new Set();

/** Elements that a statistic is over. */
export function countOf({ op, tile }: SimdLayer): number {
  return tile.h * tile.w * (simdOperation(op).outer.includes('n') ? 1 : tile.n);
}

function vectorInstruction(
  instruction: Instruction,
  at: VectorPosition,
  isFirst: boolean,
  isLast: boolean,
  { layer, forwarding, handedOver }: Target,
): VectorInstruction {
  const numberOf = (name: string): number => constantOf(name, layer, at, countOf(layer));
  const { alu, isOneStep, a, b, to, initial, moveIf, times, writesOutput } = instruction;
  const source = (operand: TableSource): Source => {
    if (isImmediate(operand)) {
      return {
        from: 'imm',
        value: numberOf(operand.imm),
        read: operand.read === 'per vector' ? 'once' : 'by each lane',
      };
    }
    const isForwarded =
      operand.forwards === 'accumulator' || (operand.forwards === 'uncharged' && forwarding === 'as charged');
    const constant = operand.dims.length === 0 && isConstant(operand.tensor) ? numberOf(operand.tensor) : undefined;
    return {
      from: 'vmem',
      place: address(operand, at, layer),
      isForwarded,
      isInObuf: handedOver.has(operand.tensor),
      ...(constant !== undefined && { constant }),
    };
  };
  const corners = times === 'corners' ? 4 : 1;
  // Of a mac's sums, and of the output's width, only the last write at a place counts.
  const isLastAtPlace = to.dims.includes('kh') ? at.corner === corners - 1 : isLast;
  const startsFrom =
    initial &&
    (initial.dims.length === 0 ? { constant: numberOf(initial.tensor) } : { place: address(initial, at, layer) });
  return {
    alu,
    isOneStep,
    a: source(a),
    b: b && source(b),
    to: address(to, at, layer),
    isOutput: writesOutput && isLastAtPlace,
    isCounted: alu !== 'mac' || times === 'once' || to.around !== undefined || isLastAtPlace,
    condition: conditionAt(moveIf, at.tap, numberOf),
    boundReads: typeof moveIf === 'object' ? 1 : 0,
    ...(startsFrom && isFirst && accumulates(instruction) && { startsFrom }),
  };
}

/** A part's instructions on one vector. Neighbours that run once per tap take turns; what runs once sees the last tap. */
function onOneVector(
  turns: readonly (readonly Instruction[])[],
  at: Omit<VectorPosition, 'tap' | 'corner'>,
  target: Target,
): VectorInstruction[] {
  const program: VectorInstruction[] = [];
  for (const together of turns) {
    const [first] = together as [Instruction];
    let left = 0;
    forEachTurn(first, target.layer, () => left++);
    forEachTurn(first, target.layer, (tap, corner, isFirst) => {
      left--;
      for (const instruction of together) {
        program.push(vectorInstruction(instruction, { ...at, tap, corner }, isFirst, left === 0, target));
      }
    });
  }
  return program;
}

/** A part's instructions on its vectors, one vector after the other. */
function ofPart(part: Part, target: Target): VectorInstruction[] {
  const { tile, op } = target.layer;
  const images = part.per === 'tile' || simdOperation(op).outer.includes('n') ? tile.n : 1;
  const plane = part.per === 'tile' ? tile : { h: 1, w: 1 };
  const turns = [...inTurns(part.instructions)];
  const program: VectorInstruction[] = [];
  for (let n = 0; n < images; n++)
    for (let h = 0; h < plane.h; h++)
      for (let w = 0; w < plane.w; w++)
        for (let block = 0; block * target.lanes < tile.c; block++)
          program.push(...onOneVector(turns, { n, h, w, block }, target));
  return program;
}

/** The instructions of an operation of a step. */
export function operationProgram(
  { layer, part, handedOver }: Pick<StepOperation, 'layer' | 'part' | 'handedOver'>,
  lanes: number,
): VectorInstruction[] {
  return ofPart(part, { layer, lanes, forwarding: 'as charged', handedOver });
}

/**
 * The programs that compute one tile of a layer, each of which fills the pipeline once. The per-channel instructions,
 * which pay for no filling, run in front of the tile that follows them, or else behind the one before.
 */
export function tilePrograms(layer: SimdLayer, lanes: number, forwarding: Forwarding): VectorInstruction[][] {
  const programs: VectorInstruction[][] = [];
  let perChannel: VectorInstruction[] = [];
  for (const part of simdParts(layer)) {
    const instructions = ofPart(part, { layer, lanes, forwarding, handedOver: NONE });
    if (part.per === 'channel') {
      perChannel.push(...instructions);
    } else {
      programs.push([...perChannel, ...instructions]);
      perChannel = [];
    }
  }
  programs.at(-1)!.push(...perChannel);
  return programs;
}
