/** Exhaustive search: every point of a space is covered, few are evaluated. */
import { type NetworkCosts, UNITS } from './networkCosts.ts';
import { type Digits, forEachPoint, type Space } from './space.ts';

/** A point with its costs. */
export interface PricedPoint {
  /** Its place in the lattice (see space.ts). */
  readonly index: number;
  readonly cycles: number;
  readonly joules: number;
}

/** What was covered. Points where some layer does not fit the hardware are not counted as covered. */
export interface Coverage {
  readonly pointsCovered: number;
  readonly pointsThatDoNotFit: number;
  /** Evaluations of the layers of one unit that this took. */
  readonly evaluations: number;
}

/** Visits all points of a space with their costs, in the order of the index; the arguments of `visit` are reused. */
export function forEachPricedPoint(
  space: Space,
  costs: NetworkCosts,
  visit: (index: number, cycles: number, joules: number, digits: Digits) => void,
): Coverage {
  let pointsCovered = 0;
  let pointsThatDoNotFit = 0;
  forEachPoint(space, (digits, index) => {
    const sa = costs.at('SA', digits);
    const simd = costs.at('SIMD', digits);
    if (sa === undefined || simd === undefined) {
      pointsThatDoNotFit++;
      return;
    }
    pointsCovered++;
    visit(index, sa.cycles + simd.cycles, sa.joules + simd.joules, digits);
  });
  const evaluations = UNITS.reduce((sum, unit) => sum + costs.known[unit].size, 0);
  return { pointsCovered, pointsThatDoNotFit, evaluations };
}

/** The fastest and the slowest point; of equals, the first in the lattice. Undefined where no point is valid. */
export interface Extremes extends Coverage {
  readonly best?: PricedPoint;
  readonly worst?: PricedPoint;
}

/** Finds the fastest and the slowest point of a space. */
export function searchExtremes(space: Space, costs: NetworkCosts): Extremes {
  let best: PricedPoint | undefined;
  let worst: PricedPoint | undefined;
  const coverage = forEachPricedPoint(space, costs, (index, cycles, joules) => {
    if (best === undefined || cycles < best.cycles) best = { index, cycles, joules };
    if (worst === undefined || cycles > worst.cycles) worst = { index, cycles, joules };
  });
  return { ...coverage, ...(best && worst && { best, worst }) };
}
