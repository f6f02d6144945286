/** What each SIMD operation makes of one channel of a tile, straight from its definition. */
import type { SimdLayer } from '../../model/layers/layer.ts';
import type { SimdOp } from '../../model/operations/simdTable.ts';

/** One channel's data and results. Elements lie at (n, h, w); `add` adds to what is there, zero at first. */
export interface ChannelAccess {
  readonly element: (name: string, n: number, h: number, w: number) => number;
  readonly channel: (name: string) => number;
  readonly put: (name: string, n: number, h: number, w: number, value: number) => void;
  readonly add: (name: string, n: number, h: number, w: number, value: number) => void;
  readonly putChannel: (name: string, value: number) => void;
}

/** Constants of the operations: BN's ε and the learning rate. */
export const EPSILON = 1 / 1024;
export const LEARNING_RATE = 1 / 8;

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
  readonly of: (name: string) => number;
  /** The values under the window of a position. */
  readonly under: (name: string, spot: Spot) => number[];
  readonly putEach: (name: string, value: (spot: Spot) => number) => void;
  readonly putChannel: (name: string, value: number) => void;
  /** Adds a value to each tap of each window of dX. */
  readonly spread: (value: (spot: Spot, tap: number, taps: number) => number) => void;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function mean(values: readonly number[]): number {
  return sum(values) / values.length;
}

function averagePool({ putEach, under }: Channel): void {
  putEach('Y', (spot) => mean(under('X', spot)));
}

function averagePoolGrad({ spread, at }: Channel): void {
  spread((spot, _tap, taps) => at('dY', spot) / taps);
}

function sgd({ putEach, at }: Channel): void {
  putEach('P', (spot) => at('P', spot) - LEARNING_RATE * at('dP', spot));
}

function batchNormGrad({ spots, at, of, putEach, putChannel }: Channel): void {
  const normalised = (spot: Spot): number => (at('X', spot) - of('mean')) * of('invStd'); // eq (25)
  const dgamma = sum(spots.map((spot) => at('dY', spot) * normalised(spot))); // eq (26)
  const dbeta = sum(spots.map((spot) => at('dY', spot))); // eq (27)
  const count = spots.length;
  const factor = (of('gamma') * of('invStd')) / count;
  putEach('Xhat', normalised);
  putChannel('dgamma', dgamma);
  putChannel('dbeta', dbeta);
  putEach('dX', (spot) => factor * (count * at('dY', spot) - dgamma * normalised(spot) - dbeta)); // eq (28)
}

const DEFINITIONS: Readonly<Record<SimdOp, (channel: Channel) => void>> = {
  relu: ({ putEach, at }) => putEach('Y', (spot) => Math.max(0, at('X', spot))),
  'tensor-add': ({ putEach, at }) => putEach('Y', (spot) => at('X1', spot) + at('X2', spot)),
  'max-pool': ({ putEach, under }) => putEach('Y', (spot) => Math.max(...under('X', spot))),
  'avg-pool': averagePool,
  'global-avg-pool': averagePool,
  'bn-statistics': ({ spots, at, putChannel }) => {
    const values = spots.map((spot) => at('X', spot));
    const centre = mean(values);
    putChannel('mean', centre);
    putChannel('invStd', 1 / Math.sqrt(mean(values.map((x) => (x - centre) ** 2)) + EPSILON));
  },
  'bn-normalise': ({ putEach, at, of }) =>
    putEach('Y', (spot) => of('gamma') * (at('X', spot) - of('mean')) * of('invStd') + of('beta')),
  'bn-grad': batchNormGrad,
  'relu-grad': ({ putEach, at }) => putEach('dX', (spot) => (at('X', spot) > 0 ? at('dY', spot) : 0)),
  'max-pool-grad': ({ spread, at }) => spread((spot, tap) => (at('index', spot) === tap ? at('dY', spot) : 0)),
  'avg-pool-grad': averagePoolGrad,
  'global-avg-pool-grad': averagePoolGrad,
  'reduce-sum': ({ spots, at, putChannel }) => putChannel('sum', sum(spots.map((spot) => at('dY', spot)))),
  'sgd-1d': sgd,
  'sgd-2d': sgd,
  'sgd-4d': sgd,
};

/** Computes all tensors that the operation stores, for one channel of the layer's tile. */
export function computeChannel({ op, tile, window }: SimdLayer, access: ChannelAccess): void {
  const { kh, kw, stride, dilation } = window;
  const spots: Spot[] = [];
  for (let n = 0; n < tile.n; n++)
    for (let h = 0; h < tile.h; h++) for (let w = 0; w < tile.w; w++) spots.push({ n, h, w });
  const taps = ({ n, h, w }: Spot): Spot[] =>
    Array.from({ length: kh * kw }, (_, tap) => ({
      n,
      h: h * stride.h + Math.floor(tap / kw) * dilation.h,
      w: w * stride.w + (tap % kw) * dilation.w,
    }));
  const at = (name: string, { n, h, w }: Spot): number => access.element(name, n, h, w);
  DEFINITIONS[op]({
    spots,
    at,
    of: access.channel,
    under: (name, spot) => taps(spot).map((each) => at(name, each)),
    putEach: (name, value) => {
      for (const spot of spots) access.put(name, spot.n, spot.h, spot.w, value(spot));
    },
    putChannel: access.putChannel,
    spread: (value) => {
      for (const spot of spots)
        for (const [tap, { n, h, w }] of taps(spot).entries()) access.add('dX', n, h, w, value(spot, tap, kh * kw));
    },
  });
}
