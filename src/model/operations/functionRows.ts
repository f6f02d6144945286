/**
 * Rows of functions of one tensor, and of their gradients. A function is its instructions; waits follow from which reads
 * the result of the one before. Gradients read the function's input X or, where that is shorter, its output Y.
 */
import {
  channel,
  element,
  elementwise,
  imm,
  load,
  loadVector,
  mac,
  madeIn,
  moveWhere,
  OUTPUT,
  perBlock,
  perTile,
  single,
  step,
  store,
  storeVector,
  withVectors,
} from './rowParts.ts';
import { type SimdOperation, tableOf } from './simdRow.ts';

const [X, Y, dY, dX] = [element('X'), element('Y'), element('dY'), element('dX')];
const [s, t, u] = [single('s'), single('t'), single('u')];
type Steps = Parameters<typeof elementwise>[1];

const functionOf = (steps: Steps): SimdOperation => elementwise([load(X)], steps, [store(Y)]);
const gradientFromX = (steps: Steps): SimdOperation => elementwise([load(X), load(dY)], steps, [store(dX)]);
const gradientFromY = (steps: Steps): SimdOperation => elementwise([load(Y), load(dY)], steps, [store(dX)]);

/** 1 + e^−x, in t. */
const onePlusExp = [step('sub', imm('zero'), X, t), step('exp', t, t, t), step('add', t, imm('one'), t)];
/** The tanh form: x·σ(x·(c₀ + c₁x²)) with c₀ = 2·√(2/π), c₁ = 0.044715·c₀; 1 + e^−(…) in t, c₀ and c₁ negative. */
const geluDenominator = [
  step('mul', X, X, s),
  step('mul', s, imm('minusGelu1'), t),
  step('add', t, imm('minusGelu0'), t),
  step('mul', t, X, t),
  step('exp', t, t, t),
  step('add', t, imm('one'), t),
];

export const FUNCTION_ROWS = tableOf({
  // The zero comes from IMM.
  relu: functionOf([step('max', X, imm('zero'), Y, OUTPUT)]),
  // dY where X was positive, else zero: one step.
  'relu-grad': gradientFromX([moveWhere(X, 'positive', dY, dX, OUTPUT)]),

  // Bounds come from IMM; an infinite one drops its instruction.
  clip: functionOf([step('max', X, imm('lower'), t), step('min', t, imm('upper'), Y, OUTPUT)]),
  'clip-below': functionOf([step('max', X, imm('lower'), Y, OUTPUT)]),
  'clip-above': functionOf([step('min', X, imm('upper'), Y, OUTPUT)]),
  'clip-grad': gradientFromX([
    moveWhere(X, { above: 'lower' }, dY, t),
    moveWhere(X, { below: 'upper' }, t, dX, OUTPUT),
  ]),
  'clip-below-grad': gradientFromX([moveWhere(X, { above: 'lower' }, dY, dX, OUTPUT)]),
  'clip-above-grad': gradientFromX([moveWhere(X, { below: 'upper' }, dY, dX, OUTPUT)]),

  'leaky-relu': functionOf([step('mul', X, imm('alpha'), t), step('max', X, t, Y, OUTPUT)]),
  // α·dY, and the rest of dY where X was positive.
  'leaky-relu-grad': gradientFromX([
    step('mul', dY, imm('alpha'), t),
    step('sub', dY, t, u),
    moveWhere(X, 'positive', u, u),
    step('add', t, u, dX, OUTPUT),
  ]),
  prelu: withVectors(
    [
      perBlock([loadVector('alpha')], [], []),
      perTile([load(X)], [step('mul', X, channel('alpha'), t), step('max', X, t, Y, OUTPUT)], [store(Y)]),
    ],
    [channel('alpha')],
  ),
  'prelu-grad': withVectors(
    [
      perBlock([loadVector('alpha')], [], []),
      perTile(
        [load(X), load(dY)],
        [
          step('mul', dY, channel('alpha'), t),
          step('sub', dY, t, u),
          moveWhere(X, 'positive', u, u),
          step('add', t, u, dX, OUTPUT),
          step('min', X, imm('zero'), s),
          mac(s, dY, channel('dalpha'), { waits: true }),
        ],
        [store(dX)],
      ),
      perBlock([], [], [madeIn(1, storeVector('dalpha'))]),
    ],
    [channel('alpha'), channel('dalpha')],
  ),

  sigmoid: functionOf([...onePlusExp, step('div', imm('one'), t, Y, OUTPUT)]),
  'sigmoid-grad': gradientFromY([step('sub', imm('one'), Y, t), step('mul', t, Y, t), step('mul', t, dY, dX, OUTPUT)]),
  // 2 / (1 + e^−2x) − 1.
  tanh: functionOf([
    step('mul', X, imm('minusTwo'), t),
    step('exp', t, t, t),
    step('add', t, imm('one'), t),
    step('div', imm('two'), t, t),
    step('sub', t, imm('one'), Y, OUTPUT),
  ]),
  'tanh-grad': gradientFromY([step('mul', Y, Y, t), step('sub', imm('one'), t, t), step('mul', t, dY, dX, OUTPUT)]),
  silu: functionOf([...onePlusExp, step('div', X, t, Y, OUTPUT)]),
  // σ·(1 + x·(1 − σ)).
  'silu-grad': gradientFromX([
    ...onePlusExp,
    step('div', imm('one'), t, s),
    step('sub', imm('one'), s, t),
    step('mul', t, X, t),
    step('add', t, imm('one'), t),
    step('mul', t, s, t),
    step('mul', t, dY, dX, OUTPUT),
  ]),
  gelu: functionOf([...geluDenominator, step('div', X, t, Y, OUTPUT)]),
  // σ·(1 + x·(1 − σ)·(c₀ + 3·c₁·x²)).
  'gelu-grad': gradientFromX([
    ...geluDenominator,
    step('div', imm('one'), t, u),
    step('sub', imm('one'), u, t),
    step('mul', t, X, t),
    step('mul', s, imm('gelu1Thrice'), s),
    step('add', s, imm('gelu0'), s),
    step('mul', t, s, t),
    step('add', t, imm('one'), t),
    step('mul', t, u, t),
    step('mul', t, dY, dX, OUTPUT),
  ]),
  // min(max(x/6 + 1/2, 0), 1).
  'hard-sigmoid': functionOf([
    step('mul', X, imm('sixth'), t),
    step('add', t, imm('half'), t),
    step('max', t, imm('zero'), t),
    step('min', t, imm('one'), Y, OUTPUT),
  ]),
  'hard-sigmoid-grad': gradientFromX([
    step('mul', dY, imm('sixth'), t),
    moveWhere(X, { above: 'minusThree' }, t, t),
    moveWhere(X, { below: 'three' }, t, dX, OUTPUT),
  ]),
  'hard-swish': functionOf([
    step('mul', X, imm('sixth'), t),
    step('add', t, imm('half'), t),
    step('max', t, imm('zero'), t),
    step('min', t, imm('one'), t),
    step('mul', t, X, Y, OUTPUT),
  ]),
  // (2x + 3)/6 between −3 and 3; 1 above, 0 below.
  'hard-swish-grad': gradientFromX([
    step('mul', X, imm('third'), t),
    step('sub', t, imm('half'), t),
    moveWhere(X, { below: 'three' }, t, t),
    step('add', t, imm('one'), t),
    moveWhere(X, { above: 'minusThree' }, t, t),
    step('mul', t, dY, dX, OUTPUT),
  ]),
});
