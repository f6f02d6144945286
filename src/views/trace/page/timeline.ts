/** Draws the timeline: rows of lanes and measures under an axis of cycles. */
import { RESOURCES } from '../../../studies/criticalPath/dependencyGraph.ts';
import { PATH_KEY } from '../pageData.ts';
import { PAINTS, paintOfResource } from '../palette.ts';
import { drawArrows } from './arrows.ts';
import { drawAxis, drawMeasured, type Measured, type Ruler, xOf } from './axis.ts';
import { titleOf } from './data.ts';
import { prepared } from './elements.ts';
import { drawGutterRow, FONT, gutterOf } from './gutter.ts';
import { measuredBy, mostOf } from './measure.ts';
import { RowPainter, type Strip } from './paintRow.ts';
import { componentOf, pathLane } from './pathLane.ts';
import { pixelOf, Raster } from './raster.ts';
import { gapsOf } from './recorded.ts';
import { AXIS_HEIGHT, type Layout, type MeasureRow, type Row } from './rows.ts';
import { inRun, onRuler, type RulerRun } from './rulerRun.ts';
import { scheme } from './scheme.ts';
import { type Chosen, chosenOnRuler, type RunFlow } from './selection.ts';
import type { View } from './view.ts';

/** The least that a slice with its name in it measures. */
const LABEL_PIXELS = 54;
const LABELLED_HEIGHT = 16;
const HATCH_PIXELS = 8;
const NOT_RECORDED = 'not recorded';

/** What is to be seen besides the data. */
export interface Marks {
  readonly view: View;
  readonly layout: Layout;
  /** How far the rows that are not pinned are scrolled, in CSS pixels. */
  readonly scrolled: number;
  /** The current row. */
  readonly row: Row;
  readonly chosen: Chosen | undefined;
  /** The way of the tile that is pointed at, or else of the chosen one. */
  readonly flow: RunFlow | undefined;
  readonly measured: Measured;
  /** Whether all that is not on the critical path is faded. */
  readonly isPathShown: boolean;
}

/** Rows that scroll together, and what of the canvas they may paint on, in CSS pixels. */
interface Band {
  readonly rows: readonly Row[];
  readonly scrolled: number;
  readonly top: number;
  readonly bottom: number;
}

interface SliceLabel {
  readonly text: string;
  readonly isWait: boolean;
  readonly colour: string;
  /** In the raster's pixels. */
  readonly left: number;
  readonly right: number;
  readonly row: Row;
}

/** The top of a row on the canvas. */
export function topOf(row: Row, scrolled: number): number {
  return row.isPinned ? row.top : row.top - scrolled;
}

export class TimelineDrawing {
  private readonly canvas: HTMLCanvasElement;
  private readonly runs: readonly RulerRun[];
  /** What of each run was not recorded, in its own cycles. */
  private readonly gaps: ReadonlyMap<RulerRun, readonly View[]>;
  private raster = new Raster(1, 1);

  constructor(canvas: HTMLCanvasElement, runs: readonly RulerRun[]) {
    this.canvas = canvas;
    this.runs = runs;
    this.gaps = new Map(runs.map((run) => [run, gapsOf(run.data.recorded, run.data.cycles)]));
  }

