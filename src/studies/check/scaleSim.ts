/** What SCALE-Sim's stall-free formula says of the layers on the systolic array, weight stationary. */
import type { Layer, SaLayer } from '../../model/layers/layer.ts';
import { ceilDiv } from '../../model/layers/rounding.ts';
import { saUsefulOf } from '../../model/schedule/saTraffic.ts';
import type { Hardware } from '../../model/schemas/hardware.ts';
import type { Prediction } from './against.ts';

/**
 * ⌈K/R⌉·⌈N/C⌉·(T + 2R + C − 2) − 1 cycles on R rows and C columns: K = kh·kw·input channels, N filters, T output pixels,
 * all without padding to the array. SCALE-Sim knows no groups: each is a layer of its own.
 */
export function scaleSimCycles(layer: SaLayer, { array }: Pick<Hardware, 'array'>): number {
  const { rows, columns } = array;
  const { oc, ic, n, oh, ow } = saUsefulOf(layer).sizes;
  const { kh, kw } = layer.sizes;
  const passes = ceilDiv(kh * kw * ic, rows) * ceilDiv(oc, columns);
  return layer.groups * (passes * (n * oh * ow + 2 * rows + columns - 2) - 1);
}

/** The formula's cycles by layer; layers on the SIMD array have none. */
export function scaleSimPredictions(layers: readonly Layer[], hardware: Hardware): Prediction[] {
  return layers.flatMap((layer, place) =>
    layer.unit === 'SA' ? [{ layer: layer.name, cycles: scaleSimCycles(layer, hardware), line: place + 1 }] : [],
  );
}
