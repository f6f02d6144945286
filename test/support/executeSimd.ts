/** Executes one operation of the SIMD array literally, on the operands of its row in the operations table. */
import type { SimdOp } from '../../src/model/operations/simdTable.ts';
import type { Rearrangement, SimdOperationStep } from '../../src/model/workload/program.ts';
import {
  at,
  EPSILON,
  elementsOf,
  inWords,
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

/** The operand of a role, of exactly the shape asked for, or of any. */
export type Fetch = (role: string, shape: Shape4 | undefined) => Tensor;

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

const sigma = (x: number): number => 1 / (1 + Math.exp(-x));
const ROOT = Math.sqrt(2 / Math.PI);
const inner = (x: number): number => Math.tanh(ROOT * (x + 0.044715 * x ** 3));
const hardSigma = (x: number): number => Math.min(Math.max((x + 3) / 6, 0), 1);

type Constants = Readonly<Record<string, number>>;

/** Functions of X. */
const FUNCTIONS: Readonly<Partial<Record<SimdOp, (x: number, constants: Constants) => number>>> = {
  relu: (x) => Math.max(x, 0),
  clip: (x, { lower, upper }) => Math.min(Math.max(x, lower!), upper!),
  'clip-below': (x, { lower }) => Math.max(x, lower!),
  'clip-above': (x, { upper }) => Math.min(x, upper!),
  'leaky-relu': (x, { alpha }) => (x > 0 ? x : alpha! * x),
  sigmoid: sigma,
  tanh: Math.tanh,
  silu: (x) => x * sigma(x),
  gelu: (x) => 0.5 * x * (1 + inner(x)),
  'hard-sigmoid': hardSigma,
  'hard-swish': (x) => x * hardSigma(x),
};

/** Derivatives in terms of X. */
const DERIVATIVES: Readonly<Partial<Record<SimdOp, (x: number, constants: Constants) => number>>> = {
  'relu-grad': (x) => Number(x > 0),
  'clip-grad': (x, { lower, upper }) => Number(x > lower! && x < upper!),
  'clip-below-grad': (x, { lower }) => Number(x > lower!),
  'clip-above-grad': (x, { upper }) => Number(x < upper!),
  'leaky-relu-grad': (x, { alpha }) => (x > 0 ? 1 : alpha!),
  'silu-grad': (x) => sigma(x) * (1 + x * (1 - sigma(x))),
  'gelu-grad': (x) => 0.5 * (1 + inner(x)) + 0.5 * x * (1 - inner(x) ** 2) * ROOT * (1 + 3 * 0.044715 * x * x),
  'hard-sigmoid-grad': (x) => (x > -3 && x < 3 ? 1 / 6 : 0),
  'hard-swish-grad': (x) => (x <= -3 ? 0 : x >= 3 ? 1 : (2 * x + 3) / 6),
};

/** Derivatives in terms of Y. */
const DERIVATIVES_OF_OUTPUT: Readonly<Partial<Record<SimdOp, (y: number) => number>>> = {
  'sigmoid-grad': (y) => y * (1 - y),
  'tanh-grad': (y) => 1 - y * y,
};

const ARITHMETIC: Readonly<Record<string, (a: number, b: number) => number>> = {
  'tensor-add': (a, b) => a + b,
  'tensor-sub': (a, b) => a - b,
  'tensor-mul': (a, b) => a * b,
  'tensor-div': (a, b) => a / b,
};

/** A sum, difference, product or quotient whose second operand is of the form that the row says. */
function arithmetic({ op, sizes, constants }: SimdOperationStep, fetch: Fetch): Outputs | undefined {
  const [, name, form] = /^(tensor-(?:add|sub|mul|div))(.*)$/.exec(op) ?? [];
  if (name === undefined) return undefined;
  const X1 = fetch('X1', sizes);
  const forms: Record<string, Shape4> = {
    '': sizes,
    '-per-channel': vector(sizes.c),
    '-per-image': { ...vector(sizes.c), n: sizes.n },
    '-shared': { ...sizes, n: 1 },
  };
  const X2 = form === '-scalar' ? undefined : fetch('X2', forms[form!]!);
  const second = (n: number, h: number, w: number, c: number): number => {
    if (X2 === undefined) return constants!['scalar']!;
    return read(X2, X2.n === 1 ? 0 : n, X2.h === 1 ? 0 : h, X2.w === 1 ? 0 : w, c);
  };
  return { Y: tensorOf(sizes, (n, h, w, c) => ARITHMETIC[name]!(read(X1, n, h, w, c), second(n, h, w, c))) };
}

/** The groups of channels at each position, which lanes hold as rows: places in the data. */
function rowsOf({ sizes, rows, name }: SimdOperationStep, tensor: Tensor): number[][] {
  const { groups } = rows!;
  if (sizes.h !== 1 || sizes.w !== 1) throw new Error(`${name}: rows of several rows`);
  if (tensor.c !== sizes.n * groups || tensor.n * tensor.h * tensor.w * groups !== sizes.c) {
    throw new Error(`${name}: its rows are not those of the tensor`);
  }
  return Array.from({ length: sizes.c }, (_, row) =>
    Array.from({ length: sizes.n }, (_, place) => row * sizes.n + place),
  );
}

/** Row by row: what becomes of the elements of each. */
function byRows(rows: readonly number[][], like: Tensor, compute: (places: number[], row: number) => number[]): Tensor {
  const result = zeros(like);
  rows.forEach((places, row) => {
    compute(places, row).forEach((value, place) => {
      result.data[places[place]!] = value;
    });
  });
  return result;
}

const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);
const average = (values: readonly number[]): number => total(values) / values.length;

