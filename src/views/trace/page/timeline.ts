/** Draws the timeline: rows of lanes and measures under an axis of cycles. */
import { PAINTS } from '../palette.ts';
import type { TileFlow } from '../tileFlow.ts';
import { drawArrows } from './arrows.ts';
import { type PageData, titleOf } from './data.ts';
import { prepared } from './elements.ts';
import { measuredBy, measureText, mostOf } from './measure.ts';
import { inDigits } from './numbers.ts';
import { RowPainter, type Strip } from './paintRow.ts';
import { pixelOf, Raster } from './raster.ts';
import { gapsOf } from './recorded.ts';
import { AXIS_HEIGHT, GUTTER, type LaneRow, type Row, SCALE_WIDTH } from './rows.ts';
import { scheme } from './scheme.ts';
import type { Chosen } from './selection.ts';
import type { View } from './view.ts';

/** The least that a slice with its name in it measures. */
const LABEL_PIXELS = 54;
const LABELLED_HEIGHT = 16;
const TICK_PIXELS = 110;
const FONT = '11px system-ui, sans-serif';
const SCALE_FONT = '9px system-ui, sans-serif';
/** Rows of at least this height have a scale with both ends. */
const SCALED_HEIGHT = 18;
const HATCH_PIXELS = 8;
const NOT_RECORDED = 'not recorded';

/** What is to be seen besides the data. */
export interface Marks {
  readonly view: View;
  /** The current row, and what is chosen in it. */
  readonly row: Row;
  readonly chosen: Chosen | undefined;
  /** The way of the tile that is pointed at, or else of the chosen one. */
  readonly flow: TileFlow | undefined;
}

interface SliceLabel {
  readonly text: string;
  readonly isWait: boolean;
  readonly colour: string;
  readonly left: number;
  readonly right: number;
  readonly row: Row;
}

export class TimelineDrawing {
  private readonly canvas: HTMLCanvasElement;
  private readonly data: PageData;
  private readonly rows: readonly Row[];
  private readonly gaps: readonly View[];
  private raster = new Raster(1, 1);

  constructor(canvas: HTMLCanvasElement, data: PageData, rows: readonly Row[]) {
    this.canvas = canvas;
    this.data = data;
    this.rows = rows;
    this.gaps = gapsOf(data.recorded, data.cycles);
  }

  draw(marks: Marks): void {
    const { view } = marks;
    const { context, scale } = prepared(this.canvas);
    const { panel } = scheme().page;
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
    context.textBaseline = 'middle';
    drawLabels(context, labels, scale);
    this.drawGutter(context, marks.row);
    drawAxis(context, view, this.canvas.clientWidth - GUTTER);
    context.beginPath();
    context.rect(GUTTER, 0, this.canvas.clientWidth - GUTTER, this.canvas.clientHeight);
    context.clip();
    this.markGaps(context, view);
    if (marks.flow !== undefined) {
      const x = (cycle: number): number => this.x(view, cycle);
      drawArrows(context, marks.flow, { slices: this.data.slices, x, middleOf: (lane) => this.middleOf(lane) });
    }
    if (marks.chosen !== undefined) this.outline(context, view, marks.row, marks.chosen);
    context.restore();
  }

  private x(view: View, cycle: number): number {
    return GUTTER + ((cycle - view.from) / (view.to - view.from)) * (this.canvas.clientWidth - GUTTER);
  }

  /** The middle of a lane's row, if it has one. */
  private middleOf(lane: number): number | undefined {
    const row = this.rows.find((each) => each.kind === 'lane' && each.lane.index === lane);
    return row && row.top + row.height / 2;
  }

  /** Paints all rows; returns the slices with room for their names. */
  private paintRows(view: View, scale: number): SliceLabel[] {
    const { data } = this;
    const painter = new RowPainter(this.raster, view, data.head);
    const stripOf = (row: Row): Strip => ({ top: Math.round(row.top * scale), height: Math.round(row.height * scale) });
    // A lane is walked once, for what it shows and for what it adds to its measure.
    const measures = this.rows.filter((row) => row.kind === 'measure');
    const amounts = new Map(measures.map((row) => [row, painter.columnsOfMeasure()]));
    const measureOf = new Map(
      measures.filter(({ counter }) => counter === undefined).flatMap((row) => row.lanes.map((lane) => [lane, row])),
    );
    const labels: SliceLabel[] = [];
    for (const row of this.rows) {
      if (row.kind === 'measure') continue;
      const { index } = row.lane;
      const measure = measureOf.get(index);
      const lane = { palette: data.palettes[index]!, strip: stripOf(row), amounts: measure && amounts.get(measure) };
      painter.lane(data.pyramids[index]!, lane, (place, left, right) => {
        if (right - left >= LABEL_PIXELS * scale && row.height >= LABELLED_HEIGHT)
          labels.push(this.labelOf(row, place, left, right));
      });
    }
    for (const row of measures) {
      const columns = amounts.get(row)!;
      if (row.counter !== undefined) for (const each of measuredBy(data, row)) painter.counter(each, columns);
      painter.measure(columns, mostOf(data, row), stripOf(row));
    }
    return labels;
  }

