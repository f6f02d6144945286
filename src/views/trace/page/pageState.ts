/** All that the user can set on the page: its parts show it, and the address keeps it. */
import { FIRST_CHOICES, type LaneChoices } from './laneChoices.ts';
import type { Sorting } from './layerColumns.ts';
import { Shared } from './shared.ts';
import { type View, ViewState } from './view.ts';

export interface PageState {
  readonly view: ViewState;
  readonly lanes: Shared<LaneChoices>;
  /** The cycles that sums are shown of. */
  readonly range: Shared<View | undefined>;
  /** Whether the timeline fades all that is not on the critical path. */
  readonly isPathShown: Shared<boolean>;
  /** In which order the layer table is; undefined: that of the program. */
  readonly sorting: Shared<Sorting | undefined>;
  /** The layer, by its place in the table, that begins in both of two runs at the same cycle of the ruler. */
  readonly aligned: Shared<number | undefined>;
  /** Cycles whose distance is shown: two at most, the older one first. */
  readonly marks: Shared<readonly number[]>;
}

/** The state of a page that was just opened, with a ruler of so many cycles. */
export function firstState(cycles: number): PageState {
  return {
    view: new ViewState(cycles),
    lanes: new Shared<LaneChoices>(FIRST_CHOICES),
    isPathShown: new Shared(false),
    sorting: new Shared<Sorting | undefined>(undefined),
    aligned: new Shared<number | undefined>(undefined),
    range: new Shared<View | undefined>(undefined),
    marks: new Shared<readonly number[]>([]),
  };
}

/** The marks with another one; the older of two goes. */
export function withMark(marks: readonly number[], cycle: number): number[] {
  return [...marks.slice(-1), cycle];
}
