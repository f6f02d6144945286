/** Which components of the machine the timeline shows, and how: folded to one row, hidden, pinned to the top. */

import { PATH_KEY } from '../pageData.ts';

/** Components by the keys of their lanes. */
export interface LaneChoices {
  /** Shown as one row. */
  readonly folded: ReadonlySet<string>;
  readonly hidden: ReadonlySet<string>;
  /** At the top, where they stay while the others scroll. */
  readonly pinned: ReadonlySet<string>;
}

export type LaneChoice = keyof LaneChoices;
export const LANE_CHOICES: readonly LaneChoice[] = ['folded', 'hidden', 'pinned'];

/** Layers and the units that run them are what everything else is looked at beside. */
export const FIRST_CHOICES: LaneChoices = {
  folded: new Set(),
  hidden: new Set(),
  pinned: new Set(['layers', PATH_KEY, 'pe-array', 'simd']),
};

/** The choices with one taken, or taken back. */
export function toggled(choices: LaneChoices, choice: LaneChoice, component: string): LaneChoices {
  const changed = new Set(choices[choice]);
  if (!changed.delete(component)) changed.add(component);
  return { ...choices, [choice]: changed };
}

/** The choices with all components shown again. */
export function allShown(choices: LaneChoices): LaneChoices {
  return { ...choices, hidden: new Set() };
}
