/** What each SIMD operation makes of one channel of a tile (or, where lanes hold rows, one row), from its definition. */
import type { SimdLayer } from '../../model/layers/layer.ts';
import { CHOSEN, EPSILON, LEARNING_RATE } from '../../model/machine/cycleStepped/aluArithmetic.ts';
import type { SimdOp } from '../../model/operations/simdTable.ts';

export { EPSILON, LEARNING_RATE } from '../../model/machine/cycleStepped/aluArithmetic.ts';

/** One channel's data and results; tensors that lack a dimension are the same along it. */
export interface ChannelAccess {
  readonly element: (name: string, n: number, h: number, w: number) => number;
  readonly put: (name: string, n: number, h: number, w: number, value: number) => void;
  /** Adds to what is there, zero at first. */
  readonly add: (name: string, n: number, h: number, w: number, value: number) => void;
}

interface Spot {
  readonly n: number;
  readonly h: number;
  readonly w: number;
}

/** A channel with the words that the definitions are written in. */
interface Channel {
  /** All positions of the tile. */
  readonly spots: readonly Spot[];
  readonly at: (name: string, spot: Spot) => number;
  /** The value of a vector. */
  readonly of: (name: string) => number;
  /** The values under the window of a position. */
  readonly under: (name: string, spot: Spot) => number[];
  /** The values of a kernel, or of a block, in the window's order. */
  readonly places: readonly Spot[];
  readonly putEach: (name: string, value: (spot: Spot) => number) => void;
  readonly putChannel: (name: string, value: number) => void;
  readonly putAt: (name: string, spot: Spot, value: number) => void;
  /** Adds a value to each tap of each window of dX. */
  readonly spread: (value: (spot: Spot, tap: number, taps: number) => number) => void;
  readonly block: { readonly h: number; readonly w: number };
  readonly addAt: (name: string, spot: Spot, value: number) => void;
}
type Definition = (channel: Channel) => void;

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function mean(values: readonly number[]): number {
  return sum(values) / values.length;
}

const pointwise =
  (value: (x: number) => number): Definition =>
  ({ putEach, at }) =>
    putEach('Y', (spot) => value(at('X', spot)));

/** dY times the derivative at X. */
const slope =
  (derivative: (x: number) => number): Definition =>
  ({ putEach, at }) =>
    putEach('dX', (spot) => at('dY', spot) * derivative(at('X', spot)));

/** dY times the derivative in terms of the output. */
const slopeOfOutput =
  (derivative: (y: number) => number): Definition =>
  ({ putEach, at }) =>
    putEach('dX', (spot) => at('dY', spot) * derivative(at('Y', spot)));

const ofTwo =
  (value: (x1: number, x2: number) => number): Definition =>
  ({ putEach, at }) =>
    putEach('Y', (spot) => value(at('X1', spot), at('X2', spot)));

const ofConstant =
  (value: (x1: number, x2: number) => number): Definition =>
  ({ putEach, at }) =>
    putEach('Y', (spot) => value(at('X1', spot), CHOSEN.scalar));

const averagePool: Definition = ({ putEach, under }) => putEach('Y', (spot) => mean(under('X', spot)));
const averagePoolGrad: Definition = ({ spread, at }) => spread((spot, _tap, taps) => at('dY', spot) / taps);
const sgd: Definition = ({ putEach, at }) => putEach('P', (spot) => at('P', spot) - LEARNING_RATE * at('dP', spot));

const batchNormGrad: Definition = ({ spots, at, of, putEach, putChannel }) => {
  const normalised = (spot: Spot): number => (at('X', spot) - of('mean')) * of('invStd'); // eq (25)
  const dgamma = sum(spots.map((spot) => at('dY', spot) * normalised(spot))); // eq (26)
  const dbeta = sum(spots.map((spot) => at('dY', spot))); // eq (27)
  const count = spots.length;
  const factor = (of('gamma') * of('invStd')) / count;
  putEach('Xhat', normalised);
  putChannel('dgamma', dgamma);
  putChannel('dbeta', dbeta);
  putEach('dX', (spot) => factor * (count * at('dY', spot) - dgamma * normalised(spot) - dbeta)); // eq (28)
};

function statisticsOf(values: readonly number[]): { centre: number; invStd: number } {
  const centre = mean(values);
  return { centre, invStd: 1 / Math.sqrt(mean(values.map((x) => (x - centre) ** 2)) + EPSILON) };
}

