/** Draws the timeline: rows of lanes under an axis of cycles. */
import { type PageData, shownSlice } from './data.ts';
import { prepared } from './elements.ts';
import { inDigits } from './numbers.ts';
import { RowPainter } from './paintRow.ts';
import { pixelOf, Raster } from './raster.ts';
import { AXIS_HEIGHT, GUTTER, type Row } from './rows.ts';
import { scheme } from './scheme.ts';
import type { View } from './view.ts';

/** A slice that is pointed at or chosen. */
export interface Chosen {
  readonly lane: number;
  readonly place: number;
}

const LABEL_PIXELS = 54;
const TICK_PIXELS = 110;

interface SliceLabel {
  readonly text: string;
  /** Of the text, on the slice's paint. */
  readonly colour: string;
  readonly left: number;
  readonly right: number;
  readonly row: Row;
}

export class TimelineDrawing {
  readonly rows: readonly Row[];
  private readonly canvas: HTMLCanvasElement;
  private readonly data: PageData;
  private raster = new Raster(1, 1);

  constructor(canvas: HTMLCanvasElement, data: PageData, rows: readonly Row[]) {
    this.canvas = canvas;
    this.data = data;
    this.rows = rows;
  }

  draw(view: View, chosen: Chosen | undefined, lane: number): void {
    const { context, scale } = prepared(this.canvas);
    const panel = scheme().page.panel;
    const left = Math.round(GUTTER * scale);
    const [width, height] = [Math.max(this.canvas.width - left, 1), this.canvas.height];
    if (this.raster.width !== width || this.raster.height !== height) this.raster = new Raster(width, height);
    this.raster.clear(pixelOf(panel));
    const labels = this.paintRows(view, scale);
    context.fillStyle = panel;
    context.fillRect(0, 0, left, height);
    this.raster.paint(context, left, 0);
    context.save();
    context.scale(scale, scale);
    this.drawLabels(context, labels, scale);
    this.drawGutter(context, lane);
    drawAxis(context, view, this.canvas.clientWidth - GUTTER);
    if (chosen !== undefined) this.outline(context, view, chosen);
    context.restore();
  }

  /** Paints all rows; returns the slices with room for their names. */
  private paintRows(view: View, scale: number): SliceLabel[] {
    const { head, pyramids } = this.data;
    const painter = new RowPainter(this.raster, view, head);
    const occupancy = { pixel: pixelOf(scheme().page.quiet), isStriped: false };
    const labels: SliceLabel[] = [];
    for (const row of this.rows) {
      const strip = { top: Math.round(row.top * scale), height: Math.round(row.height * scale) };
      if (row.kind === 'occupancy') {
        const slots = row.lanes.map(({ index }) => pyramids[index]!);
        painter.occupancy(slots, row.capacityBits, strip, occupancy);
        continue;
      }
      const { index } = row.lane;
      painter.lane(pyramids[index]!, strip, (place, left, right) => {
        if (right - left < LABEL_PIXELS * scale || row.height < 16) return;
        const colour = scheme().texts[pyramids[index]!.paints[place]!]!;
        labels.push({ text: shownSlice(this.data, index, place).title, colour, left, right, row });
      });
    }
    return labels;
  }

  private drawLabels(context: CanvasRenderingContext2D, labels: readonly SliceLabel[], scale: number): void {
    context.font = '11px system-ui, sans-serif';
    context.textBaseline = 'middle';
    for (const { text, colour, left, right, row } of labels) {
      const isWait = text.startsWith('wait');
      const room = (right - left) / scale - 8;
      if (context.measureText(text).width > room) continue;
      context.fillStyle = isWait ? scheme().page.text : colour;
      const middle = row.top + (isWait ? 0.28 : 0.5) * row.height;
      context.fillText(text, GUTTER + left / scale + 4, middle);
    }
  }

  private drawGutter(context: CanvasRenderingContext2D, lane: number): void {
    context.font = '11px system-ui, sans-serif';
    context.textBaseline = 'middle';
    context.textAlign = 'right';
    for (const row of this.rows) {
      const isCurrent = row.kind === 'lane' && row.lane.index === lane;
      context.fillStyle = scheme().page[isCurrent ? 'text' : 'quiet'];
      context.fillText(`${isCurrent ? '▸ ' : ''}${row.label}`, GUTTER - 8, row.top + row.height / 2);
    }
    context.textAlign = 'left';
  }

  private outline(context: CanvasRenderingContext2D, view: View, { lane, place }: Chosen): void {
    const row = this.rows.find((each) => each.kind === 'lane' && each.lane.index === lane)!;
    const { slices } = this.data.pyramids[lane]!;
    const width = this.canvas.clientWidth - GUTTER;
    const x = (cycle: number): number => GUTTER + ((cycle - view.from) / (view.to - view.from)) * width;
    const left = Math.max(x(slices.starts[place]!), GUTTER);
    const right = Math.min(x(slices.ends[place]!), GUTTER + width);
    if (right < left) return;
    context.strokeStyle = scheme().page.text;
    context.lineWidth = 2;
    context.strokeRect(left, row.top - 1, Math.max(right - left, 2), row.height + 2);
  }
}

function drawAxis(context: CanvasRenderingContext2D, view: View, width: number): void {
  const span = view.to - view.from;
  const rough = (span * TICK_PIXELS) / width;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = Math.max(1, [1, 2, 5, 10].find((factor) => factor * power >= rough)! * power);
  context.font = '11px system-ui, sans-serif';
  context.textBaseline = 'middle';
  for (let cycle = Math.ceil(view.from / step) * step; cycle < view.to; cycle += step) {
    const x = Math.round(GUTTER + ((cycle - view.from) / span) * width) + 0.5;
    context.strokeStyle = scheme().page.line;
    context.lineWidth = 1;
    context.beginPath();
    context.moveTo(x, AXIS_HEIGHT - 6);
    context.lineTo(x, AXIS_HEIGHT);
    context.stroke();
    context.fillStyle = scheme().page.quiet;
    const text = inDigits(cycle);
    if (x + context.measureText(text).width < GUTTER + width) context.fillText(text, x + 4, AXIS_HEIGHT / 2);
  }
}
