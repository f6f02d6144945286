/** A whole run with nobody watching: the entry of the bundles that tracingOff.ts compares. */
import type { Layer } from '../src/layers/layer.ts';
import { Machine } from '../src/machine/machine.ts';
import { HARDWARE } from '../src/schedule/assumptions.ts';
import type { Hardware } from '../src/spec/hardware.ts';

/** Steps every tile of every layer; returns the cycles. */
export function simulate(layers: readonly Layer[], hardware: Hardware): number {
  const machine = new Machine(hardware, { fastForward: false });
  return layers.reduce((cycles, layer) => cycles + machine.run(layer, HARDWARE).totalCycles, 0);
}