const statistics: Definition = ({ spots, at, putChannel }) => {
  const { centre, invStd } = statisticsOf(spots.map((spot) => at('X', spot)));
  putChannel('mean', centre);
  putChannel('invStd', invStd);
};

const layerNorm =
  (isAffine: boolean, isTraining: boolean): Definition =>
  (channel) => {
    const { spots, at, putEach } = channel;
    const { centre, invStd } = statisticsOf(spots.map((spot) => at('X', spot)));
    const normalised = (spot: Spot): number => (at('X', spot) - centre) * invStd;
    putEach('Y', (spot) => (isAffine ? normalised(spot) * at('gamma', spot) + at('beta', spot) : normalised(spot)));
    if (isTraining) statistics(channel);
  };

const layerNormGrad =
  (isAffine: boolean): Definition =>
  ({ spots, at, of, putEach }) => {
    const normalised = (spot: Spot): number => (at('X', spot) - of('mean')) * of('invStd');
    const g = (spot: Spot): number => at('dY', spot) * (isAffine ? at('gamma', spot) : 1);
    const [mean1, mean2] = [mean(spots.map(g)), mean(spots.map((spot) => g(spot) * normalised(spot)))];
    putEach('Xhat', normalised);
    putEach('dX', (spot) => of('invStd') * (g(spot) - mean1 - normalised(spot) * mean2));
  };

/** Where a position of a block lies between the elements around it, along one direction. */
function between(place: number, size: number): { first: number; share: number } {
  const offset = (place + 0.5) / size - 0.5;
  return { first: Math.floor(offset), share: offset - Math.floor(offset) };
}

/** The four neighbours of a place of the block, as steps from the element, with their shares. */
function fourNeighbours(place: Spot, block: { readonly h: number; readonly w: number }) {
  const [rows, columns] = [between(place.h, block.h), between(place.w, block.w)];
  return [0, 1].flatMap((down) =>
    [0, 1].map((right) => ({
      down: rows.first + down,
      right: columns.first + right,
      share: (down === 1 ? rows.share : 1 - rows.share) * (right === 1 ? columns.share : 1 - columns.share),
    })),
  );
}

const sigma = (x: number): number => 1 / (1 + Math.exp(-x));
const ROOT = Math.sqrt(2 / Math.PI);
const geluInner = (x: number): number => Math.tanh(ROOT * (x + 0.044715 * x ** 3));
const geluSlope = (x: number): number =>
  0.5 * (1 + geluInner(x)) + 0.5 * x * (1 - geluInner(x) ** 2) * ROOT * (1 + 3 * 0.044715 * x * x);
const hardSigma = (x: number): number => (x <= -3 ? 0 : x >= 3 ? 1 : (x + 3) / 6);
const { lower, upper, alpha } = CHOSEN;

