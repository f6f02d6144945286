/** How each parameter alone moves the costs around a point (figure 12). */
import type { Cost, NetworkCosts } from './networkCosts.ts';
import { type Digits, isPoint, type Space } from './space.ts';

/** A parameter's values with the costs that they give. */
export interface Sensitivity {
  readonly parameter: string;
  readonly bars: readonly ({ readonly value: number | string } & Cost)[];
}

/** Varies each axis by itself around `centre`; values that break a constraint or do not fit are left out. */
export function sensitivity(space: Space, costs: NetworkCosts, centre: Digits): Sensitivity[] {
  return space.axes.map(({ parameter, values }, place) => ({
    parameter,
    bars: values.flatMap((value, digit) => {
      const digits = centre.with(place, digit);
      if (!isPoint(space, digits)) return [];
      const cost = costs.at(digits);
      return cost ? [{ value, ...cost }] : [];
    }),
  }));
}
