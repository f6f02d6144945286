/** Paints one row of the timeline into a raster. */
import type { PageHead } from '../pageData.ts';
import { PAINTS, PALETTE } from '../palette.ts';
import { type Pyramid, walkView } from '../pyramid.ts';
import { type Ink, pixelOf, type Raster } from './raster.ts';
import { scheme } from './scheme.ts';
import type { View } from './view.ts';

/** Where work is done a lane is filled, where it waits only up to this share. */
const WAIT_SHARE = 0.45;
/** A slice of at least this many pixels is set apart from the next one. */
const PIXELS_WITH_GAP = 4;

/** A row's place in the raster, in its pixels. */
export interface Strip {
  readonly top: number;
  readonly height: number;
}

/** A slice that is wide enough to be told apart. */
export type VisibleSlice = (place: number, left: number, right: number) => void;

export class RowPainter {
  private readonly raster: Raster;
  private readonly view: View;
  private readonly cyclesPerPixel: number;
  private readonly waits: readonly boolean[];
  private readonly inks: readonly Ink[];
  /** Cycles of each paint in each column. */
  private readonly columns: Float32Array;

  constructor(raster: Raster, view: View, head: PageHead) {
    this.raster = raster;
    this.view = view;
    this.cyclesPerPixel = (view.to - view.from) / raster.width;
    this.waits = head.whats.map(({ kind }) => kind === 'wait');
    this.inks = scheme().paints.map((colour, place) => ({
      pixel: pixelOf(colour),
      isStriped: PALETTE[PAINTS[place]!].isStriped === true,
    }));
    this.columns = new Float32Array(raster.width * PAINTS.length);
  }

  /** Paints a lane: slices one by one where they are wider than a pixel, else the shares of what they do. */
  lane(pyramid: Pyramid, strip: Strip, visible: VisibleSlice): void {
    const { columns, view, cyclesPerPixel } = this;
    columns.fill(0);
    let hasSums = false;
    walkView(pyramid, view.from, view.to, cyclesPerPixel, {
      slice: (place) => this.slice(pyramid, place, strip, visible),
      cycles: (start, _, paint, cycles) => {
        columns[this.column(start) * PAINTS.length + paint]! += cycles;
        hasSums = true;
      },
      bitCycles: () => {},
    });
    if (hasSums) this.sums(strip);
  }

  /** Paints how full an SRAM is: what its slots hold, as a share of `capacityBits`, averaged over each pixel. */
  occupancy(slots: readonly Pyramid[], capacityBits: number, strip: Strip, ink: Ink): void {
    const { raster, view, cyclesPerPixel } = this;
    const bitCycles = new Float64Array(raster.width);
    const add = (start: number, end: number, amount: number): void => {
      const first = this.column(start);
      const last = this.column(end - cyclesPerPixel / 1e6);
      const perCycle = amount / (end - start);
      for (let column = first; column <= last; column++) {
        const left = view.from + column * cyclesPerPixel;
        const overlap = Math.min(end, left + cyclesPerPixel) - Math.max(start, left);
        bitCycles[column]! += perCycle * Math.max(overlap, 0);
      }
    };
    for (const slot of slots) {
      walkView(slot, view.from, view.to, cyclesPerPixel, { slice: () => {}, cycles: () => {}, bitCycles: add });
    }
    for (let column = 0; column < raster.width; column++) {
      const share = bitCycles[column]! / (cyclesPerPixel * capacityBits);
      const height = Math.min(strip.height, Math.round(share * strip.height));
      raster.fill(column, column + 1, strip.top + strip.height - height, strip.top + strip.height, ink);
    }
  }

  /** The column of a cycle, the nearest one inside. */
  private column(cycle: number): number {
    const column = Math.floor((cycle - this.view.from) / this.cyclesPerPixel);
    return Math.min(Math.max(column, 0), this.raster.width - 1);
  }

  private slice({ slices, paints }: Pyramid, place: number, strip: Strip, visible: VisibleSlice): void {
    const { view, cyclesPerPixel, raster } = this;
    const left = Math.round((slices.starts[place]! - view.from) / cyclesPerPixel);
    const right = Math.round((slices.ends[place]! - view.from) / cyclesPerPixel);
    const isWait = this.waits[slices.whats[place]!]!;
    const height = isWait ? Math.round(strip.height * WAIT_SHARE) : strip.height;
    const bottom = strip.top + strip.height;
    const gap = right - left >= PIXELS_WITH_GAP ? 1 : 0;
    raster.fill(left, right - gap, bottom - height, bottom, this.inks[paints[place]!]!);
    visible(place, Math.max(left, 0), Math.min(right, raster.width));
  }

  /** Paints the sums of each column as a stack; what is there is seen, however little. */
  private sums({ top, height }: Strip): void {
    const { columns, raster, cyclesPerPixel } = this;
    for (let column = 0; column < raster.width; column++) {
      let bottom = top + height;
      for (let paint = 0; paint < PAINTS.length; paint++) {
        const cycles = columns[column * PAINTS.length + paint]!;
        if (cycles === 0) continue;
        const share = Math.max(1, Math.round((cycles / cyclesPerPixel) * height));
        const next = Math.max(top, bottom - share);
        raster.fill(column, column + 1, next, bottom, this.inks[paint]!);
        bottom = next;
      }
    }
  }
}
