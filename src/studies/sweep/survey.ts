/** One pass over all points: the best, the worst, the Pareto front, the first ranks; and how those fare by another model. */

import { kendall, ranks, spearman } from '../../model/statistics/rankCorrelation.ts';
import type { NetworkCosts } from './networkCosts.ts';
import { evenSample, type PairMinima, pairMinima } from './pairMinima.ts';
import { bestOf, paretoFront } from './ranking.ts';
import { type PointCount, type PricedPoint, pricedPoints } from './search.ts';
import { type Digits, digitsOf, parameterReader, type Space } from './space.ts';
import { TOTALS } from './sweepSpace.ts';
import type { Objective } from './sweepSpec.ts';

/** How to read an objective off a point. */
export function objectiveReader(space: Space, objective: Objective): (point: PricedPoint) => number {
  switch (objective) {
    case 'cycles':
      return ({ cycles }) => cycles;
    case 'joules':
      return ({ joules }) => joules;
    case 'jouleSeconds':
      return ({ joules, seconds }) => joules * seconds;
    case 'totalSramKiB':
    case 'totalBitsPerCycle': {
      const readers = TOTALS[objective].map((parameter) => parameterReader(space, parameter));
      return ({ index }) => {
        const digits = digitsOf(space.axes, index);
        return readers.reduce((sum, read) => sum + (read(digits) as number), 0);
      };
    }
  }
}

/** What a pass over all points finds. */
export interface Survey {
  readonly count: PointCount;
  /** Best first by the first objective; of equals, the first in the lattice. Empty where no point is valid. */
  readonly best: readonly PricedPoint[];
  readonly worst: PricedPoint | undefined;
  readonly pareto: readonly PricedPoint[];
  /** Some of all points, evenly among them, and the least of the first objective at every two values: for plots. */
  readonly sample: readonly PricedPoint[];
  readonly pairs: PairMinima;
}

/** As many dots as a plot shows well. */
const MOST_SAMPLED = 2000;

/** Few, because a long Pareto front is compared with each. */
const POINTS_PER_PAUSE = 1 << 10;

/**
 * Surveys a space; yields the number of points seen now and then. `most` is how many of the best are kept; `digits` holds
 * the digits of the last point.
 */
export function* survey(
  space: Space,
  costs: NetworkCosts,
  objectives: readonly Objective[],
  most: number,
  digits: Digits = new Int32Array(space.axes.length),
): Generator<number, Survey> {
  const readers = objectives.map((objective) => objectiveReader(space, objective));
  const first = readers[0]!;
  const best = bestOf(most, first);
  const worst = bestOf(1, (point: PricedPoint) => -first(point));
  const pareto = paretoFront((point: PricedPoint) => readers.map((read) => read(point)));
  const sample = evenSample<PricedPoint>(MOST_SAMPLED);
  const pairs = pairMinima(space.axes);
  const points = pricedPoints(space, costs, digits);
  let seen = 0;
  for (;;) {
    const step = points.next();
    if (step.done === true) {
      const found = { best: best.items, worst: worst.items[0], pareto: pareto.front() };
      return { count: step.value, ...found, sample: sample.items(), pairs };
    }
    if (step.value === undefined) {
      yield seen;
      continue;
    }
    best.offer(step.value);
    worst.offer(step.value);
    pareto.offer(step.value);
    sample.offer(step.value);
    pairs.offer(digits, first(step.value));
    if (++seen % POINTS_PER_PAUSE === 0) yield seen;
  }
}

/** A point ranked twice; ranks count from 1 and equal values share the mean of theirs. */
export interface TwiceRanked {
  readonly point: PricedPoint;
  readonly value: number;
  readonly valueAgain: number;
  readonly rank: number;
  readonly rankAgain: number;
}

/** How two models rank the same points; without correlations where all points are alike by one of them, or are but one. */
export interface Agreement {
  readonly spearman?: number;
  readonly kendall?: number;
}

function agreement(a: readonly number[], b: readonly number[]): Agreement {
  const correlations = { spearman: spearman(a, b), kendall: kendall(a, b) };
  return Number.isFinite(correlations.spearman) && Number.isFinite(correlations.kendall) ? correlations : {};
}

/** Points ranked by the sweep's own model, and again by another. */
export interface Reranking extends Agreement {
  /** The model that ranks them again. */
  readonly model: string;
  /** In the order of the first model; points that do not fit by the second are left out. */
  readonly points: readonly TwiceRanked[];
  /** The best by the second model; of equals, the one that the first model prefers. */
  readonly best?: TwiceRanked;
}

/** Ranks points again by the costs of another model. */
export function rerank(
  space: Space,
  model: string,
  costs: NetworkCosts,
  objective: Objective,
  best: readonly PricedPoint[],
): Reranking {
  const read = objectiveReader(space, objective);
  const both = best.flatMap((point) => {
    const again = costs.at(digitsOf(space.axes, point.index));
    return again ? [{ point, value: read(point), valueAgain: read({ ...point, ...again }) }] : [];
  });
  const [values, valuesAgain] = [both.map(({ value }) => value), both.map(({ valueAgain }) => valueAgain)];
  const [rank, rankAgain] = [ranks(values), ranks(valuesAgain)];
  const points = both.map((each, place) => ({ ...each, rank: rank[place]!, rankAgain: rankAgain[place]! }));
  const [first, ...rest] = points;
  return {
    model,
    ...agreement(values, valuesAgain),
    points,
    ...(first && { best: rest.reduce((least, each) => (each.valueAgain < least.valueAgain ? each : least), first) }),
  };
}

/** How two rerankings agree on the points that both have. */
export function agreementOf(a: Reranking, b: Reranking): Agreement {
  const inB = new Map(b.points.map(({ point, valueAgain }) => [point.index, valueAgain]));
  const common = a.points.filter(({ point }) => inB.has(point.index));
  const values = [
    common.map(({ valueAgain }) => valueAgain),
    common.map(({ point }) => inB.get(point.index)!),
  ] as const;
  return agreement(...values);
}
