/** Operations per cycle over operations per byte of off-chip traffic, a mark per layer, under two roofs a run. */
import { sumOf } from '../../../model/layers/result.ts';
import type { PageHead, PageLayer } from '../pageData.ts';
import { byId } from './elements.ts';
import { unitCycles } from './layerTimes.ts';
import { inText } from './numbers.ts';
import { roving } from './roving.ts';
import type { RulerRun } from './rulerRun.ts';
import { paintVariable } from './scheme.ts';
import { tipOn } from './tip.ts';

const WIDTH = 900;
const HEIGHT = 340;
const MARGIN = { left: 56, right: 16, top: 12, bottom: 36 };
const BITS_PER_BYTE = 8;

/** A layer of a run, by its place there. */
interface Point {
  readonly run: RulerRun;
  readonly index: number;
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

/** What a unit of a run can do at the most. */
interface Roof {
  readonly unit: 'sa' | 'simd';
  readonly peak: number;
  readonly bytesPerCycle: number;
  readonly isSecond: boolean;
}

/** 2 operations per MAC; an ALU does one a cycle. */
function roofsOf({ hardware, bitsPerCycle }: PageHead, isSecond: boolean): Roof[] {
  const { weight, ifmap, psum, vmem } = bitsPerCycle;
  const { rows, columns } = hardware.array;
  return [
    { unit: 'sa', peak: 2 * rows * columns, bytesPerCycle: (weight + ifmap + psum) / BITS_PER_BYTE, isSecond },
    { unit: 'simd', peak: columns, bytesPerCycle: vmem / BITS_PER_BYTE, isSecond },
  ];
}

/** The roofs of all runs: those of the second only where they are others. */
function allRoofs(runs: readonly RulerRun[]): Roof[] {
  const [first = [], second = []] = runs.map(({ data }, run) => roofsOf(data.head, run > 0));
  const isSame = (a: Roof, b: Roof): boolean =>
    a.unit === b.unit && a.peak === b.peak && a.bytesPerCycle === b.bytesPerCycle;
  return [...first, ...second.filter((roof) => !first.some((each) => isSame(each, roof)))];
}

function pointsOf(run: RulerRun): Point[] {
  return run.data.head.layers.flatMap((each, index) => {
    const { ops, dramBits } = each;
    if (ops === 0 || dramBits === 0) return [];
    return [{ run, index, each, intensity: (BITS_PER_BYTE * ops) / dramBits, speed: ops / unitCycles(each) }];
  });
}

/** Says how the marks of two runs are told apart, or why the second has none. */
export function explainMarks(hasSecond: boolean): void {
  byId('roofline-runs').textContent = hasSecond
    ? 'Filled: A; hollow, ○ and △: B, its roofs dashed where they are others. Point at a layer, and its like is framed.'
    : 'Of A alone: a file of figures does not hold what B needs for it.';
}

/** The mark of a layer, and its place as `show` is called with it. */
export interface RooflineMark {
  readonly mark: SVGElement;
  readonly place: number;
}

/** Draws the roofline of one run or of two; `placeOf` says the place by which `show` knows a run's layer. */
export function startRoofline(
  runs: readonly RulerRun[],
  placeOf: (run: RulerRun, layer: number) => number,
  show: (place: number) => void,
): RooflineMark[] {
  const points = runs.flatMap(pointsOf);
  const roofs = allRoofs(runs);
  const marks: RooflineMark[] = [];
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
  for (const { unit, peak, bytesPerCycle, isSecond } of roofs) {
    const ridge = peak / bytesPerCycle;
    const start = Math.max(10 ** xLow, 10 ** yLow / bytesPerCycle);
    const corners = [
      [start, start * bytesPerCycle],
      [ridge, peak],
      [10 ** xHigh, peak],
    ].map(([at, speed]) => `${x(at!)},${y(speed!)}`);
    const roof = isSecond ? 'roof second' : 'roof';
    chart.append(svg('polyline', { class: roof, points: corners.join(' '), style: `stroke:${paintVariable(unit)}` }));
  }
  const [below, above] = [svg('g', {}), svg('g', {})];
  for (const point of points) {
    const mark = markOf(point, x(point.intensity), y(point.speed));
    const place = placeOf(point.run, point.index);
    const pick = (): void => show(place);
    mark.addEventListener('click', pick);
    mark.addEventListener('keydown', (event) => {
      if (event.key === 'Enter' || event.key === ' ') pick();
    });
    marks.push({ mark, place });
    // The first run's above the second's, which are larger: both can be pointed at where they meet.
    if (point.run === runs[0]) above.append(mark);
    else below.append(mark);
  }
  chart.append(below, above);
  if (runs.length > 1) markLikes(marks);
  roving(marks.map(({ mark }) => mark));
  byId('roofline').replaceChildren(chart);
  return marks;
}

/** Has a mark that is pointed at, or has the focus, show where the same layer is in the other run. */
function markLikes(marks: readonly RooflineMark[]): void {
  const byPlace = new Map<number, SVGElement[]>();
  for (const { mark, place } of marks) byPlace.set(place, [...(byPlace.get(place) ?? []), mark]);
  for (const { mark, place } of marks) {
    const likes = byPlace.get(place)!;
    const show = (isShown: boolean): void => {
      for (const like of likes) like.classList.toggle('like', isShown && like !== mark);
    };
    for (const event of ['pointerenter', 'focus']) mark.addEventListener(event, () => show(true));
    for (const event of ['pointerleave', 'blur']) mark.addEventListener(event, () => show(false));
  }
}

function markOf({ run, each, intensity, speed }: Point, x: number, y: number): SVGElement {
  const isSa = each.layer.unit === 'SA';
  const isSecond = run.name === 'B';
  const style = `--paint:${paintVariable(isSa ? 'sa' : 'simd')}`;
  const common = { class: isSecond ? 'mark second' : 'mark', style, role: 'button' };
  const size = isSecond ? 1.5 : 1;
  const mark = isSa
    ? svg('circle', { ...common, cx: x, cy: y, r: 4 * size })
    : svg('path', { ...common, d: `M${x},${y - 5 * size}l${5 * size},${9 * size}h${-10 * size}z` });
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
  mark.setAttribute('aria-label', `${run.name === '' ? '' : `${run.name}, `}${each.layer.name}: ${words.join(', ')}`);
  tipOn(mark, () => ({ title: each.layer.name, fields: run.name === '' ? fields : { run: run.name, ...fields } }));
  return mark;
}
