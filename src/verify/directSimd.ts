/** SIMD operations by definition, on whole tensors: what the tiled layers must give. Tensors are c × n × h × w. */
import type { Window } from '../layers/layer.ts';
import type { SimdOp } from '../operations/simdTable.ts';
import { EPSILON, LEARNING_RATE } from './simdKernels.ts';
import { at, elementsOf, type Four, type Tensor, tensorOf } from './tensor.ts';

/** The layer's inputs by name; vectors are c × 1 × 1 × 1. */
export type Inputs = (tensor: string) => Tensor;
/** Its outputs by name. */
export type Outputs = Readonly<Record<string, Tensor>>;

type Direct = (inputs: Inputs, window: Window) => Outputs;
/** An element of a tensor of the same shape as the output, or of the vector of the output's channel. */
type Element = (tensor: string) => number;

/** An operation whose output at a place depends on its inputs at that place and on vectors of its channel. */
const pointwise =
  (output: string, like: string, compute: (element: Element) => number): Direct =>
  (inputs) => ({
    [output]: tensorOf(inputs(like).sizes, (c, n, h, w) =>
      compute((name) => {
        const tensor = inputs(name);
        return tensor.sizes[1] === 1 && elementsOf(tensor.sizes) === tensor.sizes[0]
          ? tensor.data[c]!
          : at(tensor, c, n, h, w);
      }),
    ),
  });

/** Sums a function of an element's place over n, h and w of a channel. */
function channelSum([, N, H, W]: Four, channel: number, value: (...place: Place) => number): number {
  let sum = 0;
  for (let n = 0; n < N; n++) for (let h = 0; h < H; h++) for (let w = 0; w < W; w++) sum += value(channel, n, h, w);
  return sum;
}

type Place = [c: number, n: number, h: number, w: number];

/** One value per channel of X. */
function perChannel(channels: number, value: (c: number) => number): Tensor {
  return tensorOf([channels, 1, 1, 1], value);
}

const pool =
  (
    start: number,
    combine: (sum: number, value: number) => number,
    end: (sum: number, taps: number) => number,
  ): Direct =>
  (inputs, { kh, kw, stride }) => {
    const X = inputs('X');
    const [C, N, H, W] = X.sizes;
    const sizes = [C, N, Math.floor((H - kh) / stride) + 1, Math.floor((W - kw) / stride) + 1] as const;
    const Y = tensorOf(sizes, (c, n, h, w) => {
      let sum = start;
      for (let y = 0; y < kh; y++)
        for (let x = 0; x < kw; x++) sum = combine(sum, at(X, c, n, h * stride + y, w * stride + x));
      return end(sum, kh * kw);
    });
    return { Y };
  };

/** dX of a pool, gathered: what each window that covers an input hands back to it; the tap is the input's place in it. */
const poolGrad =
  (share: (inputs: Inputs, place: Place, tap: number, taps: number) => number): Direct =>
  (inputs, { kh, kw, stride }) => {
    const [C, N, H, W] = inputs('dY').sizes;
    const dX = tensorOf([C, N, (H - 1) * stride + kh, (W - 1) * stride + kw], (c, n, row, column) => {
      let sum = 0;
      for (let h = 0; h < H; h++)
        for (let w = 0; w < W; w++) {
          const [y, x] = [row - h * stride, column - w * stride];
          if (y >= 0 && y < kh && x >= 0 && x < kw) sum += share(inputs, [c, n, h, w], y * kw + x, kh * kw);
        }
      return sum;
    });
    return { dX };
  };

const averagePool = pool(
  0,
  (sum, value) => sum + value,
  (sum, taps) => sum / taps,
);
const averagePoolGrad = poolGrad((inputs, place, _, taps) => at(inputs('dY'), ...place) / taps);

const batchNormStatistics: Direct = (inputs) => {
  const X = inputs('X');
  const count = elementsOf(X.sizes) / X.sizes[0];
  const mean = perChannel(X.sizes[0], (c) => channelSum(X.sizes, c, (...place) => at(X, ...place)) / count);
  const invStd = perChannel(X.sizes[0], (c) => {
    const variance = channelSum(X.sizes, c, (...place) => (at(X, ...place) - mean.data[c]!) ** 2) / count;
    return 1 / Math.sqrt(variance + EPSILON);
  });
  return { mean, invStd };
};

/** dγ, dβ and eq. (28) in its other form: dX = γ/σ · (dY − mean of dY − X̂ · mean of dY·X̂). */
const batchNormGrad: Direct = (inputs) => {
  const [X, dY, mean, invStd, gamma] = ['X', 'dY', 'mean', 'invStd', 'gamma'].map(inputs) as [
    Tensor,
    Tensor,
    Tensor,
    Tensor,
    Tensor,
  ];
  const { sizes } = X;
  const count = elementsOf(sizes) / sizes[0];
  const normalised = (...[c, n, h, w]: Place): number => (at(X, c, n, h, w) - mean.data[c]!) * invStd.data[c]!;
  const dgamma = perChannel(sizes[0], (c) =>
    channelSum(sizes, c, (...place) => at(dY, ...place) * normalised(...place)),
  );
  const dbeta = perChannel(sizes[0], (c) => channelSum(sizes, c, (...place) => at(dY, ...place)));
  const dX = tensorOf(sizes, (c, n, h, w) => {
    const centred = at(dY, c, n, h, w) - dbeta.data[c]! / count - (normalised(c, n, h, w) * dgamma.data[c]!) / count;
    return gamma.data[c]! * invStd.data[c]! * centred;
  });
  return { dX, dgamma, dbeta };
};

const sgd = pointwise('P', 'P', (element) => element('P') - LEARNING_RATE * element('dP'));

/** Every operation. */
export const DIRECT_SIMD: Readonly<Record<SimdOp, Direct>> = {
  relu: pointwise('Y', 'X', (element) => (element('X') > 0 ? element('X') : 0)),
  'tensor-add': pointwise('Y', 'X1', (element) => element('X1') + element('X2')),
  'max-pool': pool(Number.NEGATIVE_INFINITY, Math.max, (largest) => largest),
  'avg-pool': averagePool,
  'global-avg-pool': averagePool,
  'bn-statistics': batchNormStatistics,
  'bn-normalise': pointwise(
    'Y',
    'X',
    (element) => (element('X') - element('mean')) * element('invStd') * element('gamma') + element('beta'),
  ),
  'bn-grad': batchNormGrad,
  'relu-grad': pointwise('dX', 'X', (element) => (element('X') > 0 ? element('dY') : 0)),
  'max-pool-grad': poolGrad((inputs, place, tap) =>
    at(inputs('index'), ...place) === tap ? at(inputs('dY'), ...place) : 0,
  ),
  'avg-pool-grad': averagePoolGrad,
  'global-avg-pool-grad': averagePoolGrad,
  'reduce-sum': (inputs) => {
    const dY = inputs('dY');
    return { sum: perChannel(dY.sizes[0], (c) => channelSum(dY.sizes, c, (...place) => at(dY, ...place))) };
  },
  'sgd-1d': sgd,
  'sgd-2d': sgd,
  'sgd-4d': sgd,
};
