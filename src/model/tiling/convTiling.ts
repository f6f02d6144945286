/** The tiling generator for conv and gemm (MODEL.md §2). */
import { type ConvSizes, inputPlane, type Sliding } from '../layers/layer.ts';
import { ceilDiv } from '../layers/rounding.ts';
import { type BitsPerTensor, convTileBits } from '../operations/saCosts.ts';

/** What a conv tile must fit: capacity of one slot per buffer, in bits. */
export interface ConvCapacity {
  readonly wbuf: number;
  readonly ibuf: number;
  readonly obuf: number;
  readonly bbuf: number;
}

/** What the generator needs to know of a layer. */
export interface ConvToTile {
  /** Those of one group; channels are already padded. */
  readonly sizes: ConvSizes;
  readonly sliding: Sliding;
  /** Bits per element. */
  readonly bits: BitsPerTensor;
  /** J and K: tiles grow by as many input and output channels. */
  readonly rows: number;
  readonly columns: number;
}

/** The first buffer that the tile does not fit, with what it needs, or undefined. All in bits. */
export function convMisfit(
  tile: ConvSizes,
  layer: ConvToTile,
  capacity: ConvCapacity,
): { buffer: keyof ConvCapacity; needs: number; has: number } | undefined {
  const needs = convTileBits(tile, layer.sliding, layer.bits);
  const pairs = [
    ['wbuf', needs.weight],
    ['ibuf', needs.ifmap],
    ['obuf', needs.psum],
    ['bbuf', needs.bias],
  ] as const;
  const misfit = pairs.find(([buffer, bits]) => bits > capacity[buffer]);
  return misfit && { buffer: misfit[0], needs: misfit[1], has: capacity[misfit[0]] };
}

/**
 * Grows `start` by `unit` up to `limit` for as long as `fits` holds. What does not fit does not fit when it is larger
 * either, so the last that fits is found by bisection.
 */
export function grow(start: number, unit: number, limit: number, fits: (size: number) => boolean): number {
  let fitting = 0;
  let most = Math.floor((limit - start) / unit);
  while (fitting < most) {
    const middle = Math.ceil((fitting + most) / 2);
    if (fits(start + middle * unit)) fitting = middle;
    else most = middle - 1;
  }
  return start + fitting * unit;
}

/** The first of size, size/2, size/3, … that is whole and fits; undefined if none does. */
export function firstWholeShare(size: number, fits: (share: number) => boolean): number | undefined {
  const root = Math.floor(Math.sqrt(size));
  for (let parts = 1; parts <= root; parts++) {
    if (size % parts === 0 && fits(size / parts)) return size / parts;
  }
  // More parts leave shares below the root: those are fewer to try.
  for (let share = root; share >= 1; share--) {
    if (size % share === 0 && fits(share)) return share;
  }
  return undefined;
}

/**
 * The smallest number of parts, from 1 to `most`, for which `fits` holds; undefined if it does not hold for `most`. More
 * parts are smaller ones, and what fits still fits when it is smaller: found by bisection.
 */
function fewestParts(most: number, fits: (parts: number) => boolean): number | undefined {
  if (!fits(most)) return undefined;
  let tooFew = 0;
  let enough = most;
  while (enough - tooFew > 1) {
    const middle = Math.floor((tooFew + enough) / 2);
    if (fits(middle)) enough = middle;
    else tooFew = middle;
  }
  return enough;
}

/**
 * Height and width divided by the same number 1, 2, 3, … until the pair fits. With `exact` only numbers that divide
 * both count, and where none of them fits (90×160 has few), ⌈·⌉ is taken after all; undefined if 1×1 does not fit.
 */
export function firstPlaneShare(
  height: number,
  width: number,
  exact: boolean,
  fits: (h: number, w: number) => boolean,
): [number, number] | undefined {
  const shareOf = (parts: number): [number, number] => {
    const [h, w] = [ceilDiv(height, parts), ceilDiv(width, parts)];
    return [h, w];
  };
  const fewest = fewestParts(Math.max(height, width), (parts) => fits(...shareOf(parts)));
  if (fewest === undefined) return undefined;
  if (exact) {
    for (let parts = fewest; parts <= Math.min(height, width); parts++) {
      if (height % parts === 0 && width % parts === 0) return shareOf(parts);
    }
  }
  return shareOf(fewest);
}

/**
 * The generator's outer tile, or undefined when even the smallest does not fit. Steps 1–5 of MODEL.md §2; wherever these
 * ask whether the psums fit OBuf, `psumsFitToo` must hold of the tile as well.
 */
export function generateConvTile(
  layer: ConvToTile,
  capacity: ConvCapacity,
  psumsFitToo: (tile: ConvSizes) => boolean = () => true,
): ConvSizes | undefined {
  const { sizes, rows, columns } = layer;
  const bitsOf = (tile: ConvSizes): BitsPerTensor => convTileBits(tile, layer.sliding, layer.bits);
  let tile: ConvSizes = { oc: columns, ic: rows, n: 1, kh: sizes.kh, kw: sizes.kw, oh: sizes.oh, ow: sizes.ow };

  // The generator looks at the kernel's own footprint in IBuf here, before it knows oh and ow.
  const kernelFits = (t: ConvSizes): boolean => {
    const footprint = inputPlane({ h: 1, w: 1 }, { h: t.kh, w: t.kw }, layer.sliding);
    return (
      t.kw * t.kh * t.ic * t.oc * layer.bits.weight <= capacity.wbuf &&
      footprint.w * footprint.h * t.ic * t.n * layer.bits.ifmap <= capacity.ibuf
    );
  };
  const kernelShare = (parts: number): ConvSizes => ({
    ...tile,
    kh: ceilDiv(sizes.kh, parts),
    kw: ceilDiv(sizes.kw, parts),
  });
  const kernelParts = fewestParts(Math.max(sizes.kh, sizes.kw), (parts) => kernelFits(kernelShare(parts)));
  if (kernelParts === undefined) return undefined;
  tile = kernelShare(kernelParts);

  tile = { ...tile, ic: grow(tile.ic, rows, sizes.ic, (ic) => kernelFits({ ...tile, ic })) };

  const planeFits = (t: ConvSizes): boolean => {
    const bits = bitsOf(t);
    return bits.psum <= capacity.obuf && bits.ifmap <= capacity.ibuf && psumsFitToo(t);
  };
  // The layer's own kernel, neither its tile nor what it spans, decides whether oh and ow must divide.
  const exact = sizes.kh <= 3 && sizes.kw <= 3;
  const plane = firstPlaneShare(sizes.oh, sizes.ow, exact, (oh, ow) => planeFits({ ...tile, oh, ow }));
  if (plane === undefined) return undefined;
  tile = { ...tile, oh: plane[0], ow: plane[1] };

  const n = firstWholeShare(sizes.n, (share) => planeFits({ ...tile, n: share }));
  if (n === undefined) return undefined;
  tile = { ...tile, n };

  const channelsFit = (oc: number): boolean => {
    const grown = { ...tile, oc };
    const bits = bitsOf(grown);
    const fits = bits.weight <= capacity.wbuf && bits.psum <= capacity.obuf && bits.bias <= capacity.bbuf;
    return fits && psumsFitToo(grown);
  };
  return { ...tile, oc: grow(tile.oc, columns, sizes.oc, channelsFit) };
}
