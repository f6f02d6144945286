/** The off-chip traffic of any layer without a run. */
import type { Layer } from '../layers/layer.ts';
import type { Hardware } from '../schemas/hardware.ts';
import type { Assumptions } from './assumptions.ts';
import type { Traffic } from './cuts.ts';
import { saTraffic } from './saTraffic.ts';
import { simdTraffic } from './simdTraffic.ts';

/** Traffic of a layer, issued and useful, as the machine with these slots moves it under some assumptions. */
export function trafficOf(layer: Layer, hardware: Pick<Hardware, 'slots'>, assumptions: Assumptions): Traffic {
  return layer.unit === 'SA' ? saTraffic(layer, hardware, assumptions) : simdTraffic(layer, assumptions.fullEdgeTiles);
}
