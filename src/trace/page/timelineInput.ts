/** Pointer and keys on the timeline. */
import { firstEndingAfter, sliceAt } from '../pyramid.ts';
import { type PageData, type ShownSlice, shownSlice } from './data.ts';
import { byId, element, fieldList, redrawing } from './elements.ts';
import { GUTTER, rowsOf } from './rows.ts';
import { type Chosen, TimelineDrawing } from './timeline.ts';
import { panned, type ViewState, viewWithin, zoomed } from './view.ts';

const PAN_SHARE = 0.15;
const ZOOM_FACTOR = 0.6;
const WHEEL_BASE = 1.0015;
/** A press that moves the pointer less than this is a click. */
const CLICK_PIXELS = 4;

/** Sets the timeline up. */
export function startTimeline(data: PageData, state: ViewState): void {
  const canvas = byId<HTMLCanvasElement>('timeline');
  const { rows, height } = rowsOf(data.head.lanes, data.head.hardware);
  canvas.style.height = `${height}px`;
  const drawing = new TimelineDrawing(canvas, data, rows);
  let chosen: Chosen | undefined;
  let lane = data.head.lanes.find(({ kind }) => kind === 'unit')!.index;
  const redraw = redrawing(canvas, () => {
    drawing.draw(state.view, chosen, lane);
    canvas.dataset['from'] = String(state.view.from);
    canvas.dataset['to'] = String(state.view.to);
    canvas.dataset['drawn'] = String(Number(canvas.dataset['drawn'] ?? 0) + 1);
  });
  canvas.dataset['gutter'] = String(GUTTER);
  const laneRows = rows.filter((row) => row.kind === 'lane');
  canvas.dataset['rows'] = JSON.stringify(laneRows.map((row) => [row.label, row.top + row.height / 2]));
  state.listen(redraw);
  redraw();

  const width = (): number => canvas.clientWidth - GUTTER;
  const cycleAt = (x: number): number => {
    const { from, to } = state.view;
    return from + ((x - GUTTER) / width()) * (to - from);
  };
  const sliceUnder = (x: number, y: number): Chosen | undefined => {
    const row = laneRows.find((each) => y >= each.top && y < each.top + each.height);
    if (row === undefined || x < GUTTER) return undefined;
    const place = sliceAt(data.pyramids[row.lane.index]!.slices, cycleAt(x));
    return place < 0 ? undefined : { lane: row.lane.index, place };
  };
  const choose = (next: Chosen | undefined): void => {
    chosen = next;
    if (next !== undefined) lane = next.lane;
    showDetails(next && shownSlice(data, next.lane, next.place));
    redraw();
  };

  let pressed: { x: number; from: number; moved: boolean } | undefined;
  canvas.addEventListener('pointerdown', (event) => {
    canvas.setPointerCapture(event.pointerId);
    pressed = { x: event.offsetX, from: state.view.from, moved: false };
  });
  canvas.addEventListener('pointermove', (event) => {
    if (pressed === undefined) {
      const under = sliceUnder(event.offsetX, event.offsetY);
      showTip(under && shownSlice(data, under.lane, under.place), event);
      return;
    }
    const distance = event.offsetX - pressed.x;
    if (Math.abs(distance) >= CLICK_PIXELS) pressed.moved = true;
    const { from, to } = state.view;
    if (pressed.moved)
      state.show(viewWithin(pressed.from - (distance / width()) * (to - from), to - from, state.cycles));
  });
  canvas.addEventListener('pointerup', (event) => {
    if (pressed?.moved === false) choose(sliceUnder(event.offsetX, event.offsetY));
    pressed = undefined;
  });
  canvas.addEventListener('pointerleave', (event) => showTip(undefined, event));
  canvas.addEventListener(
    'wheel',
    (event) => {
      event.preventDefault();
      if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
        state.show(panned(state.view, event.deltaX / width(), state.cycles));
      } else {
        state.show(zoomed(state.view, cycleAt(event.offsetX), WHEEL_BASE ** event.deltaY, state.cycles));
      }
    },
    { passive: false },
  );

  /** The next or previous slice of the lane: from the chosen one, else from where the view begins. */
  const step = (by: 1 | -1): void => {
    const { slices } = data.pyramids[lane]!;
    const start = chosen?.lane === lane ? chosen.place + by : firstEndingAfter(slices, state.view.from);
    if (slices.count === 0 || start < 0 || start >= slices.count) return;
    choose({ lane, place: start });
    const [from, to] = [slices.starts[start]!, slices.ends[start]!];
    if (from < state.view.from || to > state.view.to) {
      const span = Math.max(state.view.to - state.view.from, to - from);
      state.show(viewWithin((from + to - span) / 2, span, state.cycles));
    }
  };
  const middle = (): number => {
    if (chosen === undefined) return (state.view.from + state.view.to) / 2;
    const { slices } = data.pyramids[chosen.lane]!;
    return (slices.starts[chosen.place]! + slices.ends[chosen.place]!) / 2;
  };
  const zoomKey = (factor: number): void => {
    const at = Math.min(Math.max(middle(), state.view.from), state.view.to);
    state.show(zoomed(state.view, at, factor, state.cycles));
  };
  const moveLane = (by: 1 | -1): void => {
    const place = laneRows.findIndex((row) => row.lane.index === lane) + by;
    lane = laneRows[Math.min(Math.max(place, 0), laneRows.length - 1)]!.lane.index;
    choose(undefined);
  };
  const keys: Readonly<Record<string, () => void>> = {
    ArrowLeft: () => state.show(panned(state.view, -PAN_SHARE, state.cycles)),
    ArrowRight: () => state.show(panned(state.view, PAN_SHARE, state.cycles)),
    ArrowUp: () => moveLane(-1),
    ArrowDown: () => moveLane(1),
    '+': () => zoomKey(ZOOM_FACTOR),
    '=': () => zoomKey(ZOOM_FACTOR),
    '-': () => zoomKey(1 / ZOOM_FACTOR),
    '0': () => state.show({ from: 0, to: state.cycles }),
    n: () => step(1),
    p: () => step(-1),
    Escape: () => choose(undefined),
  };
  canvas.addEventListener('keydown', (event) => {
    const action = event.ctrlKey || event.metaKey || event.altKey ? undefined : keys[event.key];
    if (action === undefined) return;
    event.preventDefault();
    action();
  });
}

function showDetails(slice: ShownSlice | undefined): void {
  const fields = slice === undefined ? [] : fieldList({ slice: slice.title, ...slice.fields });
  byId('details').replaceChildren(...fields);
}

/** Shows a slice's fields beside the pointer. */
function showTip(slice: ShownSlice | undefined, { clientX, clientY }: PointerEvent): void {
  const tip = byId('tip');
  tip.hidden = slice === undefined;
  if (slice === undefined) return;
  const list = element('dl', '', ...fieldList(slice.fields));
  list.className = 'fields';
  tip.replaceChildren(element('strong', slice.title), list);
  const { width, height } = tip.getBoundingClientRect();
  tip.style.left = `${Math.min(clientX + 14, innerWidth - width - 8)}px`;
  tip.style.top = `${Math.min(clientY + 14, innerHeight - height - 8)}px`;
}