  draw(marks: Marks): void {
    const { view, layout, measured } = marks;
    const { canvas } = this;
    const { context, scale } = prepared(canvas);
    const { panel } = scheme().page;
    const gutter = gutterOf(canvas);
    const left = Math.round(gutter.width * scale);
    const [width, height] = [Math.max(canvas.width - left, 1), canvas.height];
    if (this.raster.width !== width || this.raster.height !== height) this.raster = new Raster(width, height);
    this.raster.clip(0, height);
    this.raster.clear(pixelOf(panel));
    const { clientWidth, clientHeight } = canvas;
    const ruler: Ruler = { view, left: gutter.width, width: clientWidth - gutter.width, height: clientHeight };
    const bands = bandsOf(layout, marks.scrolled, clientHeight);
    const labels = bands.map((): SliceLabel[] => []);
    for (const run of this.runs) {
      const painter = new RowPainter(this.raster, inRun(run, view), run.data.head);
      const own = bands.map((band) => ({ ...band, rows: band.rows.filter((row) => row.run === run) }));
      own.forEach((band, place) => {
        labels[place]!.push(...this.paintBand(painter, run, band, scale));
      });
      if (marks.isPathShown) this.fadeOffPath(painter, run, own, scale);
    }
    context.fillStyle = panel;
    context.fillRect(0, 0, left, height);
    this.raster.paint(context, left, 0);
    context.save();
    context.scale(scale, scale);
    context.textBaseline = 'middle';
    bands.forEach((band, place) => {
      clipped(context, { x: 0, y: band.top, width: clientWidth, height: band.bottom - band.top }, () => {
        drawLabels(context, labels[place]!, { scale, left: gutter.width, scrolled: band.scrolled });
        for (const row of band.rows) {
          const isCurrent = row === marks.row;
          drawGutterRow(context, gutter, { row, top: row.top - band.scrolled, isCurrent });
        }
        for (const run of this.runs) {
          this.markGaps(context, ruler, run, band);
          this.markEnds(context, ruler, run, band);
        }
      });
    });
    drawAxis(context, ruler);
    clipped(context, { x: gutter.width, y: 0, width: ruler.width, height: clientHeight }, () => {
      drawMeasured(context, ruler, measured);
      if (marks.flow !== undefined) {
        const { run } = marks.flow;
        const x = (cycle: number): number => xOf(ruler, cycle + run.shift);
        const middleOf = (lane: number): number | undefined => middleOfLane(layout, marks.scrolled, run, lane);
        drawArrows(context, marks.flow, { slices: run.data.slices, x, middleOf });
      }
      if (marks.chosen !== undefined) this.outline(context, ruler, marks, marks.chosen);
    });
    context.restore();
  }

  /** Paints a run's rows of a band that can be seen; returns the slices with room for their names. */
  private paintBand(painter: RowPainter, { data }: RulerRun, band: Band, scale: number): SliceLabel[] {
    this.raster.clip(Math.round(band.top * scale), Math.round(band.bottom * scale));
    const stripOf = (row: Row): Strip => ({
      top: Math.round((row.top - band.scrolled) * scale),
      height: Math.round(row.height * scale),
    });
    // A lane is walked once, for what it shows and for what it adds to its measure.
    const measures = band.rows.filter((row): row is MeasureRow => row.kind === 'measure');
    const amounts = new Map(measures.map((row) => [row, painter.columnsOfMeasure()]));
    const summed = measures.filter(({ counter }) => counter === undefined);
    const measureOf = new Map(summed.flatMap((row) => row.lanes.map((lane) => [lane, row])));
    const labels: SliceLabel[] = [];
    for (const row of band.rows) {
      if (row.kind === 'measure') continue;
      const { index } = row.lane;
      const measure = measureOf.get(index);
      measureOf.delete(index);
      const lane = { palette: data.palettes[index]!, strip: stripOf(row), amounts: measure && amounts.get(measure) };
      painter.lane(data.pyramids[index]!, lane, (place, left, right) => {
        if (right - left >= LABEL_PIXELS * scale && row.height >= LABELLED_HEIGHT)
          labels.push(labelOf(row, row.lane.index, place, left, right));
      });
    }
    for (const [lane, row] of measureOf) painter.amounts(data.pyramids[lane]!, amounts.get(row)!);
    for (const row of measures) {
      const columns = amounts.get(row)!;
      const isOfLanes = row.counter === undefined && row.lanes.length > 0;
      if (!isOfLanes) for (const each of measuredBy(row)) painter.amounts(each, columns);
      painter.measure(columns, mostOf(row), stripOf(row));
      if (row.measure !== 'use') continue;
      columns.fill(0);
      painter.amounts(data.peUse.useful, columns);
      painter.measure(columns, mostOf(row), stripOf(row), true);
    }
    return labels;
  }

