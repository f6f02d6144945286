/**
 * What each part of a SIMD operation does to the tiles in VMem: one function per part of the operation's row, which
 * sees nothing but tiles and per-channel vectors on chip. NaN among the operands reaches the results.
 */
import { type SimdSizes, type Window, windowInput } from '../../model/layers/layer.ts';
import type { SimdOp } from '../../model/operations/simdTable.ts';
import { EPSILON, LEARNING_RATE } from './simdReference.ts';

/** A step's operands and results, in place. Tiles lie c × n × h × w. */
export interface PartData {
  /** A tile of the step's working set. */
  readonly tile: (tensor: string) => Float64Array;
  /** A vector of the c-tile, beside the working set. */
  readonly vector: (tensor: string) => Float64Array;
  readonly sizes: SimdSizes;
  readonly window: Window;
  /** Accumulators start at zero. */
  readonly isFirstOfChannels: boolean;
  /** Elements per channel of the whole layer, N·H·W, from IMM. */
  readonly count: number;
}

type Kernel = (part: PartData) => void;

const nothing: Kernel = () => {};

/** Calls `compute` for each element, with its channel. */
function forEachElement({ sizes: { c, n, h, w } }: PartData, compute: (place: number, channel: number) => void): void {
  const perChannel = n * h * w;
  for (let place = 0; place < c * perChannel; place++) compute(place, Math.floor(place / perChannel));
}

/** Calls `compute` for each element and each place of its window in the haloed tile; `tap` counts them from 0. */
function forEachTap(
  { sizes: { c, n, h, w }, window }: PartData,
  compute: (place: number, windowPlace: number, tap: number) => void,
): void {
  const { kh, kw, stride, dilation } = window;
  const { h: height, w: width } = windowInput({ h, w }, window);
  for (let map = 0; map < c * n; map++)
    for (let y = 0; y < h; y++)
      for (let x = 0; x < w; x++)
        for (let tap = 0; tap < kh * kw; tap++) {
          const row = y * stride.h + Math.floor(tap / kw) * dilation.h;
          const column = x * stride.w + (tap % kw) * dilation.w;
          compute((map * h + y) * w + x, (map * height + row) * width + column, tap);
        }
}

/** A vector that the part adds to. */
function accumulator(part: PartData, tensor: string): Float64Array {
  const sum = part.vector(tensor);
  if (part.isFirstOfChannels) sum.fill(0);
  return sum;
}

/** `value` where the condition's operand is there and the condition holds, else 0. */
function conditionalMove(operand: number, condition: boolean, value: number): number {
  if (Number.isNaN(operand)) return Number.NaN;
  return condition ? value : 0;
}

const elementwise =
  (output: string, inputs: readonly string[], compute: (...operands: number[]) => number): Kernel =>
  (part) => {
    const result = part.tile(output);
    const operands = inputs.map(part.tile);
    forEachElement(part, (place) => {
      result[place] = compute(...operands.map((operand) => operand[place]!));
    });
  };

const averagePool: Kernel = (part) => {
  const [Y, X] = [part.tile('Y'), part.tile('X')];
  const taps = part.window.kh * part.window.kw;
  forEachElement(part, (place) => {
    Y[place] = 0;
  });
  forEachTap(part, (place, windowPlace) => {
    Y[place]! += X[windowPlace]!;
  });
  forEachElement(part, (place) => {
    Y[place]! /= taps;
  });
};

const maxPool: Kernel = (part) => {
  const [Y, X] = [part.tile('Y'), part.tile('X')];
  forEachTap(part, (place, windowPlace, tap) => {
    Y[place] = tap === 0 ? X[windowPlace]! : Math.max(Y[place]!, X[windowPlace]!);
  });
};

const maxPoolGrad: Kernel = (part) => {
  const [dX, dY, index] = [part.tile('dX').fill(0), part.tile('dY'), part.tile('index')];
  forEachTap(part, (place, windowPlace, tap) => {
    dX[windowPlace]! += conditionalMove(index[place]!, index[place] === tap, dY[place]!);
  });
};

const averagePoolGrad: Kernel = (part) => {
  const [dX, dY] = [part.tile('dX').fill(0), part.tile('dY')];
  const taps = part.window.kh * part.window.kw;
  forEachTap(part, (place, windowPlace) => {
    dX[windowPlace]! += dY[place]! / taps;
  });
};

