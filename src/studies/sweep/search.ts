/** Exhaustive search: every point of a space is covered, few are evaluated. */
import type { Cost, NetworkCosts } from './networkCosts.ts';
import { type Digits, pointsOf, type Space } from './space.ts';

/** A point with its costs. */
export interface PricedPoint extends Cost {
  /** Its place in the lattice (see space.ts). */
  readonly index: number;
}

/** How many points a pass has seen. */
export interface PointCount {
  /** Points that meet all constraints and that all layers fit. */
  readonly pointsCovered: number;
  readonly pointsThatDoNotFit: number;
}

const POINTS_PER_PAUSE = 1 << 12;

/** What a search covered, and the evaluations of the layers of one unit that this took. */
export interface Coverage extends PointCount {
  readonly evaluations: number;
}

/**
 * All points of a space with their costs, in the order of the index; undefined now and then where none is found (see
 * pointsOf). `digits` holds the digits of the last one.
 */
export function* pricedPoints(
  space: Space,
  costs: NetworkCosts,
  digits: Digits = new Int32Array(space.axes.length),
): Generator<PricedPoint | undefined, PointCount> {
  let pointsCovered = 0;
  let pointsThatDoNotFit = 0;
  for (const index of pointsOf(space, digits)) {
    const cost = index === undefined ? undefined : costs.at(digits);
    if (index === undefined) {
      yield undefined;
    } else if (cost === undefined) {
      if (++pointsThatDoNotFit % POINTS_PER_PAUSE === 0) yield undefined;
    } else {
      pointsCovered++;
      yield { index, ...cost };
    }
  }
  return { pointsCovered, pointsThatDoNotFit };
}

/** The fastest and the slowest point; of equals, the first in the lattice. Undefined where no point is valid. */
export interface Extremes {
  readonly best?: PricedPoint;
  readonly worst?: PricedPoint;
  readonly coverage: Coverage;
}

/** Points priced between two pauses of a search. */
const POINTS_PER_SEARCH_PAUSE = 1 << 8;

/** Finds the fastest and the slowest point of a space; pauses now and then, yielding the points priced so far. */
export function* searchExtremes(space: Space, costs: NetworkCosts): Generator<number, Extremes> {
  let priced = 0;
  let best: PricedPoint | undefined;
  let worst: PricedPoint | undefined;
  const points = pricedPoints(space, costs);
  for (;;) {
    const step = points.next();
    if (step.done === true) {
      return { coverage: { ...step.value, evaluations: costs.evaluations() }, ...(best && worst && { best, worst }) };
    }
    const point = step.value;
    if (point === undefined || ++priced % POINTS_PER_SEARCH_PAUSE === 0) yield priced;
    if (point === undefined) continue;
    if (best === undefined || point.cycles < best.cycles) best = point;
    if (worst === undefined || point.cycles > worst.cycles) worst = point;
  }
}
