/** Executes one operation of the SIMD array literally, on the operands of its row in the operations table. */
import type { SimdOperationStep } from '../../src/model/workload/program.ts';
import {
  at,
  EPSILON,
  LEARNING_RATE,
  read,
  type Shape4,
  sumPerChannel,
  type Tensor,
  tensorOf,
  vector,
  zeros,
  zip,
} from './tensor.ts';

/** The operand of a role, of exactly the shape asked for. */
export type Fetch = (role: string, shape: Shape4) => Tensor;

type Outputs = Readonly<Record<string, Tensor>>;

/** Where the windows of output (y, x) reach into the pool's input: image row and column, and the place in the window. */
function windowCells({ window, pool }: SimdOperationStep, y: number, x: number): { row: number; column: number }[] {
  const { kh, kw, stride } = window;
  const cells: { row: number; column: number }[] = [];
  for (let i = 0; i < kh; i++) {
    for (let j = 0; j < kw; j++) {
      cells.push({ row: y * stride.h + i - pool!.padding.h, column: x * stride.w + j - pool!.padding.w });
    }
  }
  return cells;
}

/** What an average divides by: cells on the image and, if they count, on the padding; none that hang over it. */
function countedCells(step: SimdOperationStep, y: number, x: number): number {
  const { h, w, after, countsPadding } = step.pool!;
  return windowCells(step, y, x).filter(({ row, column }) =>
    countsPadding ? row < h + after.h && column < w + after.w : row >= 0 && row < h && column >= 0 && column < w,
  ).length;
}

function maxPool(step: SimdOperationStep, X: Tensor): Outputs {
  const values = (n: number, h: number, w: number, c: number): number[] =>
    windowCells(step, h, w).map(({ row, column }) => read(X, n, row, column, c, Number.NEGATIVE_INFINITY));
  const shape = step.sizes;
  const Y = tensorOf(shape, (n, h, w, c) => values(n, h, w, c).reduce((most, value) => Math.max(most, value)));
  const index = tensorOf(shape, (n, h, w, c) => values(n, h, w, c).indexOf(read(Y, n, h, w, c)));
  return { Y, index };
}

function averagePool(step: SimdOperationStep, X: Tensor): Outputs {
  const Y = tensorOf(step.sizes, (n, h, w, c) => {
    const cells = windowCells(step, h, w);
    return cells.reduce((sum, { row, column }) => sum + read(X, n, row, column, c), 0) / countedCells(step, h, w);
  });
  return { Y };
}

/** Each dY adds its `share` of itself to every cell of its window; what falls on the padding is dropped. */
function poolGradient(
  step: SimdOperationStep,
  share: (dYPlace: number, windowPlace: number, y: number, x: number) => number,
): Outputs {
  const { n: images, c: channels, h, w } = step.sizes;
  const { pool } = step;
  const dX = zeros({ n: images, h: pool!.h, w: pool!.w, c: channels });
  const dY = { ...step.sizes, data: new Float64Array() };
  for (let y = 0; y < h; y++) {
    for (let x = 0; x < w; x++) {
      windowCells(step, y, x).forEach(({ row, column }, windowPlace) => {
        if (row < 0 || row >= dX.h || column < 0 || column >= dX.w) return;
        for (let n = 0; n < images; n++) {
          for (let c = 0; c < channels; c++) {
            dX.data[at(dX, n, row, column, c)]! += share(at(dY, n, y, x, c), windowPlace, y, x);
          }
        }
      });
    }
  }
  return { dX };
}

/** Mean and 1/std of each channel, from the sums of x and x². */
function statistics(X: Tensor): Outputs {
  const count = X.n * X.h * X.w;
  const mean = sumPerChannel(X);
  const squares = sumPerChannel(zip(X, X, (a, b) => a * b));
  const average = { ...mean, data: mean.data.map((sum) => sum / count) };
  const invStd = zip(squares, average, (sum, mu) => 1 / Math.sqrt(sum / count - mu * mu + EPSILON));
  return { mean: average, invStd };
}

/** Algorithm 1 on one tile: part 1 by eqs (25)–(27), part 2 by eq (28). */
function batchNormGradient(shape: Shape4, fetch: Fetch): Outputs {
  const perChannel = vector(shape.c);
  const [mean, invStd] = [fetch('mean', perChannel).data, fetch('invStd', perChannel).data];
  const dY = fetch('dY', shape);
  const X = fetch('X', shape);
  const Xhat = { ...X, data: X.data.map((x, place) => (x - mean[place % shape.c]!) * invStd[place % shape.c]!) };
  const dgamma = sumPerChannel(zip(dY, Xhat, (dy, xhat) => dy * xhat));
  const dbeta = sumPerChannel(dY);
  const count = shape.n * shape.h * shape.w;
  const outside = fetch('gamma', perChannel).data.map((gamma, c) => (gamma * invStd[c]!) / count);
  const dX = tensorOf(shape, (n, h, w, c) => {
    const place = at(dY, n, h, w, c);
    return outside[c]! * (count * dY.data[place]! - dgamma.data[c]! * Xhat.data[place]! - dbeta.data[c]!);
  });
  return { Xhat, dX, dgamma, dbeta };
}

function normalise(shape: Shape4, fetch: Fetch): Outputs {
  const [mean, invStd, gamma, beta] = ['mean', 'invStd', 'gamma', 'beta'].map(
    (role) => fetch(role, vector(shape.c)).data,
  ) as [Float64Array, Float64Array, Float64Array, Float64Array];
  const X = fetch('X', shape);
  return { Y: tensorOf(shape, (n, h, w, c) => (read(X, n, h, w, c) - mean[c]!) * invStd[c]! * gamma[c]! + beta[c]!) };
}

/** The outputs of a step by role. */
export function executeSimd(step: SimdOperationStep, fetch: Fetch): Outputs {
  const { sizes: shape, pool } = step;
  const poolShape: Shape4 = { ...shape, h: pool?.h ?? 0, w: pool?.w ?? 0 };
  switch (step.op) {
    case 'relu':
      return { Y: zip(fetch('X', shape), fetch('X', shape), (x) => Math.max(x, 0)) };
    case 'tensor-add':
      return { Y: zip(fetch('X1', shape), fetch('X2', shape), (a, b) => a + b) };
    case 'max-pool':
      return maxPool(step, fetch('X', poolShape));
    case 'avg-pool':
    case 'global-avg-pool':
      return averagePool(step, fetch('X', poolShape));
    case 'bn-statistics':
      return statistics(fetch('X', shape));
    case 'bn-normalise':
      return normalise(shape, fetch);
    case 'bn-grad':
      return batchNormGradient(shape, fetch);
    case 'relu-grad':
      return { dX: zip(fetch('X', shape), fetch('dY', shape), (x, dy) => (x > 0 ? dy : 0)) };
    case 'max-pool-grad': {
      const [dY, index] = [fetch('dY', shape), fetch('index', shape)];
      return poolGradient(step, (place, cell) => (index.data[place] === cell ? dY.data[place]! : 0));
    }
    case 'avg-pool-grad':
    case 'global-avg-pool-grad': {
      const dY = fetch('dY', shape);
      return poolGradient(step, (place, _cell, y, x) => dY.data[place]! / countedCells(step, y, x));
    }
    case 'reduce-sum':
      return { sum: sumPerChannel(fetch('dY', shape)) };
    case 'sgd-1d':
    case 'sgd-2d':
    case 'sgd-4d':
      return { P: zip(fetch('P', shape), fetch('dP', shape), (p, dp) => p - LEARNING_RATE * dp) };
  }
}
