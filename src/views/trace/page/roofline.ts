/** Operations per cycle over operations per byte of off-chip traffic, a mark per layer, under two roofs. */
import { sumOf } from '../../../model/layers/result.ts';
import type { PageLayer } from '../pageData.ts';
import type { PageData } from './data.ts';
import { byId } from './elements.ts';
import { unitCycles } from './layerTimes.ts';
import { inText } from './numbers.ts';
import { roving } from './roving.ts';
import { paintVariable } from './scheme.ts';
import { tipOn } from './tip.ts';

const WIDTH = 900;
const HEIGHT = 340;
const MARGIN = { left: 56, right: 16, top: 12, bottom: 36 };
const BITS_PER_BYTE = 8;

interface Point {
  readonly each: PageLayer;
  readonly intensity: number;
  readonly speed: number;
}

function svg(tag: string, attributes: Readonly<Record<string, string | number>>, text = ''): SVGElement {
  const made = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  made.textContent = text;
  return made;
}

/** The whole powers of ten around some values. */
function decades(values: readonly number[]): [number, number] {
  return [Math.floor(Math.log10(Math.min(...values))), Math.ceil(Math.log10(Math.max(...values)))];
}

/** Draws the roofline; returns the mark of each layer, by its place in the program, as `show` is called with it. */
export function startRoofline({ head }: PageData, show: (place: number) => void): Map<number, SVGElement> {
  const { weight, ifmap, psum, vmem } = head.bitsPerCycle;
  const { rows, columns } = head.hardware.array;
  const points = head.layers.flatMap((each, index) =>
    each.ops > 0 && each.dramBits > 0
      ? [{ index, each, intensity: (BITS_PER_BYTE * each.ops) / each.dramBits, speed: each.ops / unitCycles(each) }]
      : [],
  );
  // 2 operations per MAC; an ALU does one a cycle.
  const roofs = [
    { unit: 'sa' as const, peak: 2 * rows * columns, bytesPerCycle: (weight + ifmap + psum) / BITS_PER_BYTE },
    { unit: 'simd' as const, peak: columns, bytesPerCycle: vmem / BITS_PER_BYTE },
  ];
  const marks = new Map<number, SVGElement>();
  if (points.length === 0) return marks;
  const ridges = roofs.map(({ peak, bytesPerCycle }) => peak / bytesPerCycle);
  const [xLow, xHigh] = decades([...points.map(({ intensity }) => intensity), ...ridges]);
  const [yLow, yHigh] = decades([...points.map(({ speed }) => speed), ...roofs.map(({ peak }) => peak)]);
  const x = (value: number): number =>
    MARGIN.left + ((Math.log10(value) - xLow) / (xHigh - xLow)) * (WIDTH - MARGIN.left - MARGIN.right);
  const y = (value: number): number =>
    HEIGHT - MARGIN.bottom - ((Math.log10(value) - yLow) / (yHigh - yLow)) * (HEIGHT - MARGIN.top - MARGIN.bottom);
  const chart = svg('svg', {
    viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
    role: 'group',
    'aria-label': 'Roofline, a mark per layer',
  });
  for (let power = xLow; power <= xHigh; power++) {
    const at = x(10 ** power);
    chart.append(svg('line', { class: 'axis', x1: at, x2: at, y1: MARGIN.top, y2: HEIGHT - MARGIN.bottom }));
    chart.append(svg('text', { x: at, y: HEIGHT - 20, 'text-anchor': 'middle' }, `${10 ** power}`));
  }
  for (let power = yLow; power <= yHigh; power++) {
    const at = y(10 ** power);
    chart.append(svg('line', { class: 'axis', x1: MARGIN.left, x2: WIDTH - MARGIN.right, y1: at, y2: at }));
    chart.append(svg('text', { x: MARGIN.left - 6, y: at + 4, 'text-anchor': 'end' }, `${10 ** power}`));
  }
  chart.append(svg('text', { x: WIDTH / 2, y: HEIGHT - 4, 'text-anchor': 'middle' }, 'operations per byte'));
  chart.append(
    svg('text', { x: -HEIGHT / 2, y: 12, 'text-anchor': 'middle', transform: 'rotate(-90)' }, 'operations per cycle'),
  );
  for (const { unit, peak, bytesPerCycle } of roofs) {
    const ridge = peak / bytesPerCycle;
    const start = Math.max(10 ** xLow, 10 ** yLow / bytesPerCycle);
    const corners = [
      [start, start * bytesPerCycle],
      [ridge, peak],
      [10 ** xHigh, peak],
    ].map(([at, speed]) => `${x(at!)},${y(speed!)}`);
    chart.append(svg('polyline', { class: 'roof', points: corners.join(' '), style: `stroke:${paintVariable(unit)}` }));
  }
  for (const { index, ...point } of points) {
    const mark = markOf(point, x(point.intensity), y(point.speed));
    const pick = (): void => show(index);
    mark.addEventListener('click', pick);
    mark.addEventListener('keydown', (event) => {
      if (event.key === 'Enter' || event.key === ' ') pick();
    });
    marks.set(index, mark);
    chart.append(mark);
  }
  roving([...marks.values()]);
  byId('roofline').replaceChildren(chart);
  return marks;
}

function markOf({ each, intensity, speed }: Point, x: number, y: number): SVGElement {
  const isSa = each.layer.unit === 'SA';
  const style = `fill:${paintVariable(isSa ? 'sa' : 'simd')}`;
  const common = { class: 'mark', style, 'fill-opacity': 0.8, role: 'button' };
  const mark = isSa
    ? svg('circle', { ...common, cx: x, cy: y, r: 4 })
    : svg('path', { ...common, d: `M${x},${y - 5}l5,9h-10z` });
  const fields = {
    'operations per byte': intensity.toPrecision(3),
    'operations per cycle': speed.toPrecision(4),
    operations: each.ops,
    ...(each.useful.macs > 0 ? { 'useful operations': 2 * each.useful.macs } : {}),
    'off-chip bytes': each.dramBits / BITS_PER_BYTE,
    'useful off-chip bytes': sumOf(each.useful.dramBits) / BITS_PER_BYTE,
    cycles: unitCycles(each),
  };
  const words = Object.entries(fields).map(([name, value]) => `${inText(value)} ${name}`);
  mark.setAttribute('aria-label', `${each.layer.name}: ${words.join(', ')}`);
  tipOn(mark, () => ({ title: each.layer.name, fields }));
  return mark;
}
