/** Rows of operations with a window: pools, depthwise convolutions, resampling. */
import {
  adding,
  channel,
  element,
  into,
  kernel,
  load,
  mac,
  madeIn,
  neighbour,
  OUTPUT,
  perBlock,
  perTile,
  single,
  sliding,
  step,
  store,
  TAPS,
  tap,
  tileBits,
  uncharged,
  vectorBits,
  windowBits,
} from './rowParts.ts';
import { type SimdOperation, tableOf, type VmemFit } from './simdRow.ts';

const [Y, dY] = [element('Y'), element('dY')];

const averagePool: SimdOperation = sliding(
  [load(tap('X'))],
  [into('add', element('sum'), tap('X'), TAPS), step('div', uncharged(element('sum')), single('taps'), Y, OUTPUT)],
  [store(Y)],
);

const averagePoolGrad: SimdOperation = sliding(
  [load(dY)],
  [
    step('div', dY, single('taps'), single('part')),
    into('add', tap('dX'), single('part'), { times: 'window - 1', waits: false }),
    into('add', tap('dX'), single('part'), { waits: true }),
  ],
  [adding(store(tap('dX')))],
);

/** The window's tile in VMem1, kernels with their biases in VMem2. */
const depthwiseFits = (fit: VmemFit): boolean =>
  windowBits(fit) <= fit.half && fit.bitsOf(kernel('W')) + vectorBits(fit) <= fit.half;

/** Four macs for each place of the block: a weighted sum of the neighbours that lie around it. */
const CORNERS = { times: 'corners' } as const;

export const WINDOW_ROWS = tableOf({
  'max-pool': sliding([load(tap('X'))], [into('max', Y, tap('X'), { ...TAPS, ...OUTPUT })], [store(Y)]),
  'avg-pool': averagePool,
  'global-avg-pool': averagePool,
  'max-pool-grad': {
    ...sliding(
      [load(dY), load(element('index'), 'psum')],
      [
        step('condMove', element('index'), dY, single('moved'), { ...TAPS, moveIf: 'tap' }),
        into('add', tap('dX'), single('moved'), { ...TAPS, waits: true }),
      ],
      [adding(store(tap('dX')))],
    ),
    fits: (fit) => windowBits(fit) + tileBits(fit) <= fit.half,
  },
  'avg-pool-grad': averagePoolGrad,
  'global-avg-pool-grad': averagePoolGrad,

  // Each lane a channel. A bias is charged whether the layer has one or not; sums start from it.
  'depthwise-conv': {
    parts: [
      perBlock([load(kernel('W'), 'weight'), load(channel('bias'), 'bias')], [], []),
      perTile(
        [load(tap('X'))],
        [mac(tap('X'), kernel('W'), Y, { ...TAPS, ...OUTPUT, initial: channel('bias') })],
        [store(Y)],
      ),
    ],
    outer: ['c'],
    fits: depthwiseFits,
    grow: 'n, c',
    window: 'sliding',
  },
  'depthwise-weight-grad': {
    parts: [
      perTile([load(tap('X')), load(dY)], [mac(tap('X'), dY, kernel('dW'), TAPS)], []),
      perBlock([], [], [madeIn(0, store(kernel('dW'), 'psum'))]),
    ],
    outer: ['c'],
    fits: (fit) => windowBits(fit) <= fit.half && fit.bitsOf(kernel('dW')) + tileBits(fit) <= fit.half,
    grow: 'n, c',
    window: 'sliding',
  },

  // h and w are the input's: each of its elements becomes a block, and the blocks lie side by side.
  'upsample-nearest': {
    ...sliding(
      [load(element('X'))],
      [step('condMove', element('X'), undefined, tap('Y'), { ...TAPS, ...OUTPUT, isOneStep: true, moveIf: 'always' })],
      [store(tap('Y'))],
    ),
    window: 'blocks',
  },
  'upsample-nearest-grad': {
    ...sliding(
      [load(tap('dY'))],
      [into('add', element('dX'), tap('dY'), { ...TAPS, ...OUTPUT })],
      [store(element('dX'))],
    ),
    window: 'blocks',
  },
  'upsample-bilinear': {
    ...sliding(
      [load(neighbour('X'))],
      [mac(neighbour('X'), single('share'), tap('Y'), { ...CORNERS, ...OUTPUT })],
      [store(tap('Y'))],
    ),
    fits: (fit) => windowBits(fit) <= fit.half && fit.bitsOf(neighbour('X')) <= fit.half,
    window: 'blocks',
  },
  'upsample-bilinear-grad': {
    ...sliding(
      [load(tap('dY'))],
      [mac(tap('dY'), single('share'), neighbour('dX'), CORNERS)],
      [adding(store(neighbour('dX')))],
    ),
    fits: (fit) => windowBits(fit) <= fit.half && fit.bitsOf(neighbour('dX')) <= fit.half,
    window: 'blocks',
  },

  // n counts the regions; the window holds the samples of an output, four neighbours each, gathered from the image.
  'roi-align': {
    ...sliding([load(tap('X'))], [mac(tap('X'), single('share'), Y, { ...TAPS, ...OUTPUT })], [store(Y)]),
    window: 'blocks',
  },
  // Lanes hold positions, h counts channels: a line of them around each is squared and summed. The power is ½.
  lrn: {
    ...sliding(
      [load(tap('X'))],
      [
        mac(tap('X'), tap('X'), single('energy'), { ...TAPS, initial: single('least') }),
        step('mul', single('energy'), single('slope'), single('scaled')),
        step('invSqrt', single('scaled'), single('scaled'), single('factor')),
        step('mul', { ...tap('X'), isCentre: true }, single('factor'), Y, OUTPUT),
      ],
      [store(Y)],
    ),
    window: 'line',
  },
});