function rowwise(step: SimdOperationStep, fetch: Fetch): Outputs | undefined {
  const any = (role: string): Tensor => fetch(role, undefined);
  const perRow = vector(step.sizes.c);
  const perStep = vector(step.sizes.n);
  switch (step.op) {
    case 'softmax': {
      const X = any('X');
      const Y = byRows(rowsOf(step, X), X, (places) => {
        const powers = places.map((place) => Math.exp(X.data[place]!));
        return powers.map((power) => power / total(powers));
      });
      return { Y };
    }
    case 'softmax-grad': {
      const [Y, dY] = [any('Y'), any('dY')];
      const dX = byRows(rowsOf(step, Y), Y, (places) => {
        const product = total(places.map((place) => Y.data[place]! * dY.data[place]!));
        return places.map((place) => Y.data[place]! * (dY.data[place]! - product));
      });
      return { dX };
    }
    case 'layer-norm-training':
    case 'layer-norm-plain-training': {
      const X = any('X');
      const isAffine = step.op === 'layer-norm-training';
      const [gamma, beta] = isAffine ? [fetch('gamma', perStep).data, fetch('beta', perStep).data] : [];
      const [mean, invStd] = [zeros(perRow), zeros(perRow)];
      const Y = byRows(rowsOf(step, X), X, (places, row) => {
        const values = places.map((place) => X.data[place]!);
        mean.data[row] = average(values);
        invStd.data[row] = 1 / Math.sqrt(average(values.map((x) => (x - mean.data[row]!) ** 2)) + EPSILON);
        return values.map((x, c) => (x - mean.data[row]!) * invStd.data[row]! * (gamma?.[c] ?? 1) + (beta?.[c] ?? 0));
      });
      return { Y, mean, invStd };
    }
    case 'layer-norm-grad':
    case 'layer-norm-plain-grad': {
      const [X, dY] = [any('X'), any('dY')];
      const gamma = step.op === 'layer-norm-grad' ? fetch('gamma', perStep).data : undefined;
      const [mean, invStd] = [fetch('mean', perRow).data, fetch('invStd', perRow).data];
      const rows = rowsOf(step, X);
      const Xhat = byRows(rows, X, (places, row) =>
        places.map((place) => (X.data[place]! - mean[row]!) * invStd[row]!),
      );
      const dX = byRows(rows, X, (places, row) => {
        const slopes = places.map((place, c) => dY.data[place]! * (gamma?.[c] ?? 1));
        const along = average(slopes.map((slope, c) => slope * Xhat.data[places[c]!]!));
        return slopes.map((slope, c) => invStd[row]! * (slope - average(slopes) - Xhat.data[places[c]!]! * along));
      });
      return { Xhat, dX };
    }
    case 'reduce-mean': {
      const X = any('X');
      const means = rowsOf(step, X).map((places) => average(places.map((place) => X.data[place]!)));
      return { mean: { ...X, c: 1, data: Float64Array.from(means) } };
    }
    case 'reduce-mean-grad': {
      const dY = any('dY');
      const like = { ...dY, c: step.sizes.n };
      const share = (n: number, h: number, w: number): number => read(dY, n, h, w, 0) / step.sizes.n;
      const dX = tensorOf(like, share);
      rowsOf(step, dX);
      return { dX };
    }
    default:
      return undefined;
  }
}

/** Cells under a depthwise kernel, each with its place in it. */
function kernelCells(step: SimdOperationStep, y: number, x: number) {
  const { kh, kw, stride, dilation } = step.window;
  const { padding } = step.pool!;
  return Array.from({ length: kh * kw }, (_, tap) => {
    const [i, j] = [Math.floor(tap / kw), tap % kw];
    return {
      i,
      j,
      row: y * stride.h + i * dilation.h - padding.h,
      column: x * stride.w + j * dilation.w - padding.w,
    };
  });
}

