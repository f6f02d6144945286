/** What a name of the vocabulary is. */
import type { Layer } from '../layers/layer.ts';
import type { Hardware } from '../schemas/hardware.ts';

/** A number that expressions can read. */
export interface Quantity<Of extends Layer = Layer> {
  readonly unit: string;
  readonly meaning: string;
  readonly read: (layer: Of, hardware: Hardware) => number;
}

/** A text that expressions can compare. */
export interface TextQuantity<Of extends Layer = Layer> {
  readonly meaning: string;
  readonly text: (layer: Of) => string;
}

/** Numbers by their names. */
export type Quantities<Of extends Layer> = Readonly<Record<string, Quantity<Of>>>;

/** The same for every dimension: `T_oc`, `T_ic`, …. */
export function perDimension<Of extends Layer, Dim extends string>(
  dims: readonly Dim[],
  nameOf: (dim: Dim) => string,
  quantityOf: (dim: Dim) => Quantity<Of>,
): Record<string, Quantity<Of>> {
  return Object.fromEntries(dims.map((dim) => [nameOf(dim), quantityOf(dim)]));
}

/** Units. */
export const SIZE = 'elements';
export const TILES = 'tiles';
export const CYCLES = 'cycles';
export const BITS = 'bits';

/** Of a sliding kernel: what convs and windows have in common. */
export const SLIDING = {
  S_h: { unit: SIZE, meaning: 'stride along the height' },
  S_w: { unit: SIZE, meaning: 'stride along the width' },
  D_h: { unit: SIZE, meaning: 'dilation along the height; 1 is none' },
  D_w: { unit: SIZE, meaning: 'dilation along the width' },
} as const;
