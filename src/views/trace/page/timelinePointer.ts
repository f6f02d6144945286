/** The pointer on the timeline: it chooses, pans and zooms, measures ranges, folds components. */
import { FOLD_WIDTH, gutterOf } from './gutter.ts';
import type { PageState } from './pageState.ts';
import { AXIS_HEIGHT } from './rows.ts';
import { panned, rangeOf, viewWithin, zoomed } from './view.ts';

const WHEEL_BASE = 1.0015;
/** A press that moves the pointer less than this is a click. */
const CLICK_PIXELS = 4;

/** What the timeline does about it. */
export interface PointerActions {
  readonly cycleAt: (event: MouseEvent) => number;
  /** The pointer was clicked. */
  readonly choose: (event: PointerEvent) => void;
  /** It was clicked where components fold; returns whether there is one. */
  readonly fold: (event: PointerEvent) => boolean;
  /** It moved with no button pressed, or left. */
  readonly hover: (event: PointerEvent) => void;
  /** The rows are to scroll by so many pixels. */
  readonly scroll: (pixels: number) => void;
}

/** A press under way: it pans, or on the ruler, or with Shift, measures a range. */
interface Press {
  readonly x: number;
  readonly from: number;
  readonly cycle: number;
  readonly isMeasuring: boolean;
  moved: boolean;
}

/** Listens to the pointer. */
export function listenToPointer(canvas: HTMLCanvasElement, state: PageState, actions: PointerActions): void {
  const { view, range } = state;
  const width = (): number => canvas.clientWidth - gutterOf(canvas).width;
  let pressed: Press | undefined;
  canvas.addEventListener('pointerdown', (event) => {
    canvas.setPointerCapture(event.pointerId);
    const isMeasuring = event.shiftKey || event.offsetY < AXIS_HEIGHT;
    const cycle = actions.cycleAt(event);
    pressed = { x: event.offsetX, from: view.view.from, cycle, isMeasuring, moved: false };
  });
  canvas.addEventListener('pointermove', (event) => {
    if (pressed === undefined) {
      actions.hover(event);
      return;
    }
    const distance = event.offsetX - pressed.x;
    if (Math.abs(distance) >= CLICK_PIXELS) pressed.moved = true;
    if (!pressed.moved) return;
    if (pressed.isMeasuring) {
      range.set(rangeOf(pressed.cycle, actions.cycleAt(event), view.cycles));
    } else {
      const { from, to } = view.view;
      view.show(viewWithin(pressed.from - (distance / width()) * (to - from), to - from, view.cycles));
    }
  });
  canvas.addEventListener('pointerup', (event) => {
    if (pressed?.moved === false) clicked(event, pressed);
    pressed = undefined;
  });
  canvas.addEventListener('pointerleave', actions.hover);
  canvas.addEventListener(
    'wheel',
    (event) => {
      event.preventDefault();
      if (event.shiftKey) {
        actions.scroll(event.deltaY || event.deltaX);
      } else if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
        view.show(panned(view.view, event.deltaX / width(), view.cycles));
      } else {
        view.show(zoomed(view.view, actions.cycleAt(event), WHEEL_BASE ** event.deltaY, view.cycles));
      }
    },
    { passive: false },
  );

  function clicked(event: PointerEvent, { isMeasuring }: Press): void {
    if (isMeasuring) range.set(undefined);
    else if (event.offsetX >= FOLD_WIDTH || !actions.fold(event)) actions.choose(event);
  }
}
