/**
 * Rows of reductions over the channels of each position: lanes hold positions (c counts them), and each lane steps over
 * its own channels (n counts those; h and w are 1). What does not fit VMem in one tile is read twice: once for the sums,
 * once for the results.
 */
import {
  channel,
  copy,
  element,
  imm,
  into,
  load,
  loadVector,
  mac,
  OUTPUT,
  perBlock,
  perStep,
  perTile,
  single,
  step,
  store,
  storeVector,
  tileBits,
  uncharged,
  vectorBits,
} from './rowParts.ts';
import { type Part, type SimdOperation, tableOf } from './simdRow.ts';

const [X, Y, dY, dX] = [element('X'), element('Y'), element('dY'), element('dX')];
const t = single('t');

/** Every part after the first tile part without its loads of tiles and steps: they are there already. */
function inOnePass(parts: readonly Part[]): readonly Part[] {
  const first = parts.findIndex(({ per }) => per === 'tile');
  return parts.map((part, place) => (place > first && part.per === 'tile' ? { ...part, loads: [] } : part));
}

/** `tiles` plain tiles and `vectors` vectors at the same time. */
function rowwise(parts: readonly Part[], tiles: number, vectors: number): SimdOperation {
  return {
    parts,
    partsInOnePass: inOnePass(parts),
    outer: ['c'],
    fits: (fit) => tileBits(fit) <= fit.half && (tiles - 1) * tileBits(fit) + vectors * vectorBits(fit) <= fit.half,
    grow: 'n, c',
    window: 'none',
  };
}

/** Mean and 1/std of each row, from the sums of x and x². */
const sums = [into('add', channel('sum'), X), step('mul', X, X, t), into('add', channel('squares'), t)];
const statistics = [
  step('div', channel('sum'), imm('count'), channel('mean')),
  step('mul', channel('mean'), channel('mean'), single('meanSquared')),
  step('div', channel('squares'), imm('count'), single('squareMean')),
  step('sub', single('squareMean'), single('meanSquared'), single('variance')),
  step('add', single('variance'), single('epsilon'), single('stabilised')),
  step('invSqrt', single('stabilised'), single('stabilised'), channel('invStd')),
];

/** A layer norm; with a scale and a shift per channel, with its statistics stored for the backward pass. */
function layerNorm(isAffine: boolean, isTraining: boolean): SimdOperation {
  const [gamma, beta] = [perStep('gamma'), perStep('beta')];
  const normalised = isAffine ? t : Y;
  return rowwise(
    [
      perTile(isAffine ? [load(X), load(gamma, 'psum'), load(beta, 'psum')] : [load(X)], sums, []),
      perBlock([], statistics, isTraining ? [storeVector('mean'), storeVector('invStd')] : []),
      perTile(
        isAffine ? [load(X), load(gamma, 'psum'), load(beta, 'psum')] : [load(X)],
        [
          step('sub', X, channel('mean'), t),
          step('mul', t, channel('invStd'), normalised, isAffine ? {} : OUTPUT),
          ...(isAffine ? [step('mul', t, gamma, t), step('add', t, beta, Y, OUTPUT)] : []),
        ],
        [store(Y)],
      ),
    ],
    1,
    4,
  );
}

/** dX = 1/std·(g − mean of g − x̂·mean of g·x̂) with g = γ·dY. */
function layerNormGrad(isAffine: boolean): SimdOperation {
  const gamma = perStep('gamma');
  const loads = [load(element('X')), load(dY), ...(isAffine ? [load(gamma, 'psum')] : [])];
  const g = single('g');
  const scaled = isAffine ? [step('mul', dY, gamma, g)] : [];
  const slope = isAffine ? g : dY;
  const Xhat = element('Xhat');
  return rowwise(
    [
      perBlock([loadVector('mean'), loadVector('invStd')], [], []),
      perTile(
        loads,
        [
          step('sub', X, channel('mean'), t),
          step('mul', t, channel('invStd'), Xhat),
          ...scaled,
          mac(slope, Xhat, channel('product')),
          into('add', channel('sum'), slope),
        ],
        [load(Xhat)],
      ),
      perBlock(
        [],
        [
          step('div', uncharged(channel('sum')), imm('count'), channel('mean1')),
          step('div', channel('product'), imm('count'), channel('mean2')),
        ],
        [],
      ),
      perTile(
        [load(Xhat), ...loads.slice(1)],
        [
          step('mul', Xhat, uncharged(channel('mean2')), t),
          ...scaled,
          step('sub', slope, channel('mean1'), single('centred')),
          step('sub', single('centred'), t, single('rest')),
          step('mul', single('rest'), channel('invStd'), dX, OUTPUT),
        ],
        [store(dX)],
      ),
    ],
    2,
    6,
  );
}

export const ROWWISE_ROWS = tableOf({
  // e^x over its sum: the largest is not subtracted first, as in the paper's tool (MODEL.md §9).
  softmax: {
    ...rowwise(
      [
        perTile([load(X)], [step('exp', X, X, t), into('add', channel('sum'), t)], []),
        perTile([load(X)], [step('exp', X, X, t), step('div', t, channel('sum'), Y, OUTPUT)], [store(Y)]),
      ],
      1,
      1,
    ),
    partsInOnePass: [
      perTile([load(X)], [step('exp', X, X, element('E')), into('add', channel('sum'), element('E'))], []),
      perTile([], [step('div', element('E'), channel('sum'), Y, OUTPUT)], [store(Y)]),
    ],
  },
  // Y·(dY − Σ Y·dY).
  'softmax-grad': rowwise(
    [
      perTile([load(Y), load(dY)], [mac(Y, dY, channel('sum'))], []),
      perTile([load(Y), load(dY)], [step('sub', dY, channel('sum'), t), step('mul', t, Y, dX, OUTPUT)], [store(dX)]),
    ],
    2,
    1,
  ),
  'layer-norm': layerNorm(true, false),
  'layer-norm-plain': layerNorm(false, false),
  'layer-norm-training': layerNorm(true, true),
  'layer-norm-plain-training': layerNorm(false, true),
  'layer-norm-grad': layerNormGrad(true),
  'layer-norm-plain-grad': layerNormGrad(false),
  'reduce-mean': {
    ...rowwise(
      [
        perTile([load(X)], [into('add', channel('sum'), X)], []),
        perBlock(
          [],
          [step('div', uncharged(channel('sum')), imm('count'), channel('mean'), OUTPUT)],
          [store(channel('mean'))],
        ),
      ],
      1,
      2,
    ),
  },
  'reduce-mean-grad': {
    ...rowwise(
      [
        perBlock([loadVector('dY')], [step('div', channel('dY'), imm('count'), channel('part'))], []),
        perTile([], [copy(uncharged(channel('part')), dX, OUTPUT)], [store(dX)]),
      ],
      1,
      2,
    ),
  },
});
