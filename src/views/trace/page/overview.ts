/** Draws the bar of the whole network: what each layer adds, what its unit does, and which part the timeline shows. */
import type { LayerFigures } from '../pageData.ts';
import { PAINTS, type Paint } from '../palette.ts';
import type { Compared } from './compared.ts';
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

/** A run in the overview. */
export interface OverviewRun {
  readonly layers: readonly LayerFigures[];
  /** What of it was recorded, where that is not all. */
  readonly recorded: readonly View[];
  /** By how much its cycles are shifted in the timeline; here they are not. */
  readonly shift: number;
}

/** Draws the overview of so many cycles: a bar per run, one below the other. */
export function drawOverview(
  canvas: HTMLCanvasElement,
  runs: readonly OverviewRun[],
  cycles: number,
  { view, layer }: OverviewMarks,
): void {
  const { context, scale } = prepared(canvas);
  const { page } = scheme();
  context.save();
  context.scale(scale, scale);
  const { clientWidth: width, clientHeight } = canvas;
  const height = clientHeight / runs.length;
  const x = (cycle: number): number => (cycle / cycles) * width;
  context.fillStyle = page.panel;
  context.fillRect(0, 0, width, clientHeight);
  for (const [place, { layers, recorded, shift }] of runs.entries()) {
    context.save();
    context.translate(0, place * height);
    drawBar(context, layers, x, height);
    context.fillStyle = page.text;
    for (const { from, to } of recorded)
      context.fillRect(x(from), height - RECORDED_HEIGHT - 1, Math.max(x(to) - x(from), 2), RECORDED_HEIGHT);
    markView(context, { from: x(view.from - shift), to: x(view.to - shift) }, width, height);
    if (layer !== undefined && place === 0) {
      const { from, to } = addedRange(layers[layer]!);
      context.strokeStyle = page.focus;
      context.lineWidth = 2.5;
      context.strokeRect(x(from), PADDING - 1, Math.max(x(to - from), 2), height - 2 * PADDING + 1);
    }
    context.restore();
  }
  context.restore();
}

/** Draws the layers of a run: which unit's they are, and below that what it does. */
function drawBar(
  context: CanvasRenderingContext2D,
  layers: readonly LayerFigures[],
  x: (cycle: number) => number,
  height: number,
): void {
  const { paints } = scheme();
  const colourOf = (paint: Paint): string => paints[PAINTS.indexOf(paint)]!;
  const top = PADDING + STRIP + GAP;
  const bottom = height - PADDING - GAP;
  // A group is drawn once, by what its SA side does.
  for (const each of layers.filter(({ isSecondSide }) => !isSecondSide)) {
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
}

/** Frames what the timeline shows and fades the rest. */
function markView(context: CanvasRenderingContext2D, { from, to }: View, width: number, height: number): void {
  const { page } = scheme();
  context.fillStyle = page.background;
  context.globalAlpha = 0.6;
  context.fillRect(0, 0, from, height);
  context.fillRect(to, 0, width - to, height);
  context.globalAlpha = 1;
  context.strokeStyle = page.text;
  context.lineWidth = 1.5;
  context.strokeRect(from + 0.75, 0.75, Math.max(to - from - 1.5, 2), height - 1.5);
}

/** The shares of a run's cycles as text, a line per unit; its swatches are the colours of the bar. */
function sharesOf(layers: readonly LayerFigures[], cycles: number, run: string): HTMLElement[] {
  return (['SA', 'SIMD'] as const).flatMap((unit) => {
    const sums = new Map<Paint, number>();
    for (const each of layers.filter(({ layer }) => layer.unit === unit)) {
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
    const name = `${unit === 'SA' ? 'Systolic array' : 'SIMD array'}${run === '' ? '' : `, ${run}`}`;
    const line = element('ul', '', element('li', `${name} ${total(all)}:`), ...compute.map(entry));
    if (stall.length > 0) line.append(element('li', `stalls ${total(stall)}:`), ...stall.map(entry));
    line.className = 'legend';
    line.dataset['unit'] = unit;
    return [line];
  });
}

/** Shows the shares of the run's cycles, and of a second run's, and what of its work is useful. */
export function showShares(data: PageData, compared: Compared | undefined): void {
  const [a, b] = compared === undefined ? ['', ''] : ['A', 'B'];
  byId('shares').replaceChildren(
    ...sharesOf(data.head.layers, data.cycles, a!),
    ...(compared === undefined ? [] : sharesOf(compared.layers, compared.cycles, b!)),
  );
  const second = compared?.data;
  byId('work').replaceChildren(workOf(data, a!), ...(second === undefined ? [] : [element('br'), workOf(second, b!)]));
}

/** What of a run's work is useful, with the run's name if it is one of two. */
function workOf({ head }: PageData, run: string): string {
  const bits = head.layers.reduce((sum, { dramBits }) => sum + dramBits, 0);
  return `${run === '' ? '' : `${run}: `}${workInWords(head.total, bits)}`;
}

/** Compute comes first, then fill, then the causes as the palette has them. */
function placeOf(paint: Paint): number {
  return paint === 'simd' ? -1 : PAINTS.indexOf(paint);
}
