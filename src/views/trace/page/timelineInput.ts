/** Pointer and keys on the timeline. */
import { PAINTS } from '../palette.ts';
import type { PageData } from './data.ts';
import { byId, fieldList, legendEntry, redrawing } from './elements.ts';
import { GUTTER, type Row, rowsOf } from './rows.ts';
import { type Chosen, Selection } from './selection.ts';
import { TimelineDrawing } from './timeline.ts';
import { hideTip, showTip } from './tip.ts';
import { panned, type ViewState, viewWithin, zoomed } from './view.ts';

const PAN_SHARE = 0.15;
const ZOOM_FACTOR = 0.6;
const WHEEL_BASE = 1.0015;
/** A press that moves the pointer less than this is a click. */
const CLICK_PIXELS = 4;

export interface Timeline {
  /** Shows a layer by its place in the program. */
  showLayer(place: number): void;
  redraw(): void;
}

/** Sets the timeline up. */
export function startTimeline(data: PageData, state: ViewState): Timeline {
  const canvas = byId<HTMLCanvasElement>('timeline');
  const { rows, height } = rowsOf(data.recorded.lanes, data.head);
  canvas.style.height = `${height}px`;
  const drawing = new TimelineDrawing(canvas, data, rows);
  const selection = new Selection(data, rows);
  let hovered: Chosen | undefined;
  const redraw = redrawing(canvas, () => {
    const { row, chosen } = selection;
    const flow = selection.flowOf(hovered) ?? selection.flowOf(chosen);
    drawing.draw({ view: state.view, row, chosen, flow });
    tell(canvas, {
      from: state.view.from,
      to: state.view.to,
      row: row.label,
      arrows: flow === undefined ? 0 : flow.loads.length + flow.stores.length,
      drawn: Number(canvas.dataset['drawn'] ?? 0) + 1,
    });
  });
  const middles = rows.map((row) => [row.label, row.top + row.height / 2]);
  tell(canvas, { gutter: GUTTER, rows: JSON.stringify(middles) });
  showLegend(data);
  state.listen(redraw);
  redraw();

  const show = (): void => {
    showDetails(selection);
    redraw();
  };
  const intoView = (): void => {
    const { chosen } = selection;
    if (chosen === undefined || (chosen.from >= state.view.from && chosen.to <= state.view.to)) return;
    const span = Math.max(state.view.to - state.view.from, chosen.to - chosen.from);
    state.show(viewWithin((chosen.from + chosen.to - span) / 2, span, state.cycles));
  };
  const at = ({ offsetX, offsetY }: MouseEvent): Chosen | undefined => {
    const row = rowUnder(rows, offsetY);
    return row === undefined || offsetX < GUTTER ? undefined : selection.at(row, cycleAt(canvas, state, offsetX));
  };
  listenToPointer(canvas, state, {
    choose: (event) => {
      selection.row = rowUnder(rows, event.offsetY) ?? selection.row;
      selection.choose(at(event));
      show();
    },
    hover: (event) => {
      const chosen = event.type === 'pointerleave' ? undefined : at(event);
      showTip(chosen && selection.tipOf(chosen), event.clientX, event.clientY);
      if (isSame(chosen, hovered)) return;
      hovered = chosen;
      redraw();
    },
  });
  const keys = keysOf(state, selection, () => {
    show();
    intoView();
  });
  canvas.addEventListener('keydown', (event) => {
    const action = event.ctrlKey || event.metaKey || event.altKey ? undefined : keys[event.key];
    if (action === undefined) return;
    event.preventDefault();
    // Who uses keys does not point: the pointer may lie anywhere.
    hovered = undefined;
    hideTip();
    action();
    redraw();
  });
  return {
    redraw,
    showLayer: (place) => {
      const { start, totalCycles } = data.head.layers[place]!;
      selection.showLayer(place);
      state.showRange(start, start + totalCycles);
      show();
    },
  };
}

/** Leaves on the canvas, which has no elements inside, what scripts may want to know of it. */
function tell(canvas: HTMLCanvasElement, facts: Readonly<Record<string, string | number>>): void {
  for (const [name, fact] of Object.entries(facts)) canvas.dataset[name] = String(fact);
}