const sumsOfBatchNorm: Kernel = (part) => {
  const X = part.tile('X');
  const [sum, sumOfSquares] = [accumulator(part, 'sum'), accumulator(part, 'sumOfSquares')];
  forEachElement(part, (place, channel) => {
    sum[channel]! += X[place]!;
    sumOfSquares[channel]! += X[place]! * X[place]!;
  });
};

const statisticsOfBatchNorm: Kernel = (part) => {
  const [sum, sumOfSquares] = [part.vector('sum'), part.vector('sumOfSquares')];
  const [mean, invStd] = [part.vector('mean'), part.vector('invStd')];
  for (let channel = 0; channel < part.sizes.c; channel++) {
    const average = sum[channel]! / part.count;
    mean[channel] = average;
    invStd[channel] = 1 / Math.sqrt(sumOfSquares[channel]! / part.count - average * average + EPSILON);
  }
};

const normalise: Kernel = (part) => {
  const [X, Y] = [part.tile('X'), part.tile('Y')];
  const [mean, invStd, gamma, beta] = ['mean', 'invStd', 'gamma', 'beta'].map(part.vector) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  forEachElement(part, (place, channel) => {
    Y[place] = (X[place]! - mean[channel]!) * invStd[channel]! * gamma[channel]! + beta[channel]!;
  });
};

/** Algorithm 1, lines 3–12: X̂ and the sums for γ and β. */
const batchNormGradPart1: Kernel = (part) => {
  const [X, dY, normalised] = [part.tile('X'), part.tile('dY'), part.tile('Xhat')];
  const [mean, invStd] = [part.vector('mean'), part.vector('invStd')];
  const [dgamma, dbeta] = [accumulator(part, 'dgamma'), accumulator(part, 'dbeta')];
  forEachElement(part, (place, channel) => {
    normalised[place] = (X[place]! - mean[channel]!) * invStd[channel]!;
    dgamma[channel]! += normalised[place]! * dY[place]!;
    dbeta[channel]! += dY[place]!;
  });
};

/** Algorithm 1, line 14: the factor outside the parenthesis of eq. (28). */
const batchNormGradScale: Kernel = (part) => {
  const [gamma, invStd, scale] = [part.vector('gamma'), part.vector('invStd'), part.vector('scale')];
  for (let channel = 0; channel < part.sizes.c; channel++)
    scale[channel] = (gamma[channel]! * invStd[channel]!) / part.count;
};

/** Algorithm 1, lines 15–23. */
const batchNormGradPart2: Kernel = (part) => {
  const [normalised, dY, dX] = [part.tile('Xhat'), part.tile('dY'), part.tile('dX')];
  const [scale, dgamma, dbeta] = [part.vector('scale'), part.vector('dgamma'), part.vector('dbeta')];
  forEachElement(part, (place, channel) => {
    const inner = part.count * dY[place]! - dbeta[channel]! - normalised[place]! * dgamma[channel]!;
    dX[place] = inner * scale[channel]!;
  });
};

const sumOfChannels: Kernel = (part) => {
  const [dY, sum] = [part.tile('dY'), accumulator(part, 'sum')];
  forEachElement(part, (place, channel) => {
    sum[channel]! += dY[place]!;
  });
};

const sgd: readonly Kernel[] = [elementwise('P', ['P', 'dP'], (P, dP) => P! - LEARNING_RATE * dP!)];

/** Per operation one kernel for each part of its row in the operations table. */
export const SIMD_KERNELS: Readonly<Record<SimdOp, readonly Kernel[]>> = {
  relu: [elementwise('Y', ['X'], (X) => Math.max(X!, 0))],
  'tensor-add': [elementwise('Y', ['X1', 'X2'], (X1, X2) => X1! + X2!)],
  'max-pool': [maxPool],
  'avg-pool': [averagePool],
  'global-avg-pool': [averagePool],
  'bn-statistics': [sumsOfBatchNorm, statisticsOfBatchNorm],
  'bn-normalise': [nothing, normalise],
  'bn-grad': [nothing, batchNormGradPart1, batchNormGradScale, batchNormGradPart2, nothing],
  'relu-grad': [elementwise('dX', ['X', 'dY'], (X, dY) => conditionalMove(X!, X! > 0, dY!))],
  'max-pool-grad': [maxPoolGrad],
  'avg-pool-grad': [averagePoolGrad],
  'global-avg-pool-grad': [averagePoolGrad],
  'reduce-sum': [sumOfChannels, nothing],
  'sgd-1d': sgd,
  'sgd-2d': sgd,
  'sgd-4d': sgd,
};
