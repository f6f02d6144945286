/** Pointer and keys on the overview. For assistive technology it is a slider whose values are the layers. */
import type { PageLayer } from '../pageData.ts';
import type { PageData } from './data.ts';
import { byId, redrawing } from './elements.ts';
import { layerInWords, layerTip } from './layerParts.ts';
import { layerAt, mainRange } from './layerTimes.ts';
import { drawOverview, showShares } from './overview.ts';
import { hideTip, showTip } from './tip.ts';
import { panned, type ViewState, viewWithin } from './view.ts';

const PAN_SHARE = 0.15;

/** Sets the overview up; `show` is called with the place of the layer that the user picks. */
export function startOverview(data: PageData, state: ViewState, show: (place: number) => void): void {
  const canvas = byId<HTMLCanvasElement>('overview');
  const overview = new Overview(canvas, data, state);
  canvas.setAttribute('aria-valuemax', String(data.head.layers.length));
  showShares(data);
  listenToPointer(canvas, overview, show);
  listenToKeys(canvas, overview, state, show);
  canvas.addEventListener('focus', () => overview.focus());
  canvas.addEventListener('blur', () => overview.blur());
}

class Overview {
  /** The current layer, by its place. */
  layer = 0;
  readonly layers: readonly PageLayer[];
  private readonly canvas: HTMLCanvasElement;
  private readonly data: PageData;
  private readonly state: ViewState;
  private readonly redraw: () => void;

  constructor(canvas: HTMLCanvasElement, data: PageData, state: ViewState) {
    this.canvas = canvas;
    this.data = data;
    this.state = state;
    this.layers = data.head.layers;
    this.redraw = redrawing(canvas, () =>
      drawOverview(canvas, data, { view: state.view, layer: this.hasRing() ? this.layer : undefined }),
    );
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

  layerAt(cycle: number): number {
    return layerAt(this.data.added, cycle);
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

function middleOf(layer: PageLayer): number {
  const { from, to } = mainRange(layer);
  return (from + to) / 2;
}

function listenToPointer(canvas: HTMLCanvasElement, overview: Overview, show: (place: number) => void): void {
  canvas.addEventListener('pointerdown', (event) => {
    canvas.setPointerCapture(event.pointerId);
    overview.setLayer(overview.layerAt(overview.cycleAt(event)));
    overview.moveTo(overview.cycleAt(event));
  });
  canvas.addEventListener('pointermove', (event) => {
    const cycle = overview.cycleAt(event);
    if (event.buttons === 1) overview.moveTo(cycle);
    showTip(layerTip(overview.layers[overview.layerAt(cycle)]!), event.clientX, event.clientY);
  });
  canvas.addEventListener('pointerleave', hideTip);
  canvas.addEventListener('dblclick', (event) => show(overview.layerAt(overview.cycleAt(event))));
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
