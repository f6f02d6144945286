/** How each parameter alone moves the costs around a point (figure 12). */
import type { NetworkCosts } from './networkCosts.ts';
import type { PricedPoint } from './search.ts';
import { type Digits, indexOf, isPoint, type Space, validityConstraints } from './space.ts';

/** A point in which one digit alone differs from the centre, or none. */
export interface Neighbour {
  /** The place of the axis whose digit differs. */
  readonly axis: number;
  readonly digits: Digits;
  /** Whether it is a point of the space; constraints between parameters do not bind here, as in the paper. */
  readonly isInSpace: boolean;
}

/** A value of a parameter with the costs that it gives, all others as in the centre. */
export interface Bar extends PricedPoint {
  readonly value: number | string;
  readonly isInSpace: boolean;
}

/** A parameter's bars. */
export interface Sensitivity {
  readonly parameter: string;
  readonly bars: readonly Bar[];
}

/** The neighbours of `centre`, axis by axis; invalid hardware is left out. */
export function* neighboursOf(space: Space, centre: Digits): Generator<Neighbour, void> {
  const valid = { ...space, constraints: validityConstraints(space) };
  for (const [axis, { values }] of space.axes.entries()) {
    for (let digit = 0; digit < values.length; digit++) {
      const digits = centre.with(axis, digit);
      if (isPoint(valid, digits)) yield { axis, digits, isInSpace: isPoint(space, digits) };
    }
  }
}

/** What the neighbours of a point cost, per axis; those that the layers do not fit are left out. */
export function sensitivity(space: Space, costs: NetworkCosts, neighbours: readonly Neighbour[]): Sensitivity[] {
  const bars = space.axes.map((): Bar[] => []);
  for (const { axis, digits, isInSpace } of neighbours) {
    const cost = costs.at(digits);
    const value = space.axes[axis]!.values[digits[axis]!]!;
    if (cost !== undefined) bars[axis]!.push({ index: indexOf(space.axes, digits), ...cost, value, isInSpace });
  }
  return space.axes.map(({ parameter }, axis) => ({ parameter, bars: bars[axis]! }));
}
