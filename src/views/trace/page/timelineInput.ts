/** The timeline: its rows in a frame in which they scroll, what is chosen in it, pointer and keys. */
import { PAINTS, type Paint } from '../palette.ts';
import type { Beside } from './beside.ts';
import { fillCard, placeCard } from './card.ts';
import { byId, legendEntry, redrawing } from './elements.ts';
import { gutterOf } from './gutter.ts';
import { toggled } from './laneChoices.ts';
import { mainRange } from './layerTimes.ts';
import type { PageState } from './pageState.ts';
import { type Layout, layoutOf, type Row } from './rows.ts';
import { onRuler, type RulerRun } from './rulerRun.ts';
import { type Chosen, chosenOnRuler, type LayerPlace, Selection } from './selection.ts';
import { TimelineDrawing, topOf } from './timeline.ts';
import { timelineKeys } from './timelineKeys.ts';
import { listenToPointer } from './timelinePointer.ts';
import { hideTip, showTip } from './tip.ts';
import { viewWithin } from './view.ts';

export interface Timeline {
  /** Shows a layer, and brings the timeline into the window. */
  showLayer(layer: LayerPlace): void;
  redraw(): void;
}

/** Sets the timeline up: the rows of one run, or of two under one ruler. */
export function startTimeline(runs: readonly RulerRun[], state: PageState, beside: Beside | undefined): Timeline {
  return new TimelineView(runs, state, beside);
}

class TimelineView implements Timeline {
  readonly redraw: () => void;
  readonly selection: Selection;
  private readonly runs: readonly RulerRun[];
  private readonly state: PageState;
  private readonly beside: Beside | undefined;
  private readonly canvas = byId<HTMLCanvasElement>('timeline');
  private readonly frame = byId('lanes');
  private readonly drawing: TimelineDrawing;
  private layout: Layout;
  private hovered: Chosen | undefined;
  /** Where the rows were when the canvas last told about them. */
  private toldAt = '';

  constructor(runs: readonly RulerRun[], state: PageState, beside: Beside | undefined) {
    this.runs = runs;
    this.state = state;
    this.beside = beside;
    this.drawing = new TimelineDrawing(this.canvas, runs);
    this.layout = this.laidOut();
    const [{ data }] = runs as [RulerRun];
    this.selection = new Selection(this.layout.rows, data.recorded.ranges[0] ?? { from: 0, to: data.cycles });
    this.redraw = redrawing(this.canvas, () => this.draw());
    this.fit();
    showLegend(runs);
    const { view, range, marks, isPathShown, aligned } = state;
    for (const each of [view, range, marks, isPathShown, aligned]) each.listen(this.redraw);
    state.lanes.listen(() => this.layOut());
    this.frame.addEventListener('scroll', this.redraw);
    addEventListener('scroll', () => this.placeCard(), { passive: true });
    new ResizeObserver(() => this.fit()).observe(this.frame);
    this.listen();
    this.redraw();
  }

  showLayer(layer: LayerPlace): void {
    const { run, place } = layer;
    const { from, to } = onRuler(run, mainRange(run.data.head.layers[place]!));
    this.selection.showLayer(layer);
    this.state.view.showRange(from, to);
    this.bringIntoWindow();
    this.rowIntoView(this.selection.row);
    this.show();
  }

  private laidOut(): Layout {
    return layoutOf(this.runs, this.state.lanes.value);
  }

  private layOut(): void {
    this.layout = this.laidOut();
    this.selection.setRows(this.layout.rows);
    this.fit();
    this.show();
  }

  /** As high as its rows are, or as the frame may be: the canvas stays in it while the rows scroll. */
  private fit(): void {
    const { frame, canvas, layout } = this;
    byId('lanes-height').style.height = `${layout.height}px`;
    canvas.style.height = `${Math.min(layout.height, frame.clientHeight)}px`;
  }

  private draw(): void {
    const { state, selection, layout, canvas } = this;
    const { view } = state.view;
    const { row, chosen } = selection;
    const flow = selection.flowOf(this.hovered) ?? selection.flowOf(chosen);
    const measured = { range: state.range.value, marks: state.marks.value };
    const isPathShown = state.isPathShown.value;
    this.drawing.draw({ view, layout, scrolled: this.frame.scrollTop, row, chosen, flow, measured, isPathShown });
    this.placeCard();
    this.tellRows();
    tell(canvas, {
      from: view.from,
      to: view.to,
      row: row.label,
      arrows: flow === undefined ? 0 : flow.loads.length + flow.stores.length,
      drawn: Number(canvas.dataset['drawn'] ?? 0) + 1,
    });
  }

  private tellRows(): void {
    const { layout, frame, canvas } = this;
    const middles = layout.rows.map((row) => [row.label, topOf(row, frame.scrollTop) + row.height / 2]);
    const rows = JSON.stringify(middles);
    if (rows === this.toldAt) return;
    this.toldAt = rows;
    tell(canvas, { gutter: gutterOf(canvas).width, rows, pinned: layout.pinnedBottom });
  }

  /** Shows what is chosen. */
  private show(): void {
    fillCard(this.selection, this.beside);
    this.redraw();
  }

