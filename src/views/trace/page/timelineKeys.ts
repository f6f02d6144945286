/** The keys of the timeline. */
import { allShown, type LaneChoice, toggled } from './laneChoices.ts';
import { type PageState, withMark } from './pageState.ts';
import { chosenOnRuler, type LayerPlace, type Selection } from './selection.ts';
import { panned, type View, viewWithin, zoomed } from './view.ts';

const PAN_SHARE = 0.15;
const ZOOM_FACTOR = 0.6;

/** What keys do beyond the state. */
export interface KeyActions {
  /** The selection has changed. */
  readonly changed: () => void;
  /** Two runs are to begin with a layer, or both at 0; not there for a run alone. */
  readonly align: ((layer: LayerPlace | undefined) => void) | undefined;
}

/** What each key does. */
export function timelineKeys(
  { view: state, lanes, range, marks, isPathShown }: PageState,
  selection: Selection,
  { changed, align }: KeyActions,
): Readonly<Partial<Record<string, () => void>>> {
  const chosenOn = (): View | undefined => selection.chosen && chosenOnRuler(selection.chosen);
  const zoomKey = (factor: number): void => {
    const { from, to } = state.view;
    const about = chosenOn() ?? state.view;
    const middle = (about.from + about.to) / 2;
    state.show(zoomed(state.view, Math.min(Math.max(middle, from), to), factor, state.cycles));
  };
  const select = (act: () => void): void => {
    act();
    changed();
  };
  const span = (): number => state.view.to - state.view.from;
  const choice = (name: LaneChoice) => () =>
    select(() => lanes.set(toggled(lanes.value, name, selection.row.component)));
  return {
    ArrowLeft: () => state.show(panned(state.view, -PAN_SHARE, state.cycles)),
    ArrowRight: () => state.show(panned(state.view, PAN_SHARE, state.cycles)),
    ArrowUp: () => select(() => selection.moveRow(-1)),
    ArrowDown: () => select(() => selection.moveRow(1)),
    Home: () => state.show(viewWithin(0, span(), state.cycles)),
    End: () => state.show(viewWithin(state.cycles, span(), state.cycles)),
    '+': () => zoomKey(ZOOM_FACTOR),
    '=': () => zoomKey(ZOOM_FACTOR),
    '-': () => zoomKey(1 / ZOOM_FACTOR),
    '0': () => state.show({ from: 0, to: state.cycles }),
    Enter: () => {
      const chosen = chosenOn();
      if (chosen !== undefined) state.showRange(chosen.from, chosen.to);
    },
    n: () => select(() => selection.step(1, state.view)),
    p: () => select(() => selection.step(-1, state.view)),
    f: () => select(() => selection.follow()),
    a: () => align?.(selection.layerOfChosen()),
    c: () => isPathShown.set(!isPathShown.value),
    z: choice('folded'),
    h: choice('hidden'),
    u: () => lanes.set(allShown(lanes.value)),
    t: choice('pinned'),
    m: () => marks.set(withMark(marks.value, Math.round(chosenOn()?.from ?? (state.view.from + state.view.to) / 2))),
    r: () => range.set(chosenOn()),
    Escape: () => {
      // One thing after the other: what is chosen first.
      if (selection.chosen !== undefined) select(() => selection.choose(undefined));
      else if (range.value !== undefined) range.set(undefined);
      else marks.set([]);
    },
  };
}
