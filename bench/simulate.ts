/** A whole run with nobody watching: the entry of the bundles that tracingOff.ts compares. */
import type { Layer } from '../src/model/layers/layer.ts';
import { Machine } from '../src/model/machine/machine.ts';
import { HARDWARE } from '../src/model/schedule/assumptions.ts';
import type { Hardware } from '../src/model/schemas/hardware.ts';

/** Steps every tile of every layer; returns the cycles. */
export function simulate(layers: readonly Layer[], hardware: Hardware): number {
  const machine = new Machine(hardware, { fastForward: false });
  return layers.reduce((cycles, layer) => cycles + machine.run(layer, HARDWARE).totalCycles, 0);
}
