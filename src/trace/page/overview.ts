/** The bar of the whole network: layers, what their units do, and which part the timeline shows. */
import { PAINTS, type Paint } from '../palette.ts';
import type { PageData } from './data.ts';
import { byId, legendEntry, percent, prepared, redrawing } from './elements.ts';
import { partsOf } from './layerParts.ts';
import { scheme } from './scheme.ts';
import { type ViewState, viewWithin } from './view.ts';

const STRIP = 14;
const GAP = 3;
const PADDING = 4;

/** Sets the overview up. */
export function startOverview(data: PageData, state: ViewState): void {
  const canvas = byId<HTMLCanvasElement>('overview');
  const redraw = redrawing(canvas, () => draw(canvas, data, state));
  state.listen(redraw);
  redraw();
  showShares(data);
  const moveTo = ({ offsetX }: PointerEvent): void => {
    const { from, to } = state.view;
    const cycle = (offsetX / canvas.clientWidth) * state.cycles;
    state.show(viewWithin(cycle - (to - from) / 2, to - from, state.cycles));
  };
  canvas.addEventListener('pointerdown', (event) => {
    canvas.setPointerCapture(event.pointerId);
    moveTo(event);
  });
  canvas.addEventListener('pointermove', (event) => {
    if (event.buttons === 1) moveTo(event);
  });
  canvas.addEventListener('dblclick', () => state.show({ from: 0, to: state.cycles }));
}

function draw(canvas: HTMLCanvasElement, { head }: PageData, state: ViewState): void {
  const { context, scale } = prepared(canvas);
  const colourOf = (paint: Paint): string => scheme().paints[PAINTS.indexOf(paint)]!;
  context.save();
  context.scale(scale, scale);
  const { clientWidth: width, clientHeight: height } = canvas;
  context.fillStyle = scheme().page.panel;
  context.fillRect(0, 0, width, height);
  const x = (cycle: number): number => (cycle / state.cycles) * width;
  const top = PADDING + STRIP + GAP;
  const bottom = height - PADDING;
  head.layers.forEach((each, index) => {
    const left = x(each.start);
    const right = x(each.start + each.totalCycles);
    context.globalAlpha = index % 2 === 0 ? 1 : 0.6;
    context.fillStyle = colourOf(each.layer.unit === 'SA' ? 'sa' : 'simd');
    context.fillRect(left, PADDING, right - left, STRIP);
    context.globalAlpha = 1;
    let base = bottom;
    for (const [paint, cycles] of partsOf(each)) {
      const part = (cycles / each.totalCycles) * (bottom - top);
      context.fillStyle = colourOf(paint);
      context.fillRect(left, base - part, right - left, part);
      base -= part;
    }
  });
  const { from, to } = state.view;
  context.fillStyle = scheme().page.background;
  context.globalAlpha = 0.72;
  context.fillRect(0, 0, x(from), height);
  context.fillRect(x(to), 0, width - x(to), height);
  context.globalAlpha = 1;
  context.strokeStyle = scheme().page.text;
  context.lineWidth = 1.5;
  context.strokeRect(x(from) + 0.75, 0.75, Math.max(x(to) - x(from) - 1.5, 2), height - 1.5);
  context.restore();
}

/** The shares of the network's cycles, as text. */
function showShares({ head, cycles }: PageData): void {
  const sum = (unit: 'SA' | 'SIMD', pick: (layer: PageData['head']['layers'][number]) => number): number =>
    head.layers.filter(({ layer }) => layer.unit === unit).reduce((total, each) => total + pick(each), 0);
  const entries = (['SA', 'SIMD'] as const).flatMap((unit) => {
    const compute = sum(unit, (each) => each.computeCycles);
    const stall = sum(unit, (each) => each.totalCycles - each.computeCycles);
    const name = unit === 'SA' ? 'systolic array' : 'SIMD array';
    return [
      legendEntry(unit === 'SA' ? 'sa' : 'simd', `${name} computes ${percent(compute / cycles)}`),
      legendEntry('barrier', `${name} stalls ${percent(stall / cycles)}`),
    ];
  });
  byId('shares').replaceChildren(...entries);
}