  private placeCard(): void {
    const { chosen } = this.selection;
    if (chosen === undefined) return;
    const { left, top } = this.canvas.getBoundingClientRect();
    const rowTop = Math.max(topOf(chosen.row, this.frame.scrollTop), 0);
    const x = Math.max(this.xOf(chosenOnRuler(chosen).from), gutterOf(this.canvas).width);
    // Never over what is pinned: it is looked at beside the rest.
    const bottom = Math.max(rowTop + chosen.row.height, chosen.row.isPinned ? this.layout.pinnedBottom : 0);
    placeCard({ left: left + x, top: top + rowTop, bottom: top + bottom });
  }

  private xOf(cycle: number): number {
    const { width } = gutterOf(this.canvas);
    const { from, to } = this.state.view.view;
    return width + ((cycle - from) / (to - from)) * (this.canvas.clientWidth - width);
  }

  private cycleAt({ offsetX }: MouseEvent): number {
    const { width } = gutterOf(this.canvas);
    const { from, to } = this.state.view.view;
    return from + ((offsetX - width) / (this.canvas.clientWidth - width)) * (to - from);
  }

  private rowAt({ offsetY }: MouseEvent): Row | undefined {
    const { layout, frame } = this;
    return layout.rows.find((row) => {
      const top = topOf(row, frame.scrollTop);
      if (!row.isPinned && offsetY < layout.pinnedBottom) return false;
      return offsetY >= top && offsetY < top + row.height;
    });
  }

  private at(event: MouseEvent): Chosen | undefined {
    const row = this.rowAt(event);
    if (row === undefined || event.offsetX < gutterOf(this.canvas).width) return undefined;
    return this.selection.at(row, this.cycleAt(event));
  }

  private bringIntoWindow(): void {
    const section = this.canvas.closest('section')!;
    const { top } = section.getBoundingClientRect();
    const { bottom } = this.frame.getBoundingClientRect();
    if (top < 0 || bottom > innerHeight) section.scrollIntoView({ block: 'start' });
  }

  /** Scrolls the rows so that one can be seen. */
  private rowIntoView(row: Row): void {
    if (row.isPinned) return;
    const { frame, layout } = this;
    const top = topOf(row, frame.scrollTop);
    if (top < layout.pinnedBottom) frame.scrollTop -= layout.pinnedBottom - top;
    else if (top + row.height > frame.clientHeight) frame.scrollTop += top + row.height - frame.clientHeight + 4;
  }

  /** Moves the view, as wide as it is, so that what is chosen is in it. */
  private chosenIntoView(): void {
    const { chosen } = this.selection;
    const { view } = this.state;
    const { from, to } = view.view;
    if (chosen === undefined) return;
    const wanted = chosenOnRuler(chosen);
    if (wanted.from >= from && wanted.to <= to) return;
    const span = Math.max(to - from, wanted.to - wanted.from);
    view.show(viewWithin((wanted.from + wanted.to - span) / 2, span, view.cycles));
  }

  private listen(): void {
    const { canvas, state, selection } = this;
    listenToPointer(canvas, state, {
      cycleAt: (event) => this.cycleAt(event),
      choose: (event) => {
        selection.row = this.rowAt(event) ?? selection.row;
        selection.choose(this.at(event));
        hideTip();
        this.show();
      },
      fold: (event) => {
        const row = this.rowAt(event);
        if (row?.fold === undefined) return false;
        state.lanes.set(toggled(state.lanes.value, 'folded', row.component));
        return true;
      },
      hover: (event) => {
        const at = event.type === 'pointerleave' ? undefined : this.at(event);
        // What is chosen has its card already.
        showTip(at && !isSame(at, selection.chosen) ? selection.tipOf(at) : undefined, event.clientX, event.clientY);
        if (isSame(at, this.hovered)) return;
        this.hovered = at;
        this.redraw();
      },
      scroll: (pixels) => this.frame.scrollBy(0, pixels),
    });
    const changed = (): void => {
      this.show();
      this.chosenIntoView();
      this.rowIntoView(selection.row);
    };
    const keys = timelineKeys(state, selection, { changed, align: this.beside?.align });
    canvas.addEventListener('keydown', (event) => {
      const action = event.ctrlKey || event.metaKey || event.altKey ? undefined : keys[event.key];
      if (action === undefined) return;
      event.preventDefault();
      // Who uses keys does not point: the pointer may lie anywhere.
      this.hovered = undefined;
      hideTip();
      action();
      this.redraw();
    });
  }
}

/** Leaves on the canvas, which has no elements inside, what scripts may want to know of it. */
function tell(canvas: HTMLCanvasElement, facts: Readonly<Record<string, string | number>>): void {
  for (const [name, fact] of Object.entries(facts)) canvas.dataset[name] = String(fact);
}

/** The paints of the lanes that are shown. */
function showLegend(runs: readonly RulerRun[]): void {
  const paintsOf = ({ data: { recorded, palettes } }: RulerRun): Paint[] =>
    recorded.lanes.flatMap(({ index }) => palettes[index]!);
  const used = new Set(runs.flatMap(paintsOf));
  const entries = PAINTS.filter((paint) => used.has(paint)).map((paint) => legendEntry(paint));
  byId('legend').replaceChildren(...entries);
}

function isSame(a: Chosen | undefined, b: Chosen | undefined): boolean {
  return a?.row === b?.row && a?.from === b?.from && a?.to === b?.to;
}
