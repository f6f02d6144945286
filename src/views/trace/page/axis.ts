/** The ruler over the timeline: cycles, the range that was dragged, and the marks with the distance between them. */
import { FONT } from './gutter.ts';
import { inDigits } from './numbers.ts';
import { AXIS_HEIGHT } from './rows.ts';
import { scheme } from './scheme.ts';
import type { View } from './view.ts';

const TICK_PIXELS = 110;
const RANGE_SHADE = 0.14;

/** What is measured: at most one range, at most two marks. */
export interface Measured {
  readonly range: View | undefined;
  readonly marks: readonly number[];
}

/** Where the ruler is: cycles from left to right. */
export interface Ruler {
  readonly view: View;
  readonly left: number;
  readonly width: number;
  /** How far down ranges and marks reach. */
  readonly height: number;
}

/** Where a cycle is on the canvas. */
export function xOf({ view, left, width }: Ruler, cycle: number): number {
  return left + ((cycle - view.from) / (view.to - view.from)) * width;
}

/** Draws the cycles. */
export function drawAxis(context: CanvasRenderingContext2D, ruler: Ruler): void {
  const { view, left, width } = ruler;
  const { line, quiet } = scheme().page;
  const span = view.to - view.from;
  const rough = (span * TICK_PIXELS) / width;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = Math.max(1, [1, 2, 5, 10].find((factor) => factor * power >= rough)! * power);
  context.font = FONT;
  context.textAlign = 'left';
  for (let cycle = Math.ceil(view.from / step) * step; cycle < view.to; cycle += step) {
    const x = Math.round(xOf(ruler, cycle)) + 0.5;
    context.strokeStyle = line;
    context.lineWidth = 1;
    context.beginPath();
    context.moveTo(x, AXIS_HEIGHT - 6);
    context.lineTo(x, AXIS_HEIGHT);
    context.stroke();
    context.fillStyle = quiet;
    const text = inDigits(cycle);
    if (x + context.measureText(text).width < left + width) context.fillText(text, x + 4, AXIS_HEIGHT / 2);
  }
}

/** Draws what is measured over all rows. */
export function drawMeasured(context: CanvasRenderingContext2D, ruler: Ruler, { range, marks }: Measured): void {
  const { focus } = scheme().page;
  if (range !== undefined) {
    const [from, to] = [xOf(ruler, range.from), xOf(ruler, range.to)];
    context.fillStyle = focus;
    context.globalAlpha = RANGE_SHADE;
    context.fillRect(from, 0, to - from, ruler.height);
    context.globalAlpha = 1;
    lineAt(context, ruler, from);
    lineAt(context, ruler, to);
    between(context, ruler, range.from, range.to);
  }
  for (const mark of marks) lineAt(context, ruler, xOf(ruler, mark), [4, 3]);
  const [a, b] = marks;
  if (a !== undefined && b !== undefined && a !== b) between(context, ruler, Math.min(a, b), Math.max(a, b));
}

function lineAt(context: CanvasRenderingContext2D, { height }: Ruler, x: number, dash: number[] = []): void {
  context.strokeStyle = scheme().page.focus;
  context.lineWidth = 1.5;
  context.setLineDash(dash);
  context.beginPath();
  context.moveTo(x, 0);
  context.lineTo(x, height);
  context.stroke();
  context.setLineDash([]);
}

/** How many cycles lie between two, over the middle between them. */
function between(context: CanvasRenderingContext2D, ruler: Ruler, from: number, to: number): void {
  const { background, focus } = scheme().page;
  const text = `${inDigits(to - from)} cycles`;
  context.font = FONT;
  const width = context.measureText(text).width + 10;
  const right = ruler.left + ruler.width;
  const middle = (xOf(ruler, from) + xOf(ruler, to)) / 2;
  const left = Math.max(Math.min(middle - width / 2, right - width), ruler.left);
  context.fillStyle = focus;
  context.fillRect(left, 3, width, AXIS_HEIGHT - 6);
  context.fillStyle = background;
  context.fillText(text, left + 5, AXIS_HEIGHT / 2);
}
