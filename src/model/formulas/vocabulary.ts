/**
 * All that the expressions of a formula can read: the one table from which formulas are compiled, misspelt names are told
 * the right one, and `systole list names` is made.
 */
import type { Layer } from '../layers/layer.ts';
import { HARDWARE_QUANTITIES } from './hardwareQuantities.ts';
import type { Quantities, TextQuantity } from './quantity.ts';
import { SA_QUANTITIES, SA_TEXT_QUANTITIES } from './saQuantities.ts';
import { SIMD_QUANTITIES } from './simdQuantities.ts';

export { HARDWARE_QUANTITIES } from './hardwareQuantities.ts';

/** Texts of any layer. */
export const TEXT_QUANTITIES: Readonly<Record<string, TextQuantity>> = {
  op: { meaning: 'the operation: conv, gemm, relu, …', text: ({ op }) => op },
};

/** All that the expressions for layers of one array can read. */
export interface Vocabulary {
  readonly hardware: Quantities<Layer>;
  readonly layer: Quantities<Layer>;
  readonly texts: Readonly<Record<string, TextQuantity>>;
}

/** The names by array. Layers only ever meet the names of their own. */
export const VOCABULARY = {
  SA: {
    hardware: HARDWARE_QUANTITIES,
    layer: SA_QUANTITIES as unknown as Quantities<Layer>,
    texts: { ...TEXT_QUANTITIES, ...(SA_TEXT_QUANTITIES as unknown as Vocabulary['texts']) },
  },
  SIMD: {
    hardware: HARDWARE_QUANTITIES,
    layer: SIMD_QUANTITIES as unknown as Quantities<Layer>,
    texts: TEXT_QUANTITIES,
  },
} as const satisfies Readonly<Record<Layer['unit'], Vocabulary>>;

/** All names that expressions for layers of an array can read. */
export function namesOf({ hardware, layer, texts }: Vocabulary): string[] {
  return [...Object.keys(layer), ...Object.keys(hardware), ...Object.keys(texts)];
}
