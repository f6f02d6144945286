/** Pointer and keys on the overview. For assistive technology it is a slider whose values are the layers. */
import type { LayerFigures } from '../pageData.ts';
import type { Compared } from './compared.ts';
import type { PageData } from './data.ts';
import { byId, redrawing } from './elements.ts';
import { layerInWords, layerTip } from './layerParts.ts';
import { layerAt, mainRange } from './layerTimes.ts';
import { drawOverview, type OverviewRun, showShares } from './overview.ts';
import type { PageState } from './pageState.ts';
import { type ListedLayer, listedPlace } from './pairs.ts';
import type { RulerRun } from './rulerRun.ts';
import { hideTip, showTip } from './tip.ts';
import { panned, type View, type ViewState, viewWithin } from './view.ts';

const PAN_SHARE = 0.15;

/** What the overview shows. */
export interface OverviewParts {
  readonly data: PageData;
  /** A second run, which has a bar of its own below. */
  readonly compared: Compared | undefined;
  /** That run on the timeline's ruler, where it is there. */
  readonly second: RulerRun | undefined;
  /** All layers of both, as `show` knows them by their places: the first run's come first. */
  readonly listed: readonly ListedLayer[];
}

/** Sets the overview up; `show` is called with the place of the layer that the user picks. */
export function startOverview(parts: OverviewParts, state: PageState, show: (place: number) => void): void {
  const canvas = byId<HTMLCanvasElement>('overview');
  canvas.classList.toggle('two', parts.compared !== undefined);
  const overview = new Overview(canvas, parts, state.view);
  canvas.setAttribute('aria-valuemax', String(parts.data.head.layers.length));
  showShares(parts.data, parts.compared);
  state.aligned.listen(() => overview.redraw());
  listenToPointer(canvas, overview, show);
  listenToKeys(canvas, overview, state.view, show);
  canvas.addEventListener('focus', () => overview.focus());
  canvas.addEventListener('blur', () => overview.blur());
}

class Overview {
  /** The current layer, by its place. */
  layer = 0;
  readonly layers: readonly LayerFigures[];
  readonly redraw: () => void;
  private readonly canvas: HTMLCanvasElement;
  private readonly parts: OverviewParts;
  private readonly state: ViewState;

  constructor(canvas: HTMLCanvasElement, parts: OverviewParts, state: ViewState) {
    this.canvas = canvas;
    this.parts = parts;
    this.state = state;
    this.layers = parts.data.head.layers;
    this.redraw = redrawing(canvas, () => {
      const layer = this.hasRing() ? this.layer : undefined;
      drawOverview(canvas, this.runs(), state.cycles, { view: state.view, layer });
    });
    this.setLayer(0);
    state.listen(this.redraw);
    this.redraw();
  }

  setLayer(place: number): void {
    this.layer = Math.min(Math.max(place, 0), this.layers.length - 1);
    this.canvas.setAttribute('aria-valuenow', String(this.layer + 1));
    this.canvas.setAttribute('aria-valuetext', layerInWords(this.layers[this.layer]!));
  }

  /** Makes a layer the current one, and moves the view, as wide as it is, to it if it is not in view. */
  goTo(place: number): void {
    this.setLayer(place);
    if (!this.isInView()) {
      this.moveTo(middleOf(this.layers[this.layer]!));
    }
    this.redraw();
    this.showTip();
  }

  /** Moves the view, as wide as it is, so that a cycle is in its middle. */
  moveTo(cycle: number): void {
    const { from, to } = this.state.view;
    this.state.show(viewWithin(cycle - (to - from) / 2, to - from, this.state.cycles));
  }

  /** Who comes by key goes on with what is in view. */
  focus(): void {
    if (!this.isInView()) this.setLayer(this.layerAt(this.state.view.from));
    if (this.hasRing()) this.showTip();
    this.redraw();
  }

  blur(): void {
    hideTip();
    this.redraw();
  }

  cycleAt({ offsetX }: MouseEvent): number {
    return (offsetX / this.canvas.clientWidth) * this.state.cycles;
  }

  /** The layer that is pointed at, in either run's bar. */
  figuresAt(event: MouseEvent): LayerFigures {
    const cycle = this.cycleAt(event);
    const { compared } = this.parts;
    if (compared !== undefined && this.isInSecond(event)) {
      return compared.layers[layerAt(compared.added, cycle)]!;
    }
    return this.layers[this.layerAt(cycle)]!;
  }