const DEFINITIONS: Readonly<Record<SimdOp, Definition>> = {
  relu: pointwise((x) => (x > 0 ? x : 0)),
  'relu-grad': slope((x) => (x > 0 ? 1 : 0)),
  clip: pointwise((x) => (x < lower ? lower : x > upper ? upper : x)),
  'clip-below': pointwise((x) => (x < lower ? lower : x)),
  'clip-above': pointwise((x) => (x > upper ? upper : x)),
  'clip-grad': slope((x) => (x > lower && x < upper ? 1 : 0)),
  'clip-below-grad': slope((x) => (x > lower ? 1 : 0)),
  'clip-above-grad': slope((x) => (x < upper ? 1 : 0)),
  'leaky-relu': pointwise((x) => (x > 0 ? x : alpha * x)),
  'leaky-relu-grad': slope((x) => (x > 0 ? 1 : alpha)),
  prelu: ({ putEach, at, of }) => putEach('Y', (spot) => Math.max(at('X', spot), of('alpha') * at('X', spot))),
  'prelu-grad': ({ spots, putEach, putChannel, at, of }) => {
    putEach('dX', (spot) => at('dY', spot) * (at('X', spot) > 0 ? 1 : of('alpha')));
    putChannel('dalpha', sum(spots.map((spot) => at('dY', spot) * Math.min(at('X', spot), 0))));
  },
  sigmoid: pointwise(sigma),
  'sigmoid-grad': slopeOfOutput((y) => y * (1 - y)),
  tanh: pointwise(Math.tanh),
  'tanh-grad': slopeOfOutput((y) => 1 - y * y),
  silu: pointwise((x) => x * sigma(x)),
  'silu-grad': slope((x) => sigma(x) + x * sigma(x) * sigma(-x)),
  gelu: pointwise((x) => 0.5 * x * (1 + geluInner(x))),
  'gelu-grad': slope(geluSlope),
  'hard-sigmoid': pointwise(hardSigma),
  'hard-sigmoid-grad': slope((x) => (x > -3 && x < 3 ? 1 / 6 : 0)),
  'hard-swish': pointwise((x) => x * hardSigma(x)),
  'hard-swish-grad': slope((x) => (x <= -3 ? 0 : x >= 3 ? 1 : (2 * x + 3) / 6)),

  'tensor-add': ofTwo((a, b) => a + b),
  'tensor-add-per-channel': ofTwo((a, b) => a + b),
  'tensor-add-per-image': ofTwo((a, b) => a + b),
  'tensor-add-shared': ofTwo((a, b) => a + b),
  'tensor-add-scalar': ofConstant((a, b) => a + b),
  'tensor-sub': ofTwo((a, b) => a - b),
  'tensor-sub-per-channel': ofTwo((a, b) => a - b),
  'tensor-sub-per-image': ofTwo((a, b) => a - b),
  'tensor-sub-shared': ofTwo((a, b) => a - b),
  'tensor-sub-scalar': ofConstant((a, b) => a - b),
  'tensor-mul': ofTwo((a, b) => a * b),
  'tensor-mul-per-channel': ofTwo((a, b) => a * b),
  'tensor-mul-per-image': ofTwo((a, b) => a * b),
  'tensor-mul-shared': ofTwo((a, b) => a * b),
  'tensor-mul-scalar': ofConstant((a, b) => a * b),
  'tensor-div': ofTwo((a, b) => a / b),
  'tensor-div-per-channel': ofTwo((a, b) => a / b),
  'tensor-div-per-image': ofTwo((a, b) => a / b),
  'tensor-div-shared': ofTwo((a, b) => a / b),
  'tensor-div-scalar': ofConstant((a, b) => a / b),

  'max-pool': ({ putEach, under }) => putEach('Y', (spot) => Math.max(...under('X', spot))),
  'avg-pool': averagePool,
  'global-avg-pool': averagePool,
  'max-pool-grad': ({ spread, at }) => spread((spot, tap) => (at('index', spot) === tap ? at('dY', spot) : 0)),
  'avg-pool-grad': averagePoolGrad,
  'global-avg-pool-grad': averagePoolGrad,
  'depthwise-conv': ({ putEach, under, places, at, of }) =>
    putEach('Y', (spot) => of('bias') + sum(under('X', spot).map((x, tap) => x * at('W', places[tap]!)))),
  'depthwise-weight-grad': ({ spots, under, places, at, putAt }) =>
    places.forEach((place, tap) => {
      putAt('dW', place, sum(spots.map((spot) => under('X', spot)[tap]! * at('dY', spot))));
    }),
  'upsample-nearest': ({ spots, places, at, putAt, block }) => {
    for (const spot of spots) {
      for (const { h, w } of places) {
        putAt('Y', { n: spot.n, h: spot.h * block.h + h, w: spot.w * block.w + w }, at('X', spot));
      }
    }
  },
  'upsample-nearest-grad': ({ putEach, under }) => putEach('dX', (spot) => sum(under('dY', spot))),
  // X has a margin of one on every side.
  'upsample-bilinear': ({ spots, places, at, putAt, block }) => {
    for (const { n, h, w } of spots) {
      for (const place of places) {
        const values = fourNeighbours(place, block).map(
          ({ down, right, share }) => share * at('X', { n, h: h + 1 + down, w: w + 1 + right }),
        );
        putAt('Y', { n, h: h * block.h + place.h, w: w * block.w + place.w }, sum(values));
      }
    }
  },
  'upsample-bilinear-grad': ({ spots, places, at, addAt, block }) => {
    for (const { n, h, w } of spots) {
      for (const place of places) {
        const dY = at('dY', { n, h: h * block.h + place.h, w: w * block.w + place.w });
        for (const { down, right, share } of fourNeighbours(place, block)) {
          addAt('dX', { n, h: h + 1 + down, w: w + 1 + right }, share * dY);
        }
      }
    }
  },
  'roi-align': averagePool,
  lrn: ({ putEach, under, at, block }) =>
    putEach('Y', (spot) => {
      const energy = CHOSEN.least + sum(under('X', spot).map((x) => x * x));
      const centre = { ...spot, h: spot.h + Math.floor(block.h / 2) };
      return at('X', centre) / Math.sqrt(CHOSEN.slope * energy);
    }),

  'bn-statistics': statistics,
  'bn-normalise': ({ putEach, at, of }) =>
    putEach('Y', (spot) => of('gamma') * (at('X', spot) - of('mean')) * of('invStd') + of('beta')),
  'bn-grad': batchNormGrad,
  'batch-norm': ({ putEach, at, of }) => putEach('Y', (spot) => of('scale') * at('X', spot) + of('shift')),
  'reduce-sum': ({ spots, at, putChannel }) => putChannel('sum', sum(spots.map((spot) => at('dY', spot)))),
  'reduce-product': ({ spots, at, putChannel }) =>
    putChannel('sum', sum(spots.map((spot) => at('X', spot) * at('dY', spot)))),
  'image-sum': ({ spots, at, addAt }) => {
    for (const spot of spots) addAt('sum', { n: spot.n, h: 0, w: 0 }, at('dY', spot));
  },
  'image-product': ({ spots, at, addAt }) => {
    for (const spot of spots) addAt('sum', { n: spot.n, h: 0, w: 0 }, at('X', spot) * at('dY', spot));
  },
  'plane-mean': ({ spots, at, addAt }) => {
    const images = Math.max(...spots.map(({ n }) => n)) + 1;
    for (const spot of spots) addAt('Y', { n: spot.n, h: 0, w: 0 }, (at('X', spot) * images) / spots.length);
  },
  'plane-mean-grad': ({ spots, at, putEach }) => {
    const images = Math.max(...spots.map(({ n }) => n)) + 1;
    putEach('dX', (spot) => (at('dY', { n: spot.n, h: 0, w: 0 }) * images) / spots.length);
  },
  'sgd-1d': sgd,
  'sgd-2d': sgd,
  'sgd-4d': sgd,
  copy: pointwise((x) => x),

  softmax: ({ spots, at, putEach }) => {
    const whole = sum(spots.map((spot) => Math.exp(at('X', spot))));
    putEach('Y', (spot) => Math.exp(at('X', spot)) / whole);
  },
  'softmax-grad': ({ spots, at, putEach }) => {
    const product = sum(spots.map((spot) => at('Y', spot) * at('dY', spot)));
    putEach('dX', (spot) => at('Y', spot) * (at('dY', spot) - product));
  },
  'layer-norm': layerNorm(true, false),
  'layer-norm-plain': layerNorm(false, false),
  'layer-norm-training': layerNorm(true, true),
  'layer-norm-plain-training': layerNorm(false, true),
  'layer-norm-grad': layerNormGrad(true),
  'layer-norm-plain-grad': layerNormGrad(false),
  'reduce-mean': ({ spots, at, putChannel }) => putChannel('mean', mean(spots.map((spot) => at('X', spot)))),
  'reduce-mean-grad': ({ spots, of, putEach }) => putEach('dX', () => of('dY') / spots.length),
};

