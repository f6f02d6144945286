/** Pixels of a canvas as numbers: filling them costs the same however many slices there are. */

/** Of stripes: this many rows of pixels are filled, the next one is not. */
const STRIPE_ROWS = 2;

/** A quarter of each of a pixel's three colours has no bits but these. */
const QUARTERS = 0x3f3f3f;
const OPAQUE = 0xff000000;

/** A colour `#rrggbb` as a pixel (little endian: ABGR). */
export function pixelOf(colour: string): number {
  const value = Number.parseInt(colour.slice(1), 16);
  return (0xff000000 | ((value & 0xff) << 16) | (value & 0xff00) | (value >> 16)) >>> 0;
}

/** How pixels are filled: a colour, in stripes or not. */
export interface Ink {
  readonly pixel: number;
  readonly isStriped: boolean;
}

export class Raster {
  readonly width: number;
  readonly height: number;
  private readonly image: ImageData;
  private readonly pixels: Uint32Array;
  /** The rows of pixels that are painted. */
  private clipTop = 0;
  private clipBottom: number;

  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    this.clipBottom = height;
    this.image = new ImageData(width, height);
    this.pixels = new Uint32Array(this.image.data.buffer);
  }

  /** Fills everything. */
  clear(pixel: number): void {
    this.pixels.fill(pixel);
  }

  /** From now on only rows [top, bottom) of pixels are filled. */
  clip(top: number, bottom: number): void {
    this.clipTop = Math.max(top, 0);
    this.clipBottom = Math.min(bottom, this.height);
  }

  /** Fills columns [left, right) of rows [top, bottom); what lies outside is cut. */
  fill(left: number, right: number, top: number, bottom: number, { pixel, isStriped }: Ink): void {
    const from = Math.max(left, 0);
    const to = Math.min(right, this.width);
    if (from >= to) return;
    const { pixels, width } = this;
    const isNarrow = to - from < 4;
    const last = Math.min(bottom, this.clipBottom);
    for (let row = Math.max(top, this.clipTop); row < last; row++) {
      // Counted from below, where a stack begins.
      if (isStriped && (bottom - row) % (STRIPE_ROWS + 1) === 0) continue;
      const start = row * width;
      if (isNarrow) for (let place = start + from; place < start + to; place++) pixels[place] = pixel;
      else pixels.fill(pixel, start + from, start + to);
    }
  }

  /** Fades columns of rows [top, bottom) into a colour, all but those that are kept. */
  fade(top: number, bottom: number, pixel: number, keeps: ArrayLike<number> | undefined): void {
    const { pixels, width } = this;
    const base = 3 * ((pixel >>> 2) & QUARTERS);
    const last = Math.min(bottom, this.clipBottom);
    for (let row = Math.max(top, this.clipTop); row < last; row++) {
      const start = row * width;
      for (let column = 0; column < width; column++) {
        if (keeps !== undefined && keeps[column]! > 0) continue;
        const place = start + column;
        pixels[place] = (OPAQUE | (((pixels[place]! >>> 2) & QUARTERS) + base)) >>> 0;
      }
    }
  }

  paint(context: CanvasRenderingContext2D, left: number, top: number): void {
    context.putImageData(this.image, left, top);
  }
}