function depthwise(step: SimdOperationStep, fetch: Fetch): Outputs | undefined {
  const { sizes, window, pool } = step;
  const kernelShape = { n: sizes.c, h: window.kh, w: window.kw, c: 1 };
  const input = { ...sizes, h: pool?.h ?? 0, w: pool?.w ?? 0 };
  switch (step.op) {
    case 'depthwise-conv': {
      const [X, W] = [fetch('X', input), fetch('W', kernelShape)];
      const bias = 'bias' in step.reads ? fetch('bias', vector(sizes.c)) : zeros(vector(sizes.c));
      return {
        Y: tensorOf(sizes, (n, h, w, c) =>
          kernelCells(step, h, w).reduce(
            (sum, { i, j, row, column }) => sum + read(X, n, row, column, c) * read(W, c, i, j, 0),
            bias.data[c]!,
          ),
        ),
      };
    }
    case 'depthwise-weight-grad': {
      const [X, dY] = [fetch('X', input), fetch('dY', sizes)];
      const dW = zeros(kernelShape);
      tensorOf(sizes, (n, h, w, c) => {
        for (const { i, j, row, column } of kernelCells(step, h, w)) {
          dW.data[at(dW, c, i, j, 0)]! += read(X, n, row, column, c) * read(dY, n, h, w, c);
        }
        return 0;
      });
      return { dW };
    }
    default:
      return undefined;
  }
}

/** Where an output row or column lies between two of the input, which the border's own stands in for beyond it. */
function linear(place: number, factor: number, size: number): [index: number, share: number][] {
  const exact = (place + 0.5) / factor - 0.5;
  const first = Math.floor(exact);
  const within = (index: number): number => Math.min(Math.max(index, 0), size - 1);
  return [
    [within(first), 1 - (exact - first)],
    [within(first + 1), exact - first],
  ];
}

function upsampling(step: SimdOperationStep, fetch: Fetch): Outputs | undefined {
  const { sizes, window } = step;
  const large = { ...sizes, h: sizes.h * window.kh, w: sizes.w * window.kw };
  const sources = (h: number, w: number): { row: number; column: number; share: number }[] =>
    step.op.includes('nearest')
      ? [{ row: Math.floor(h / window.kh), column: Math.floor(w / window.kw), share: 1 }]
      : linear(h, window.kh, sizes.h).flatMap(([row, down]) =>
          linear(w, window.kw, sizes.w).map(([column, right]) => ({ row, column, share: down * right })),
        );
  switch (step.op) {
    case 'upsample-nearest':
    case 'upsample-bilinear': {
      const X = fetch('X', sizes);
      return {
        Y: tensorOf(large, (n, h, w, c) =>
          sources(h, w).reduce((sum, { row, column, share }) => sum + share * read(X, n, row, column, c), 0),
        ),
      };
    }
    case 'upsample-nearest-grad':
    case 'upsample-bilinear-grad': {
      const dY = fetch('dY', large);
      const dX = zeros(sizes);
      tensorOf(large, (n, h, w, c) => {
        for (const { row, column, share } of sources(h, w)) {
          dX.data[at(dX, n, row, column, c)]! += share * read(dY, n, h, w, c);
        }
        return 0;
      });
      return { dX };
    }
    default:
      return undefined;
  }
}

function pointwise({ op, sizes, constants = {} }: SimdOperationStep, fetch: Fetch): Outputs | undefined {
  const [apply, derive, deriveOfOutput] = [FUNCTIONS[op], DERIVATIVES[op], DERIVATIVES_OF_OUTPUT[op]];
  if (apply !== undefined) {
    const X = fetch('X', sizes);
    return { Y: { ...X, data: X.data.map((x) => apply(x, constants)) } };
  }
  if (derive !== undefined)
    return { dX: zip(fetch('X', sizes), fetch('dY', sizes), (x, dy) => dy * derive(x, constants)) };
  if (deriveOfOutput !== undefined) {
    return { dX: zip(fetch('Y', sizes), fetch('dY', sizes), (y, dy) => dy * deriveOfOutput(y)) };
  }
  return undefined;
}

/** Sums over rows and columns of each image. */
function sumPerImage(tensor: Tensor): Tensor {
  const sum = zeros({ ...vector(tensor.c), n: tensor.n });
  tensorOf(tensor, (n, h, w, c) => {
    sum.data[n * tensor.c + c]! += read(tensor, n, h, w, c);
    return 0;
  });
  return sum;
}

/** Elements in another order. */
export function rearranged(tensor: Tensor, rearrangement: Rearrangement): Tensor {
  if (rearrangement.op === 'shuffle') {
    const { groups } = rearrangement;
    const share = tensor.c / groups;
    return tensorOf(tensor, (n, h, w, c) => read(tensor, n, h, w, (c % groups) * share + Math.floor(c / groups)));
  }
  const { order } = rearrangement;
  const sizes = { C: tensor.c, H: tensor.h, W: tensor.w };
  const shape = { n: tensor.n, c: sizes[order[0]], h: sizes[order[1]], w: sizes[order[2]] };
  return tensorOf(shape, (n, h, w, c) => {
    const place = { [order[0]]: c, [order[1]]: h, [order[2]]: w } as Record<'C' | 'H' | 'W', number>;
    return read(tensor, n, place.H, place.W, place.C);
  });
}

