/** Paints one row of the timeline into a raster. */
import type { LaneSlices, PageHead, Spans } from '../pageData.ts';
import { PAINTS, PALETTE, type Paint } from '../palette.ts';
import { type Pyramid, type SecondPaint, walkView } from '../pyramid.ts';
import { type Ink, pixelOf, type Raster } from './raster.ts';
import { scheme } from './scheme.ts';
import type { View } from './view.ts';

/** Where work is done a lane is filled, where it waits only up to this share. */
const WAIT_SHARE = 0.45;
/** A slice of at least this many pixels is set apart from the next one. */
const PIXELS_WITH_GAP = 4;
/** Where a measure's scale has lines, as shares of its height; a low row has only the first. */
const SCALE_LINES = [0, 0.5, 1];
const LOW_ROW = 18;

/** A row's place in the raster, in its pixels. */
export interface Strip {
  readonly top: number;
  readonly height: number;
}

/** How a lane is painted. */
export interface PaintedLane {
  readonly palette: readonly Paint[];
  readonly strip: Strip;
  /** The columns of the measure that the lane is part of. */
  readonly amounts: Float64Array | undefined;
}

/** A slice that is wide enough to be told apart. */
export type VisibleSlice = (place: number, left: number, right: number) => void;

export class RowPainter {
  private readonly raster: Raster;
  private readonly view: View;
  private readonly cyclesPerPixel: number;
  private readonly waits: readonly boolean[];
  private readonly inks: readonly Ink[];
  private readonly line: Ink;
  private readonly quiet: Ink;
  private readonly text: Ink;
  private readonly panel: number;
  /** Cycles of each paint of a lane in each column. */
  private readonly columns: Float32Array;

  constructor(raster: Raster, view: View, head: PageHead) {
    this.raster = raster;
    this.view = view;
    this.cyclesPerPixel = (view.to - view.from) / raster.width;
    this.waits = head.whats.map(({ kind }) => kind === 'wait');
    const { page, paints } = scheme();
    this.inks = paints.map((colour, place) => ({
      pixel: pixelOf(colour),
      isStriped: PALETTE[PAINTS[place]!].isStriped === true,
    }));
    this.line = { pixel: pixelOf(page.line), isStriped: false };
    this.quiet = { pixel: pixelOf(page.quiet), isStriped: false };
    this.panel = pixelOf(page.panel);
    this.text = { pixel: pixelOf(page.text), isStriped: false };
    this.columns = new Float32Array(raster.width * PAINTS.length);
  }

  /** An empty column of a measure per pixel, to be filled by `lane` or `amounts`. */
  columnsOfMeasure(): Float64Array {
    return new Float64Array(this.raster.width);
  }

  /**
   * Paints a lane: slices one by one where they are wider than a pixel, else the shares of what they do. Adds its
   * amounts to the columns of a measure, if there is one.
   */
  lane(pyramid: Pyramid, lane: PaintedLane, visible: VisibleSlice): void {
    const { columns, view, cyclesPerPixel } = this;
    const { strip, amounts } = lane;
    const { second } = pyramid;
    const inks = lane.palette.map((paint) => this.inks[PAINTS.indexOf(paint)]!);
    columns.fill(0);
    let hasSums = false;
    walkView(pyramid, view.from, view.to, cyclesPerPixel, {
      slice: (place) => {
        this.slice(pyramid.slices, place, strip, inks[pyramid.paints[place]!]!, visible);
        if (second !== undefined) this.beside(pyramid.slices, place, strip, second, inks[second.paint]!);
      },
      cycles: (start, _, paint, cycles) => {
        columns[this.column(start) * inks.length + paint]! += cycles;
        hasSums = true;
      },
      amount: (start, end, amount) => {
        if (amounts !== undefined) this.add(amounts, start, end, amount);
      },
    });
    if (hasSums) this.sums(strip, inks);
  }

  /** Per paint of a lane, in which columns it has anything. */
  columnsOfPaints(pyramid: Pyramid): Uint8Array[] {
    const { view, cyclesPerPixel, raster } = this;
    const found = Array.from({ length: pyramid.paintCount }, () => new Uint8Array(raster.width));
    const mark = (start: number, end: number, paint: number): void => {
      found[paint]!.fill(1, this.column(start), this.column(end - cyclesPerPixel / 1e6) + 1);
    };
    walkView(pyramid, view.from, view.to, cyclesPerPixel, {
      slice: (place) => mark(pyramid.slices.starts[place]!, pyramid.slices.ends[place]!, pyramid.paints[place]!),
      cycles: (start, end, paint) => mark(start, end, paint),
      amount: () => {},
    });
    return found;
  }

