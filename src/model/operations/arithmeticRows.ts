/**
 * Rows of sums, differences, products and quotients of two tensors, of which the second has all elements, one per
 * channel, one per image and channel, is the same for all images, or is a constant.
 */
import {
  channel,
  element,
  elementwise,
  imm,
  load,
  OUTPUT,
  perBlock,
  perImage,
  perTile,
  shared,
  step,
  store,
  tileBits,
  withVectors,
} from './rowParts.ts';
import type { AluOp, SimdOperation, Tensor } from './simdRow.ts';

/** The operations, and what an ALU does for each. */
const ARITHMETIC = { 'tensor-add': 'add', 'tensor-sub': 'sub', 'tensor-mul': 'mul', 'tensor-div': 'div' } as const;
export type Arithmetic = keyof typeof ARITHMETIC;

/** What the second operand is: '' has all elements. */
export type SecondOperand = '' | '-per-channel' | '-per-image' | '-shared' | '-scalar';

const [X1, Y] = [element('X1'), element('Y')];

/** The second operand is loaded when its own tile of c, or of c and n, changes. */
function besideVector(alu: AluOp, second: Tensor, outer: SimdOperation['outer']): SimdOperation {
  const parts = [
    perBlock([load(second, 'psum')], [], []),
    perTile([load(X1)], [step(alu, X1, second, Y, OUTPUT)], [store(Y)]),
  ];
  return { ...withVectors(parts, [second]), outer };
}

/** The second operand is loaded with each tile. */
function besideImage(alu: AluOp, second: Tensor): SimdOperation {
  return {
    ...elementwise([load(X1), load(second)], [step(alu, X1, second, Y, OUTPUT)], [store(Y)]),
    fits: (fit) => tileBits(fit) <= fit.half && fit.bitsOf(second) <= fit.half,
    grow: 'n, c',
  };
}

function rowsOf<Name extends Arithmetic>(name: Name): Record<`${Name}${SecondOperand}`, SimdOperation> {
  const alu = ARITHMETIC[name];
  const X2 = element('X2');
  const rows: Record<SecondOperand, SimdOperation> = {
    '': elementwise([load(X1), load(X2)], [step(alu, X1, X2, Y, OUTPUT)], [store(Y)]),
    '-per-channel': besideVector(alu, channel('X2'), ['c']),
    '-per-image': besideVector(alu, perImage('X2'), ['c', 'n']),
    '-shared': besideImage(alu, shared('X2')),
    '-scalar': elementwise([load(X1)], [step(alu, X1, imm('scalar'), Y, OUTPUT)], [store(Y)]),
  };
  const named = Object.entries(rows).map(([second, row]) => [`${name}${second}`, row]);
  return Object.fromEntries(named) as Record<`${Name}${SecondOperand}`, SimdOperation>;
}

export const ARITHMETIC_ROWS = {
  ...rowsOf('tensor-add'),
  ...rowsOf('tensor-sub'),
  ...rowsOf('tensor-mul'),
  ...rowsOf('tensor-div'),
};