  /** Fades what is not on the critical path: of the lanes of its resources what it does not go through, all other rows. */
  private fadeOffPath(painter: RowPainter, { data }: RulerRun, bands: readonly Band[], scale: number): void {
    const { head, pyramids, palettes } = data;
    const lane = pathLane(head);
    if (lane === undefined) return;
    const columns = painter.columnsOfPaints(pyramids[lane]!);
    const keepsOf = new Map(
      RESOURCES.map((resource) => {
        const place = palettes[lane]!.indexOf(paintOfResource(resource));
        return [componentOf(resource), columns[place]] as const;
      }),
    );
    for (const band of bands) {
      this.raster.clip(Math.round(band.top * scale), Math.round(band.bottom * scale));
      for (const row of band.rows) {
        if (row.component === 'layers' || row.component === PATH_KEY) continue;
        const strip = { top: Math.round((row.top - band.scrolled) * scale), height: Math.round(row.height * scale) };
        painter.fade(strip, row.kind === 'lane' ? keepsOf.get(row.component) : undefined);
      }
    }
  }

  /** Leaves the time before a run and after it as empty as the page. */
  private markEnds(context: CanvasRenderingContext2D, ruler: Ruler, run: RulerRun, { rows, scrolled }: Band): void {
    const { from, to } = onRuler(run, { from: 0, to: run.data.cycles });
    const [begin, end] = [xOf(ruler, from), xOf(ruler, to)];
    const right = ruler.left + ruler.width;
    context.fillStyle = scheme().page.background;
    for (const row of rows) {
      if (row.run !== run) continue;
      const top = row.top - scrolled;
      if (begin > ruler.left) context.fillRect(ruler.left, top, Math.min(begin, right) - ruler.left, row.height);
      if (end < right) context.fillRect(Math.max(end, ruler.left), top, right - Math.max(end, ruler.left), row.height);
    }
  }

  /** Hatches what was not recorded, so that nobody takes it for idle; the lane of the layers is always complete. */
  private markGaps(context: CanvasRenderingContext2D, ruler: Ruler, run: RulerRun, { rows, scrolled }: Band): void {
    const isCut = (row: Row): boolean => row.run === run && (row.kind !== 'lane' || row.lane.kind !== 'layers');
    const strips = stretchesOf(rows, isCut).map(([first, last]) => ({
      top: first.top - scrolled,
      height: last.top + last.height - first.top,
    }));
    for (const gap of this.gaps.get(run)!) {
      const { from, to } = onRuler(run, gap);
      const left = Math.max(xOf(ruler, from), ruler.left);
      const right = Math.min(xOf(ruler, to), ruler.left + ruler.width);
      if (right > left)
        for (const { top, height } of strips) drawGap(context, { x: left, y: top, width: right - left, height });
    }
  }

  private outline(context: CanvasRenderingContext2D, ruler: Ruler, { layout, scrolled }: Marks, chosen: Chosen): void {
    const { row } = chosen;
    const { from, to } = chosenOnRuler(chosen);
    const left = Math.max(xOf(ruler, from), ruler.left);
    const right = Math.min(xOf(ruler, to), ruler.left + ruler.width);
    const top = topOf(row, scrolled);
    if (right < left || (!row.isPinned && top + row.height < layout.pinnedBottom)) return;
    context.strokeStyle = scheme().page.text;
    context.lineWidth = 2;
    context.strokeRect(left, top - 1, Math.max(right - left, 2), row.height + 2);
  }
}

