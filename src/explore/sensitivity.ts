/** How each parameter alone moves the costs around a point (figure 12). */
import type { Cost, NetworkCosts } from './networkCosts.ts';
import { type Digits, isPoint, type Space, validityConstraints } from './space.ts';

/** A value of a parameter with the costs that it gives, all others as in the centre. */
export interface Bar extends Cost {
  readonly value: number | string;
  /** Whether it is a point of the space; constraints between parameters do not bind here, as in the paper. */
  readonly isInSpace: boolean;
}

/** A parameter's bars. */
export interface Sensitivity {
  readonly parameter: string;
  readonly bars: readonly Bar[];
}

/** The points in which one digit alone differs from `centre`, per axis; invalid hardware is left out. */
export function neighboursOf(space: Space, centre: Digits): Digits[][] {
  const valid = { ...space, constraints: validityConstraints(space.base, space.axes) };
  return space.axes.map(({ values }, place) =>
    values.map((_, digit) => centre.with(place, digit)).filter((digits) => isPoint(valid, digits)),
  );
}

/** Varies each axis by itself around `centre`; values with which the hardware is invalid or too small are left out. */
export function sensitivity(space: Space, costs: NetworkCosts, centre: Digits): Sensitivity[] {
  return neighboursOf(space, centre).map((neighbours, place) => {
    const { parameter, values } = space.axes[place]!;
    const bars = neighbours.flatMap((digits): Bar[] => {
      const cost = costs.at(digits);
      return cost ? [{ ...cost, value: values[digits[place]!]!, isInSpace: isPoint(space, digits) }] : [];
    });
    return { parameter, bars };
  });
}
