/** The tiling generator for SIMD operations (MODEL.md §2). */
import type { SimdSizes, Window } from '../layers/layer.ts';
import { type SimdOperation, tensorElements } from '../operations/simdRow.ts';
import { firstPlaneShare, firstWholeShare, grow } from './convTiling.ts';

/** Whether a tile of an operation fits VMem; `half` is what one step may use of VMem1, in bits. */
export function simdTileFits(
  operation: SimdOperation,
  tile: SimdSizes,
  window: Window,
  lanes: number,
  psumBits: number,
  half: number,
): boolean {
  return operation.fits({
    bitsOf: (tensor) => tensorElements(tensor, tile, window) * psumBits,
    laneBits: lanes * psumBits,
    half,
  });
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
  const fits = (tile: SimdSizes): boolean => simdTileFits(operation, tile, window, lanes, psumBits, half);
  let tile: SimdSizes = { ...sizes, c: lanes, n: 1 };

  const plane = firstPlaneShare(sizes.h, sizes.w, true, (h, w) => fits({ ...tile, h, w }));
  if (plane === undefined) return undefined;
  tile = { ...tile, h: plane[0], w: plane[1] };

  const growChannels = (): void => {
    tile = { ...tile, c: grow(tile.c, lanes, sizes.c, (c) => fits({ ...tile, c })) };
  };
  if (operation.grow === 'c, n') growChannels();
  const n = firstWholeShare(sizes.n, (share) => fits({ ...tile, n: share }));
  if (n === undefined) return undefined;
  tile = { ...tile, n };
  if (operation.grow === 'n, c') growChannels();
  return tile;
}