/** The paints of the lanes that are shown. */
function showLegend({ recorded, palettes }: PageData): void {
  const used = new Set(recorded.lanes.flatMap(({ index }) => palettes[index]!));
  const entries = PAINTS.filter((paint) => used.has(paint)).map((paint) => legendEntry(paint));
  byId('legend').replaceChildren(...entries);
}

/** What is selected, in words under the timeline. */
function showDetails(selection: Selection): void {
  const { chosen, row } = selection;
  const tip = chosen && selection.tipOf(chosen);
  const fields = tip === undefined ? [] : fieldList({ [chosen!.kind]: tip.title, ...tip.fields });
  byId('details').replaceChildren(...fields);
  byId('flow').textContent = selection.flowInWords();
  byId('row').textContent = row.label;
}

function rowUnder(rows: readonly Row[], y: number): Row | undefined {
  return rows.find(({ top, height }) => y >= top && y < top + height);
}

function isSame(a: Chosen | undefined, b: Chosen | undefined): boolean {
  return a?.row === b?.row && a?.from === b?.from && a?.to === b?.to;
}

function cycleAt(canvas: HTMLCanvasElement, { view: { from, to } }: ViewState, x: number): number {
  return from + ((x - GUTTER) / (canvas.clientWidth - GUTTER)) * (to - from);
}

interface PointerActions {
  /** The pointer was clicked. */
  readonly choose: (event: PointerEvent) => void;
  /** It moved with no button pressed, or left. */
  readonly hover: (event: PointerEvent) => void;
}

function listenToPointer(canvas: HTMLCanvasElement, state: ViewState, { choose, hover }: PointerActions): void {
  const width = (): number => canvas.clientWidth - GUTTER;
  let pressed: { x: number; from: number; moved: boolean } | undefined;
  canvas.addEventListener('pointerdown', (event) => {
    canvas.setPointerCapture(event.pointerId);
    pressed = { x: event.offsetX, from: state.view.from, moved: false };
  });
  canvas.addEventListener('pointermove', (event) => {
    if (pressed === undefined) {
      hover(event);
      return;
    }
    const distance = event.offsetX - pressed.x;
    if (Math.abs(distance) >= CLICK_PIXELS) pressed.moved = true;
    const { from, to } = state.view;
    if (pressed.moved)
      state.show(viewWithin(pressed.from - (distance / width()) * (to - from), to - from, state.cycles));
  });
  canvas.addEventListener('pointerup', (event) => {
    if (pressed?.moved === false) choose(event);
    pressed = undefined;
  });
  canvas.addEventListener('pointerleave', hover);
  canvas.addEventListener(
    'wheel',
    (event) => {
      event.preventDefault();
      if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
        state.show(panned(state.view, event.deltaX / width(), state.cycles));
      } else {
        const cycle = cycleAt(canvas, state, event.offsetX);
        state.show(zoomed(state.view, cycle, WHEEL_BASE ** event.deltaY, state.cycles));
      }
    },
    { passive: false },
  );
}

/** What the keys do; `changed` is called after the selection has changed. */
function keysOf(
  state: ViewState,
  selection: Selection,
  changed: () => void,
): Readonly<Partial<Record<string, () => void>>> {
  const zoomKey = (factor: number): void => {
    const { from, to } = state.view;
    const { chosen } = selection;
    const middle = chosen === undefined ? (from + to) / 2 : (chosen.from + chosen.to) / 2;
    state.show(zoomed(state.view, Math.min(Math.max(middle, from), to), factor, state.cycles));
  };
  const select = (act: () => void): void => {
    act();
    changed();
  };
  const span = (): number => state.view.to - state.view.from;
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
      if (selection.chosen !== undefined) state.showRange(selection.chosen.from, selection.chosen.to);
    },
    n: () => select(() => selection.step(1, state.view)),
    p: () => select(() => selection.step(-1, state.view)),
    f: () => select(() => selection.follow()),
    Escape: () => select(() => selection.choose(undefined)),
  };
}