/** The outputs of a step by role. */
export function executeSimd(step: SimdOperationStep, fetch: Fetch): Outputs {
  const found =
    pointwise(step, fetch) ??
    arithmetic(step, fetch) ??
    rowwise(step, fetch) ??
    depthwise(step, fetch) ??
    upsampling(step, fetch);
  return found ?? executeOther(step, fetch);
}

function executeOther(step: SimdOperationStep, fetch: Fetch): Outputs {
  const { sizes: shape, pool } = step;
  const poolShape: Shape4 = { ...shape, h: pool?.h ?? 0, w: pool?.w ?? 0 };
  switch (step.op) {
    case 'max-pool':
      return maxPool(step, fetch('X', poolShape));
    case 'avg-pool':
    case 'global-avg-pool':
      return averagePool(step, fetch('X', poolShape));
    case 'bn-statistics':
      return statistics(fetch('X', shape));
    case 'batch-norm': {
      const [scale, shift] = [fetch('scale', vector(shape.c)), fetch('shift', vector(shape.c))];
      const X = fetch('X', shape);
      return { Y: tensorOf(shape, (n, h, w, c) => read(X, n, h, w, c) * scale.data[c]! + shift.data[c]!) };
    }
    case 'bn-normalise':
      return normalise(shape, fetch);
    case 'bn-grad':
      return batchNormGradient(shape, fetch);
    case 'max-pool-grad': {
      const [dY, index] = [fetch('dY', shape), fetch('index', shape)];
      return poolGradient(step, (place, cell) => (index.data[place] === cell ? dY.data[place]! : 0));
    }
    case 'avg-pool-grad':
    case 'global-avg-pool-grad': {
      const dY = fetch('dY', shape);
      return poolGradient(step, (place, _cell, y, x) => dY.data[place]! / countedCells(step, y, x));
    }
    case 'prelu': {
      const alpha = fetch('alpha', vector(shape.c)).data;
      const X = fetch('X', shape);
      return { Y: { ...X, data: X.data.map((x, place) => (x > 0 ? x : alpha[place % shape.c]! * x)) } };
    }
    case 'prelu-grad': {
      const alpha = fetch('alpha', vector(shape.c)).data;
      const [X, dY] = [fetch('X', shape), fetch('dY', shape)];
      const dX = { ...X, data: X.data.map((x, place) => dY.data[place]! * (x > 0 ? 1 : alpha[place % shape.c]!)) };
      return { dX, dalpha: sumPerChannel(zip(X, dY, (x, dy) => Math.min(x, 0) * dy)) };
    }
    case 'reduce-sum': {
      const dY = fetch('dY', undefined);
      if (elementsOf(dY) !== elementsOf(shape)) throw new Error(`${step.name}: dY has other elements`);
      // Where lanes hold all elements of an image, those of the sum are laid out as the image is.
      if (shape.c === dY.c && shape.h === dY.h) return { sum: sumPerChannel(dY) };
      const sum = zeros({ ...dY, n: 1 });
      dY.data.forEach((value, place) => {
        sum.data[place % elementsOf(sum)]! += value;
      });
      if (shape.c !== elementsOf(sum) || shape.n !== dY.n)
        throw new Error(`${step.name}: lanes do not hold its elements`);
      return { sum };
    }
    case 'reduce-product':
      return { sum: sumPerChannel(zip(fetch('X', shape), fetch('dY', shape), (x, dy) => x * dy)) };
    case 'image-sum':
      return { sum: sumPerImage(fetch('dY', shape)) };
    case 'image-product':
      return { sum: sumPerImage(zip(fetch('X', shape), fetch('dY', shape), (x, dy) => x * dy)) };
    case 'copy': {
      const Y = rearranged(fetch('X', undefined), step.rearrangement!);
      if (inWords(Y) !== inWords(shape)) throw new Error(`${step.name}: copies ${inWords(Y)}, not ${inWords(shape)}`);
      return { Y };
    }
    case 'sgd-1d':
    case 'sgd-2d':
    case 'sgd-4d': {
      const P = fetch('P', undefined);
      if (elementsOf(P) !== elementsOf(shape)) throw new Error(`${step.name}: updates ${inWords(P)}`);
      return { P: zip(fetch('P', P), fetch('dP', P), (p, dp) => p - LEARNING_RATE * dp) };
    }
    default:
      throw new Error(`no execution for ${step.op}`);
  }
}
