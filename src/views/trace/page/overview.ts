/** Draws the bar of the whole network: what each layer adds, what its unit does, and which part the timeline shows. */
import { PAINTS, type Paint } from '../palette.ts';
import type { PageData } from './data.ts';
import { byId, element, legendEntry, prepared } from './elements.ts';
import { isCompute, partName, partsOf, workInWords } from './layerParts.ts';
import { addedRange, unitCycles } from './layerTimes.ts';
import { percent } from './numbers.ts';
import { scheme } from './scheme.ts';
import type { View } from './view.ts';

const STRIP = 14;
const GAP = 3;
const PADDING = 4;
/** Layers of at least this many pixels are set apart. */
const PIXELS_WITH_GAP = 5;
/** The line under what was recorded. */
const RECORDED_HEIGHT = 2;

export interface OverviewMarks {
  /** What the timeline shows. */
  readonly view: View;
  /** The current layer, while the overview has the focus. */
  readonly layer: number | undefined;
}

/** Draws the overview. */
export function drawOverview(canvas: HTMLCanvasElement, data: PageData, { view, layer }: OverviewMarks): void {
  const { head, cycles, recorded } = data;
  const { context, scale } = prepared(canvas);
  const { page, paints } = scheme();
  const colourOf = (paint: Paint): string => paints[PAINTS.indexOf(paint)]!;
  context.save();
  context.scale(scale, scale);
  const { clientWidth: width, clientHeight: height } = canvas;
  context.fillStyle = page.panel;
  context.fillRect(0, 0, width, height);
  const x = (cycle: number): number => (cycle / cycles) * width;
  const top = PADDING + STRIP + GAP;
  const bottom = height - PADDING - GAP;
  // A group is drawn once, by what its SA side does.
  for (const each of head.layers.filter(({ isSecondSide }) => !isSecondSide)) {
    const { from, to } = addedRange(each);
    const [left, right] = [x(from), x(to)];
    const wide = right - left - (right - left >= PIXELS_WITH_GAP ? 1 : 0);
    context.fillStyle = colourOf(each.layer.unit === 'SA' ? 'sa' : 'simd');
    context.fillRect(left, PADDING, wide, STRIP);
    let base = bottom;
    for (const [paint, part] of partsOf(each)) {
      const share = (part / unitCycles(each)) * (bottom - top);
      context.fillStyle = colourOf(paint);
      context.fillRect(left, base - share, wide, share);
      base -= share;
    }
  }
  if (!recorded.isAll) {
    context.fillStyle = page.text;
    for (const { from, to } of recorded.ranges)
      context.fillRect(x(from), height - RECORDED_HEIGHT - 1, Math.max(x(to) - x(from), 2), RECORDED_HEIGHT);
  }
  context.fillStyle = page.background;
  context.globalAlpha = 0.6;
  context.fillRect(0, 0, x(view.from), height);
  context.fillRect(x(view.to), 0, width - x(view.to), height);
  context.globalAlpha = 1;
  context.strokeStyle = page.text;
  context.lineWidth = 1.5;
  context.strokeRect(x(view.from) + 0.75, 0.75, Math.max(x(view.to) - x(view.from) - 1.5, 2), height - 1.5);
  if (layer !== undefined) {
    const { from, to } = addedRange(head.layers[layer]!);
    context.strokeStyle = page.focus;
    context.lineWidth = 2.5;
    context.strokeRect(x(from), PADDING - 1, Math.max(x(to - from), 2), height - 2 * PADDING + 1);
  }
  context.restore();
}

/** The shares of the network's cycles as text, a line per unit; its swatches are the colours of the bar. */
export function showShares({ head, cycles }: PageData): void {
  const lines = (['SA', 'SIMD'] as const).flatMap((unit) => {
    const sums = new Map<Paint, number>();
    for (const each of head.layers.filter(({ layer }) => layer.unit === unit)) {
      for (const [paint, part] of partsOf(each)) sums.set(paint, (sums.get(paint) ?? 0) + part);
    }
    const all = [...sums].sort(([a], [b]) => placeOf(a) - placeOf(b));
    if (all.length === 0) return [];
    const total = (parts: readonly [Paint, number][]): string =>
      percent(parts.reduce((sum, [, part]) => sum + part, 0) / cycles);
    const compute = all.filter(([paint]) => isCompute(paint));
    const stall = all.filter(([paint]) => !isCompute(paint));
    const entry = ([paint, part]: [Paint, number]): HTMLLIElement =>
      legendEntry(
        paint,
        `${paint === 'sa' || paint === 'simd' ? 'computes' : partName(paint)} ${percent(part / cycles)}`,
      );
    const name = unit === 'SA' ? 'Systolic array' : 'SIMD array';
    const line = element('ul', '', element('li', `${name} ${total(all)}:`), ...compute.map(entry));
    if (stall.length > 0) line.append(element('li', `stalls ${total(stall)}:`), ...stall.map(entry));
    line.className = 'legend';
    line.dataset['unit'] = unit;
    return [line];
  });
  byId('shares').replaceChildren(...lines);
  byId('work').textContent = workInWords(
    head.total,
    head.layers.reduce((sum, { dramBits }) => sum + dramBits, 0),
  );
}

/** Compute comes first, then fill, then the causes as the palette has them. */
function placeOf(paint: Paint): number {
  return paint === 'simd' ? -1 : PAINTS.indexOf(paint);
}