  private labelOf(row: LaneRow, place: number, left: number, right: number): SliceLabel {
    const { head, pyramids, palettes } = this.data;
    const { index } = row.lane;
    const { slices, paints } = pyramids[index]!;
    const { texts, page } = scheme();
    const isWait = head.whats[slices.whats[place]!]!.kind === 'wait';
    const colour = isWait ? page.text : texts[PAINTS.indexOf(palettes[index]![paints[place]!]!)]!;
    return { text: titleOf(this.data, index, place), isWait, colour, left, right, row };
  }

  private drawGutter(context: CanvasRenderingContext2D, current: Row): void {
    const { text, quiet } = scheme().page;
    context.textAlign = 'right';
    for (const row of this.rows) {
      const isCurrent = row === current;
      const middle = row.top + row.height / 2;
      context.font = FONT;
      context.fillStyle = isCurrent ? text : quiet;
      context.fillText(`${isCurrent ? '▸ ' : ''}${row.label}`, GUTTER - SCALE_WIDTH, middle);
      if (row.kind === 'lane') continue;
      context.font = SCALE_FONT;
      context.fillStyle = quiet;
      const most = measureText(row, mostOf(this.data, row));
      const right = GUTTER - 5;
      if (row.height < SCALED_HEIGHT) {
        context.fillText(`at most ${most}`, right, middle);
        continue;
      }
      context.fillText(row.measure === 'occupancy' ? `100 % = ${most}` : most, right, row.top + 4);
      context.fillText('0', right, row.top + row.height - 4);
    }
    context.textAlign = 'left';
  }

  /** Hatches what was not recorded, so that nobody takes it for idle; the lane of the layers is always complete. */
  private markGaps(context: CanvasRenderingContext2D, view: View): void {
    const rows = this.rows.filter((row) => row.kind !== 'lane' || row.lane.kind !== 'layers');
    const [first, last] = [rows[0], rows.at(-1)];
    if (first === undefined || last === undefined) return;
    const [top, bottom] = [first.top, last.top + last.height];
    for (const { from, to } of this.gaps) {
      const left = Math.max(this.x(view, from), GUTTER);
      const right = Math.min(this.x(view, to), this.canvas.clientWidth);
      if (right <= left) continue;
      context.fillStyle = scheme().page.background;
      context.fillRect(left, top, right - left, bottom - top);
      context.fillStyle = hatch(context);
      context.fillRect(left, top, right - left, bottom - top);
      context.font = FONT;
      const { width } = context.measureText(NOT_RECORDED);
      if (width + 16 > right - left) continue;
      context.fillStyle = scheme().page.background;
      context.fillRect((left + right - width) / 2 - 6, top + 6, width + 12, 18);
      context.fillStyle = scheme().page.quiet;
      context.fillText(NOT_RECORDED, (left + right - width) / 2, top + 15);
    }
  }

  private outline(context: CanvasRenderingContext2D, view: View, row: Row, chosen: Chosen): void {
    const { from, to } = chosen;
    const left = Math.max(this.x(view, from), GUTTER);
    const right = Math.min(this.x(view, to), this.canvas.clientWidth);
    if (right < left) return;
    context.strokeStyle = scheme().page.text;
    context.lineWidth = 2;
    context.strokeRect(left, row.top - 1, Math.max(right - left, 2), row.height + 2);
  }
}

/** Diagonal lines, as far apart as HATCH_PIXELS. */
function hatch(context: CanvasRenderingContext2D): CanvasPattern {
  const tile = document.createElement('canvas');
  tile.width = HATCH_PIXELS;
  tile.height = HATCH_PIXELS;
  const pen = tile.getContext('2d')!;
  pen.strokeStyle = scheme().page.line;
  pen.beginPath();
  for (const shift of [-HATCH_PIXELS, 0, HATCH_PIXELS]) {
    pen.moveTo(shift, HATCH_PIXELS);
    pen.lineTo(shift + HATCH_PIXELS, 0);
  }
  pen.stroke();
  return context.createPattern(tile, 'repeat')!;
}

function drawLabels(context: CanvasRenderingContext2D, labels: readonly SliceLabel[], scale: number): void {
  context.font = FONT;
  for (const { text, isWait, colour, left, right, row } of labels) {
    const room = (right - left) / scale - 8;
    if (context.measureText(text).width > room) continue;
    context.fillStyle = colour;
    const middle = row.top + (isWait ? 0.28 : 0.5) * row.height;
    context.fillText(text, GUTTER + left / scale + 4, middle);
  }
}

function drawAxis(context: CanvasRenderingContext2D, view: View, width: number): void {
  const { line, quiet } = scheme().page;
  const span = view.to - view.from;
  const rough = (span * TICK_PIXELS) / width;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = Math.max(1, [1, 2, 5, 10].find((factor) => factor * power >= rough)! * power);
  context.font = FONT;
  for (let cycle = Math.ceil(view.from / step) * step; cycle < view.to; cycle += step) {
    const x = Math.round(GUTTER + ((cycle - view.from) / span) * width) + 0.5;
    context.strokeStyle = line;
    context.lineWidth = 1;
    context.beginPath();
    context.moveTo(x, AXIS_HEIGHT - 6);
    context.lineTo(x, AXIS_HEIGHT);
    context.stroke();
    context.fillStyle = quiet;
    const text = inDigits(cycle);
    if (x + context.measureText(text).width < GUTTER + width) context.fillText(text, x + 4, AXIS_HEIGHT / 2);
  }
}
