/** The tiling generator for conv and gemm (MODEL.md §2). */
import { type ConvSizes, inputExtent, type Sliding } from '../layers/layer.ts';
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
  const fewest = fewestParts(Math.max(height, width), (parts) => fits(ceilDiv(height, parts), ceilDiv(width, parts)));
  if (fewest === undefined) return undefined;
  let chosen = fewest;
  if (exact) {
    for (let parts = fewest; parts <= Math.min(height, width); parts++) {
      if (height % parts !== 0 || width % parts !== 0) continue;
      chosen = parts;
      break;
    }
  }
  return [ceilDiv(height, chosen), ceilDiv(width, chosen)];
}

/**
 * The generator's outer tile, or undefined when even the smallest does not fit. Steps 1–5 of MODEL.md §2; wherever these
 * ask whether the psums fit OBuf, `psumsFitToo`, if there is one, must hold of the tile as well.
 */
export function generateConvTile(
  layer: ConvToTile,
  capacity: ConvCapacity,
  psumsFitToo?: (tile: ConvSizes) => boolean,
): ConvSizes | undefined {
  const { sizes, bits, rows, columns } = layer;
  const { stride, dilation } = layer.sliding;

  // The generator looks at the kernel's own footprint in IBuf here, before it knows oh and ow.
  const kernelFits = (kh: number, kw: number, ic: number): boolean =>
    kh * kw * ic * columns * bits.weight <= capacity.wbuf &&
    inputExtent(1, stride.h, kh, dilation.h) * inputExtent(1, stride.w, kw, dilation.w) * ic * bits.ifmap <=
      capacity.ibuf;
  const kernelParts = fewestParts(Math.max(sizes.kh, sizes.kw), (parts) =>
    kernelFits(ceilDiv(sizes.kh, parts), ceilDiv(sizes.kw, parts), rows),
  );
  if (kernelParts === undefined) return undefined;
  const [kh, kw] = [ceilDiv(sizes.kh, kernelParts), ceilDiv(sizes.kw, kernelParts)];

  const ic = grow(rows, rows, sizes.ic, (size) => kernelFits(kh, kw, size));

  const planeFits = (oh: number, ow: number, n: number): boolean =>
    oh * ow * columns * n * bits.psum <= capacity.obuf &&
    inputExtent(oh, stride.h, kh, dilation.h) * inputExtent(ow, stride.w, kw, dilation.w) * ic * n * bits.ifmap <=
      capacity.ibuf &&
    (psumsFitToo?.({ oc: columns, ic, n, kh, kw, oh, ow }) ?? true);
  // The layer's own kernel, neither its tile nor what it spans, decides whether oh and ow must divide.
  const exact = sizes.kh <= 3 && sizes.kw <= 3;
  const plane = firstPlaneShare(sizes.oh, sizes.ow, exact, (oh, ow) => planeFits(oh, ow, 1));
  if (plane === undefined) return undefined;
  const [oh, ow] = plane;

  const n = firstWholeShare(sizes.n, (share) => planeFits(oh, ow, share));
  if (n === undefined) return undefined;

  const channelsFit = (oc: number): boolean =>
    kh * kw * ic * oc * bits.weight <= capacity.wbuf &&
    oh * ow * oc * n * bits.psum <= capacity.obuf &&
    oc * bits.bias <= capacity.bbuf &&
    (psumsFitToo?.({ oc, ic, n, kh, kw, oh, ow }) ?? true);
  const oc = grow(columns, columns, sizes.oc, channelsFit);
  return { oc, ic, n, kh, kw, oh, ow };
}