  /** The listed layer that is pointed at, in either run's bar. */
  listedAt(event: MouseEvent): number {
    const cycle = this.cycleAt(event);
    const { compared, listed } = this.parts;
    if (compared === undefined || !this.isInSecond(event)) return this.layerAt(cycle);
    return listedPlace(layerAt(compared.added, cycle), listed)!;
  }

  /** Where what is pointed at is on the timeline's ruler. */
  rulerCycleAt(event: MouseEvent): number {
    return this.cycleAt(event) + (this.isInSecond(event) ? (this.parts.second?.shift ?? 0) : 0);
  }

  private isInSecond({ offsetY }: MouseEvent): boolean {
    return this.parts.compared !== undefined && offsetY > this.canvas.clientHeight / 2;
  }

  private runs(): OverviewRun[] {
    const { data, compared, second } = this.parts;
    const recordedOf = ({ recorded }: PageData): readonly View[] => (recorded.isAll ? [] : recorded.ranges);
    const first = { layers: data.head.layers, recorded: recordedOf(data), shift: 0 };
    if (compared === undefined) return [first];
    const recorded = compared.data === undefined ? [] : recordedOf(compared.data);
    return [first, { layers: compared.layers, recorded, shift: second?.shift ?? 0 }];
  }

  layerAt(cycle: number): number {
    return layerAt(this.parts.data.added, cycle);
  }

  private hasRing(): boolean {
    return this.canvas.matches(':focus-visible');
  }

  private isInView(): boolean {
    const own = mainRange(this.layers[this.layer]!);
    const { from, to } = this.state.view;
    return own.to > from && own.from < to;
  }

  private showTip(): void {
    const layer = this.layers[this.layer]!;
    const { left, width, bottom } = this.canvas.getBoundingClientRect();
    showTip(layerTip(layer), left + (middleOf(layer) / this.state.cycles) * width, bottom);
  }
}

function middleOf(layer: LayerFigures): number {
  const { from, to } = mainRange(layer);
  return (from + to) / 2;
}

function listenToPointer(canvas: HTMLCanvasElement, overview: Overview, show: (place: number) => void): void {
  canvas.addEventListener('pointerdown', (event) => {
    canvas.setPointerCapture(event.pointerId);
    const place = overview.listedAt(event);
    // Keys go through the layers of the first run.
    if (place < overview.layers.length) overview.setLayer(place);
    overview.moveTo(overview.rulerCycleAt(event));
  });
  canvas.addEventListener('pointermove', (event) => {
    if (event.buttons === 1) overview.moveTo(overview.rulerCycleAt(event));
    showTip(layerTip(overview.figuresAt(event)), event.clientX, event.clientY);
  });
  canvas.addEventListener('pointerleave', hideTip);
  canvas.addEventListener('dblclick', (event) => show(overview.listedAt(event)));
}

function listenToKeys(
  canvas: HTMLCanvasElement,
  overview: Overview,
  state: ViewState,
  show: (place: number) => void,
): void {
  const pan = (by: number): void => state.show(panned(state.view, by, state.cycles));
  const keys: Readonly<Partial<Record<string, () => void>>> = {
    ArrowLeft: () => overview.goTo(overview.layer - 1),
    ArrowDown: () => overview.goTo(overview.layer - 1),
    ArrowRight: () => overview.goTo(overview.layer + 1),
    ArrowUp: () => overview.goTo(overview.layer + 1),
    Home: () => overview.goTo(0),
    End: () => overview.goTo(overview.layers.length - 1),
    Enter: () => show(overview.layer),
    '0': () => state.show({ from: 0, to: state.cycles }),
    'Shift+ArrowLeft': () => pan(-PAN_SHARE),
    'Shift+ArrowRight': () => pan(PAN_SHARE),
  };
  canvas.addEventListener('keydown', (event) => {
    const { key, shiftKey, ctrlKey, metaKey, altKey } = event;
    const action = ctrlKey || metaKey || altKey ? undefined : keys[shiftKey ? `Shift+${key}` : key];
    if (action === undefined) return;
    event.preventDefault();
    action();
  });
}