  /** Fades a row, but for columns that are kept. */
  fade({ top, height }: Strip, keeps: Uint8Array | undefined): void {
    this.raster.fade(top, top + height, this.panel, keeps);
  }

  /** Adds a counter, or a lane that is not painted, to the columns of a measure. */
  amounts(pyramid: Pyramid<Spans>, amounts: Float64Array): void {
    const { view, cyclesPerPixel } = this;
    walkView(pyramid, view.from, view.to, cyclesPerPixel, {
      slice: () => {},
      cycles: () => {},
      amount: (start, end, amount) => this.add(amounts, start, end, amount),
    });
  }

  /** Paints a measure, averaged over each pixel, as a share of `most`; `isInner`: over another one, part of it. */
  measure(amounts: Float64Array, most: number, strip: Strip, isInner = false): void {
    const { raster, cyclesPerPixel } = this;
    const ink = isInner ? this.text : this.quiet;
    const bottom = strip.top + strip.height;
    const lines = strip.height < LOW_ROW * devicePixelRatio ? SCALE_LINES.slice(0, 1) : SCALE_LINES;
    for (const share of isInner ? [] : lines) {
      const row = Math.round(strip.top + (1 - share) * (strip.height - 1));
      raster.fill(0, raster.width, row, row + 1, this.line);
    }
    for (let column = 0; column < raster.width; column++) {
      const share = amounts[column]! / (cyclesPerPixel * most);
      // What is there is seen, however little.
      const height = share > 0 ? Math.min(strip.height, Math.max(1, Math.round(share * strip.height))) : 0;
      if (height > 0) raster.fill(column, column + 1, bottom - height, bottom, ink);
    }
  }

  /** Spreads an amount evenly over the columns of [start, end). */
  private add(amounts: Float64Array, start: number, end: number, amount: number): void {
    const { view, cyclesPerPixel } = this;
    const first = this.column(start);
    // Most of what lies in a wide view is within a column.
    if (start >= view.from && end <= view.from + (first + 1) * cyclesPerPixel) {
      amounts[first]! += amount;
      return;
    }
    const last = this.column(end - cyclesPerPixel / 1e6);
    const perCycle = amount / (end - start);
    for (let column = first; column <= last; column++) {
      const left = view.from + column * cyclesPerPixel;
      const overlap = Math.min(end, left + cyclesPerPixel) - Math.max(start, left);
      if (overlap > 0) amounts[column]! += perCycle * overlap;
    }
  }

  /** The column of a cycle, the nearest one inside. */
  private column(cycle: number): number {
    const column = Math.floor((cycle - this.view.from) / this.cyclesPerPixel);
    return Math.min(Math.max(column, 0), this.raster.width - 1);
  }

  private slice(slices: LaneSlices, place: number, strip: Strip, ink: Ink, visible: VisibleSlice): void {
    const { view, cyclesPerPixel, raster } = this;
    const left = Math.round((slices.starts[place]! - view.from) / cyclesPerPixel);
    const right = Math.round((slices.ends[place]! - view.from) / cyclesPerPixel);
    const isWait = this.waits[slices.whats[place]!]!;
    const height = isWait ? Math.round(strip.height * WAIT_SHARE) : strip.height;
    const bottom = strip.top + strip.height;
    const gap = right - left >= PIXELS_WITH_GAP ? 1 : 0;
    raster.fill(left, right - gap, bottom - height, bottom, ink);
    visible(place, Math.max(left, 0), Math.min(right, raster.width));
  }

  /** Paints the share of a slice that has another paint, at its top. */
  private beside(slices: LaneSlices, place: number, strip: Strip, { shares }: SecondPaint, ink: Ink): void {
    const height = Math.round(strip.height * shares[place]!);
    if (height === 0) return;
    const { view, cyclesPerPixel, raster } = this;
    const left = Math.round((slices.starts[place]! - view.from) / cyclesPerPixel);
    const right = Math.round((slices.ends[place]! - view.from) / cyclesPerPixel);
    raster.fill(left, right, strip.top, strip.top + height, ink);
  }

  /** Paints the sums of each column as a stack; what is there is seen, however little. */
  private sums({ top, height }: Strip, inks: readonly Ink[]): void {
    const { columns, raster, cyclesPerPixel } = this;
    for (let column = 0; column < raster.width; column++) {
      let bottom = top + height;
      for (let paint = 0; paint < inks.length; paint++) {
        const cycles = columns[column * inks.length + paint]!;
        if (cycles === 0) continue;
        const share = Math.max(1, Math.round((cycles / cyclesPerPixel) * height));
        const next = Math.max(top, bottom - share);
        raster.fill(column, column + 1, next, bottom, inks[paint]!);
        bottom = next;
      }
    }
  }
}
