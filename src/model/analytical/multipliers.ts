/** Outer multipliers m_φ = size / tile (eq 1), and the enlarged layer of the `ceiling` variant. */
import type { ConvSizes, LoopDim, SimdSizes } from '../layers/layer.ts';
import { roundUpTo } from '../layers/rounding.ts';

/** `published`: multipliers stay fractional. `ceiling`: every dimension is enlarged to whole tiles first. */
export const VARIANTS = ['published', 'ceiling'] as const;
export type Variant = (typeof VARIANTS)[number];

/** m_φ of each convolution loop. */
export type ConvMultipliers = Readonly<Record<LoopDim, number>>;

/** m_φ of the seven convolution loops, fractional where a tile does not divide, and G. */
export function convMultipliers(sizes: ConvSizes, tile: ConvSizes, groups: number): ConvMultipliers {
  return {
    g: groups,
    oc: sizes.oc / tile.oc,
    ic: sizes.ic / tile.ic,
    kh: sizes.kh / tile.kh,
    kw: sizes.kw / tile.kw,
    n: sizes.n / tile.n,
    oh: sizes.oh / tile.oh,
    ow: sizes.ow / tile.ow,
  };
}

/** The sizes that a variant computes with. */
export function variantSizes<Sizes extends ConvSizes | SimdSizes>(sizes: Sizes, tile: Sizes, variant: Variant): Sizes {
  if (variant === 'published') return sizes;
  // Every entry is a number.
  const whole = { ...sizes } as Record<keyof Sizes, number>;
  for (const dim in whole) whole[dim] = roundUpTo(whole[dim], tile[dim] as number);
  return whole as Sizes;
}
