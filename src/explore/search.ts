/** Exhaustive search: every point of a space is covered, few are evaluated. */
import type { Cost, NetworkCosts } from './networkCosts.ts';
import { type Digits, pointsOf, type Space } from './space.ts';

/** A point with its costs. */
export interface PricedPoint extends Cost {
  /** Its place in the lattice (see space.ts). */
  readonly index: number;
}

/** What was covered. Points where some layer does not fit the hardware are not counted as covered. */
export interface Coverage {
  readonly pointsCovered: number;
  readonly pointsThatDoNotFit: number;
  /** Evaluations of the layers of one unit that this took. */
  readonly evaluations: number;
}

/** All points of a space with their costs, in the order of the index. */
export function* pricedPoints(space: Space, costs: NetworkCosts): Generator<PricedPoint, Coverage> {
  let pointsCovered = 0;
  let pointsThatDoNotFit = 0;
  const digits: Digits = new Int32Array(space.axes.length);
  for (const index of pointsOf(space, digits)) {
    const cost = costs.at(digits);
    if (cost === undefined) {
      pointsThatDoNotFit++;
    } else {
      pointsCovered++;
      yield { index, ...cost };
    }
  }
  return { pointsCovered, pointsThatDoNotFit, evaluations: costs.evaluations() };
}

/** The fastest and the slowest point; of equals, the first in the lattice. Undefined where no point is valid. */
export interface Extremes {
  readonly best?: PricedPoint;
  readonly worst?: PricedPoint;
  readonly coverage: Coverage;
}

/** Finds the fastest and the slowest point of a space. */
export function searchExtremes(space: Space, costs: NetworkCosts): Extremes {
  let best: PricedPoint | undefined;
  let worst: PricedPoint | undefined;
  const points = pricedPoints(space, costs);
  for (;;) {
    const step = points.next();
    if (step.done === true) return { coverage: step.value, ...(best && worst && { best, worst }) };
    const point = step.value;
    if (best === undefined || point.cycles < best.cycles) best = point;
    if (worst === undefined || point.cycles > worst.cycles) worst = point;
  }
}