const ORIGIN: Spot = { n: 0, h: 0, w: 0 };

/** Computes all tensors that the operation stores, for one channel of the layer's tile. */
export function computeChannel({ op, tile, window }: SimdLayer, access: ChannelAccess): void {
  const { kh, kw, stride, dilation } = window;
  const spots: Spot[] = [];
  for (let n = 0; n < tile.n; n++)
    for (let h = 0; h < tile.h; h++) for (let w = 0; w < tile.w; w++) spots.push({ n, h, w });
  const places = Array.from({ length: kh * kw }, (_, tap) => ({ n: 0, h: Math.floor(tap / kw), w: tap % kw }));
  const taps = ({ n, h, w }: Spot): Spot[] =>
    places.map((place) => ({
      n,
      h: h * stride.h + place.h * dilation.h,
      w: w * stride.w + place.w * dilation.w,
    }));
  const at = (name: string, { n, h, w }: Spot): number => access.element(name, n, h, w);
  const putAt = (name: string, { n, h, w }: Spot, value: number): void => access.put(name, n, h, w, value);
  const addAt = (name: string, { n, h, w }: Spot, value: number): void => access.add(name, n, h, w, value);
  DEFINITIONS[op]({
    spots,
    places,
    at,
    of: (name) => at(name, ORIGIN),
    under: (name, spot) => taps(spot).map((each) => at(name, each)),
    putEach: (name, value) => {
      for (const spot of spots) putAt(name, spot, value(spot));
    },
    putChannel: (name, value) => putAt(name, ORIGIN, value),
    putAt,
    addAt,
    block: { h: kh, w: kw },
    spread: (value) => {
      for (const spot of spots)
        for (const [tap, place] of taps(spot).entries()) addAt('dX', place, value(spot, tap, kh * kw));
    },
  });
}
