/** The tiling generator for SIMD operations (MODEL.md §2). */
import type { SimdSizes, Window } from '../layers/layer.ts';
import { type SimdOperation, tensorElements, type VmemFit } from '../operations/simdRow.ts';
import { firstPlaneShare, firstWholeShare, grow } from './convTiling.ts';

/** What a row of the table is asked with: the tile is read when it asks. */
function fitOf(tile: SimdSizes, window: Window, lanes: number, psumBits: number, half: number): VmemFit {
  return {
    bitsOf: (tensor) => tensorElements(tensor, tile, window) * psumBits,
    laneBits: lanes * psumBits,
    half,
  };
}

/** Whether a tile of an operation fits VMem; `half` is what one step may use of VMem1, in bits. */
export function simdTileFits(
  operation: SimdOperation,
  tile: SimdSizes,
  window: Window,
  lanes: number,
  psumBits: number,
  half: number,
): boolean {
  return operation.fits(fitOf(tile, window, lanes, psumBits, half));
}

/** The generator's tile, or undefined when even one pixel of K channels does not fit. `sizes` are padded. */
export function generateSimdTile(
  operation: SimdOperation,
  sizes: SimdSizes,
  window: Window,
  lanes: number,
  psumBits: number,
  half: number,
): SimdSizes | undefined {
  // One tile that changes until it is the right one: a search asks of thousands of points.
  const tile = { ...sizes, c: lanes, n: 1 };
  const fit = fitOf(tile, window, lanes, psumBits, half);

  const plane = firstPlaneShare(sizes.h, sizes.w, true, (h, w) => {
    tile.h = h;
    tile.w = w;
    return operation.fits(fit);
  });
  if (plane === undefined) return undefined;
  [tile.h, tile.w] = plane;

  const growChannels = (): void => {
    tile.c = grow(tile.c, lanes, sizes.c, (c) => {
      tile.c = c;
      return operation.fits(fit);
    });
  };
  if (operation.grow === 'c, n') growChannels();
  const n = firstWholeShare(sizes.n, (share) => {
    tile.n = share;
    return operation.fits(fit);
  });
  if (n === undefined) return undefined;
  tile.n = n;
  if (operation.grow === 'n, c') growChannels();
  return tile;
}