/** The rows that can be seen: those that scroll, then the pinned ones. */
function bandsOf({ rows, pinnedBottom }: Layout, scrolled: number, height: number): Band[] {
  const isSeen = (row: Row): boolean => {
    const top = topOf(row, scrolled);
    return top < height && (row.isPinned || top + row.height > pinnedBottom);
  };
  const seen = rows.filter(isSeen);
  const scrolling = seen.filter(({ isPinned }) => !isPinned);
  const pinned = seen.filter(({ isPinned }) => isPinned);
  return [
    { rows: scrolling, scrolled, top: pinnedBottom, bottom: height },
    { rows: pinned, scrolled: 0, top: AXIS_HEIGHT, bottom: pinnedBottom },
  ];
}

/** The middle of a lane's row on the canvas, if it has one; that of one out of sight lies at the edge. */
function middleOfLane(
  { rows, pinnedBottom }: Layout,
  scrolled: number,
  run: RulerRun,
  lane: number,
): number | undefined {
  const row = rows.find((each) => each.run === run && each.kind === 'lane' && each.lane.index === lane);
  if (row === undefined) return undefined;
  const middle = topOf(row, scrolled) + row.height / 2;
  return row.isPinned ? middle : Math.max(middle, pinnedBottom);
}

/** The first and the last of all rows that pass and stand together. */
function stretchesOf(rows: readonly Row[], passes: (row: Row) => boolean): [first: Row, last: Row][] {
  const stretches: [Row, Row][] = [];
  rows.forEach((row, place) => {
    if (!passes(row)) return;
    const stretch = stretches.at(-1);
    if (stretch !== undefined && stretch[1] === rows[place - 1]) stretch[1] = row;
    else stretches.push([row, row]);
  });
  return stretches;
}

function labelOf(row: Row, lane: number, place: number, left: number, right: number): SliceLabel {
  const { data } = row.run;
  const { head, pyramids, palettes } = data;
  const { slices, paints } = pyramids[lane]!;
  const { texts, page } = scheme();
  const isWait = head.whats[slices.whats[place]!]!.kind === 'wait';
  const colour = isWait ? page.text : texts[PAINTS.indexOf(palettes[lane]![paints[place]!]!)]!;
  return { text: titleOf(data, lane, place), isWait, colour, left, right, row };
}

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Draws within a box only. */
function clipped(context: CanvasRenderingContext2D, { x, y, width, height }: Box, draw: () => void): void {
  context.save();
  context.beginPath();
  context.rect(x, y, width, height);
  context.clip();
  draw();
  context.restore();
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

/** The least height of a box with words in it. */
const WORDS_HEIGHT = 30;

/** Hatches a box in which nothing was recorded, and says so where there is room. */
function drawGap(context: CanvasRenderingContext2D, { x, y, width, height }: Box): void {
  const { background, quiet } = scheme().page;
  context.fillStyle = background;
  context.fillRect(x, y, width, height);
  context.fillStyle = hatch(context);
  context.fillRect(x, y, width, height);
  context.font = FONT;
  const { width: words } = context.measureText(NOT_RECORDED);
  if (words + 16 > width || height < WORDS_HEIGHT) return;
  const middle = x + width / 2;
  context.fillStyle = background;
  context.fillRect(middle - words / 2 - 6, y + 6, words + 12, 18);
  context.fillStyle = quiet;
  context.fillText(NOT_RECORDED, middle - words / 2, y + 15);
}

/** Where the raster is on the canvas. */
interface LabelPlace {
  readonly scale: number;
  readonly left: number;
  readonly scrolled: number;
}

function drawLabels(context: CanvasRenderingContext2D, labels: readonly SliceLabel[], place: LabelPlace): void {
  const { scale, scrolled } = place;
  context.font = FONT;
  context.textAlign = 'left';
  for (const { text, isWait, colour, left, right, row } of labels) {
    const room = (right - left) / scale - 8;
    if (context.measureText(text).width > room) continue;
    context.fillStyle = colour;
    const middle = row.top - scrolled + (isWait ? 0.28 : 0.5) * row.height;
    context.fillText(text, place.left + left / scale + 4, middle);
  }
}
