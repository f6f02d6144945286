/** Rows of normalisations over the batch, of updates and of sums. */
import {
  channel,
  copy,
  element,
  elementwise,
  immOfEach,
  into,
  load,
  loadVector,
  mac,
  madeIn,
  OUTPUT,
  perBlock,
  perImage,
  perTile,
  single,
  step,
  store,
  storeVector,
  tileBits,
  tileFits,
  uncharged,
  vectorBits,
  withVectors,
} from './rowParts.ts';
import { type SimdOperation, tableOf } from './simdRow.ts';

const [X, dY, Y, dX, P, dP] = [element('X'), element('dY'), element('Y'), element('dX'), element('P'), element('dP')];
/** X̂ goes out and comes back at the input's width, and both ways are booked as ifmap. */
const normalisedX = load(element('Xhat'));

const sgd: SimdOperation = elementwise(
  [load(P), load(dP)],
  [step('mul', single('rate'), dP, single('change')), step('sub', P, uncharged(single('change')), P, OUTPUT)],
  [store(P)],
);

/** A sum per channel over n, h and w, of dY or of a product with it. */
const productOfTwo = { parts: [load(X), load(dY)], sum: (to: ReturnType<typeof channel>) => [mac(X, dY, to)] };

export const NORM_ROWS = tableOf({
  'bn-statistics': {
    parts: [
      perTile(
        [load(X)],
        [
          into('add', channel('sum'), X),
          step('mul', X, X, single('square')),
          into('add', channel('squares'), single('square')),
        ],
        [],
      ),
      // The two divs read the element count from IMM, each channel for itself.
      perBlock(
        [],
        [
          step('div', channel('sum'), immOfEach('count'), channel('mean')),
          step('mul', channel('mean'), channel('mean'), single('meanSquared')),
          step('div', channel('squares'), immOfEach('count'), single('squareMean')),
          step('sub', single('squareMean'), single('meanSquared'), single('variance')),
          step('add', single('variance'), single('epsilon'), single('stabilised')),
          step('invSqrt', single('stabilised'), single('stabilised'), channel('invStd')),
        ],
        [storeVector('mean'), storeVector('invStd')],
      ),
    ],
    outer: ['c'],
    fits: (fit) => tileBits(fit) <= fit.half - fit.laneBits && vectorBits(fit) <= fit.half / 2,
    grow: 'n, c',
    window: 'none',
  },
  'bn-normalise': {
    parts: [
      perBlock([loadVector('mean'), loadVector('invStd'), loadVector('gamma'), loadVector('beta')], [], []),
      perTile(
        [load(X)],
        [
          step('sub', X, channel('mean'), single('centred')),
          step('mul', single('centred'), channel('invStd'), single('normalised')),
          step('mul', single('normalised'), channel('gamma'), single('scaled')),
          step('add', single('scaled'), channel('beta'), Y, OUTPUT),
        ],
        [store(Y)],
      ),
    ],
    outer: ['c'],
    fits: (fit) => tileBits(fit) <= fit.half && vectorBits(fit) <= fit.half / 4,
    grow: 'n, c',
    window: 'none',
  },
  // Algorithm 1: lines 2–12, then 13–24; eqs (25)–(28).
  'bn-grad': {
    parts: [
      perBlock([loadVector('mean'), loadVector('invStd')], [], []),
      perTile(
        [load(X), load(dY)],
        [
          step('sub', X, channel('mean'), single('centred')),
          step('mul', single('centred'), channel('invStd'), element('Xhat')),
          step('mul', element('Xhat'), dY, single('product')),
          into('add', channel('dgamma'), single('product')),
          into('add', channel('dbeta'), dY),
        ],
        [normalisedX],
      ),
      perBlock(
        [loadVector('gamma')],
        [
          step('mul', channel('gamma'), channel('invStd'), single('gammaOverStd')),
          step('div', single('gammaOverStd'), single('count'), channel('factor')),
        ],
        [],
      ),
      perTile(
        [normalisedX, load(dY)],
        [
          step('mul', single('count'), dY, single('whole')),
          step('mul', channel('dgamma'), element('Xhat'), single('scalePart')),
          step('sub', single('whole'), single('scalePart'), single('lessScale')),
          step('sub', single('lessScale'), channel('dbeta'), single('lessShift')),
          step('mul', channel('factor'), single('lessShift'), dX, OUTPUT),
        ],
        [store(dX)],
      ),
      perBlock([], [], [madeIn(1, storeVector('dgamma')), madeIn(1, storeVector('dbeta'))]),
    ],
    outer: ['c'],
    fits: (fit) => tileBits(fit) + 3 * vectorBits(fit) <= fit.half,
    grow: 'n, c',
    window: 'none',
  },
  // A batch norm in inference that is part of no conv: the scale and the shift that its statistics come to.
  'batch-norm': withVectors(
    [
      perBlock([loadVector('scale'), loadVector('shift')], [], []),
      perTile(
        [load(X)],
        [
          step('mul', X, channel('scale'), single('scaled')),
          step('add', single('scaled'), channel('shift'), Y, OUTPUT),
        ],
        [store(Y)],
      ),
    ],
    [channel('scale'), channel('shift')],
  ),
  'reduce-sum': {
    ...elementwise([load(dY)], [into('add', channel('sum'), dY, OUTPUT)], []),
    parts: [
      perTile([load(dY)], [into('add', channel('sum'), dY, OUTPUT)], []),
      perBlock([], [], [madeIn(0, store(channel('sum')))]),
    ],
    fits: tileFits,
    reduces: true,
  },
  // The gradient of a factor per channel.
  'reduce-product': withVectors(
    [
      perTile(productOfTwo.parts, productOfTwo.sum(channel('sum')), []),
      perBlock([], [], [madeIn(0, storeVector('sum'))]),
    ],
    [channel('sum')],
  ),
  // The same per image and channel: of a squeeze-and-excitation's factor.
  'image-sum': {
    ...withVectors(
      [
        perTile([load(dY)], [into('add', perImage('sum'), dY)], []),
        perBlock([], [], [madeIn(0, store(perImage('sum'), 'psum'))]),
      ],
      [perImage('sum')],
    ),
    outer: ['c', 'n'],
  },
  'image-product': {
    ...withVectors(
      [
        perTile(productOfTwo.parts, productOfTwo.sum(perImage('sum')), []),
        perBlock([], [], [madeIn(0, store(perImage('sum'), 'psum'))]),
      ],
      [perImage('sum')],
    ),
    outer: ['c', 'n'],
  },
  // A global average pool whose image does not fit VMem: tile by tile, and divided once.
  'plane-mean': {
    ...withVectors(
      [
        perTile([load(X)], [into('add', perImage('sum'), X)], []),
        perBlock(
          [],
          [step('div', uncharged(perImage('sum')), single('count'), perImage('Y'), OUTPUT)],
          [store(perImage('Y'))],
        ),
      ],
      [perImage('sum')],
    ),
    outer: ['c', 'n'],
  },
  'plane-mean-grad': {
    ...withVectors(
      [
        perBlock([load(perImage('dY'))], [step('div', perImage('dY'), single('count'), perImage('part'))], []),
        perTile([], [copy(uncharged(perImage('part')), dX, OUTPUT)], [store(dX)]),
      ],
      [perImage('part')],
    ),
    outer: ['c', 'n'],
  },
  'sgd-1d': sgd,
  'sgd-2d': sgd,
  'sgd-4d': sgd,
  // Elements that change places: a transpose where nothing reads it that takes any order, a channel shuffle.
  copy: elementwise([load(X)], [copy(X, Y, OUTPUT)], [store(Y)]),
});
