/** Which interface holds a layer up, and from which bandwidth on it does not: found by running the layer again. */

import type { Layer } from '../layers/layer.ts';
import type { InterfaceName } from '../machine/observer.ts';
import type { Hardware } from '../spec/hardware.ts';
import { firstFailing } from './search.ts';

/** Cycles of the layer, with the tile that it has, on another hardware point. */
export type CyclesOn = (hardware: Hardware) => number;

/** What more, or less, bandwidth of one interface does. */
export interface BandwidthLever {
  readonly interface: InterfaceName;
  readonly bitsPerCycle: number;
  /** What the array can take of it: J · b_w of weights, any amount of the rest. */
  readonly usableBitsPerCycle: number;
  /** Cycles without any limit of this interface. */
  readonly cyclesUnlimited: number;
  /** Where more pays: the bandwidth that comes within a percent of that, and its cycles. */
  readonly enough: { readonly bitsPerCycle: number; readonly cycles: number } | undefined;
  /** Where it does not: the smallest bandwidth that costs no more than a percent. */
  readonly needed: number | undefined;
}

const INTERFACES_OF: Readonly<Record<Layer['unit'], readonly InterfaceName[]>> = {
  SA: ['weight', 'ifmap', 'psum'],
  SIMD: ['vmem'],
};
const UNLIMITED_BITS_PER_CYCLE = 2 ** 40;
const MOST_TIMES = 1024;
const TOLERANCE = 0.01;

/** The hardware with another bandwidth of one interface. */
export function withBandwidth(hardware: Hardware, name: InterfaceName, bitsPerCycle: number): Hardware {
  return { ...hardware, bitsPerCycle: { ...hardware.bitsPerCycle, [name]: bitsPerCycle } };
}

/** The levers of a layer that now takes `cycles`, interface by interface, to the bit per cycle. */
export function bandwidthLevers(
  layer: Layer,
  hardware: Hardware,
  cycles: number,
  cyclesOn: CyclesOn,
): BandwidthLever[] {
  return INTERFACES_OF[layer.unit].map((name): BandwidthLever => {
    const now = hardware.bitsPerCycle[name];
    const usableBitsPerCycle =
      name === 'weight' ? hardware.array.rows * hardware.bits.weight : UNLIMITED_BITS_PER_CYCLE;
    const lever = { interface: name, bitsPerCycle: now, usableBitsPerCycle };
    const at = (bitsPerCycle: number): number => cyclesOn(withBandwidth(hardware, name, bitsPerCycle));
    const cyclesUnlimited = at(UNLIMITED_BITS_PER_CYCLE);
    const pays = cyclesUnlimited * (1 + TOLERANCE) < cycles;
    if (pays) {
      const isTooSlow = (increase: number): boolean => at(now + increase) > cyclesUnlimited * (1 + TOLERANCE);
      const increase = firstFailing(isTooSlow, now * MOST_TIMES);
      const enough = increase === undefined ? undefined : now + increase;
      return {
        ...lever,
        cyclesUnlimited,
        enough: enough === undefined ? undefined : { bitsPerCycle: enough, cycles: at(enough) },
        needed: undefined,
      };
    }
    const isFastEnough = (decrease: number): boolean => at(now - decrease) <= cycles * (1 + TOLERANCE);
    const tooMuch = firstFailing(isFastEnough, Math.ceil(now) - 1) ?? Math.ceil(now);
    return { ...lever, cyclesUnlimited, enough: undefined, needed: now - tooMuch + 1 };
  });
}
