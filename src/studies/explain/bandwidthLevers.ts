/** How much bandwidth of each interface a layer needs: found by running the layer again. */
import type { InterfaceName } from '../../model/machine/observer.ts';
import { type Hardware, takenWeightBitsPerCycle } from '../../model/schemas/hardware.ts';
import { MOST_TIMES, pays } from './reliefs.ts';
import { isInterface, resourcesOf, UNLIMITED_BITS_PER_CYCLE, withAmount } from './resources.ts';
import { halve, smallestHolding } from './search.ts';
import { isGroup, type Point, type StagePart, type Trials, type Tried, type Trying } from './trials.ts';

/** What more, or less, bandwidth of one interface does to a layer with the tile that it has. */
export interface BandwidthLever {
  readonly interface: InterfaceName;
  readonly bitsPerCycle: number;
  /** What the array can take of it: J · b_w of weights, any amount of the rest. */
  readonly usableBitsPerCycle: number;
  /** Cycles without any limit of this interface. */
  readonly cyclesUnlimited: number;
  /** Where that saves a percent: the smallest bandwidth from which it no longer does, and its cycles. */
  readonly enough: { readonly bitsPerCycle: number; readonly cycles: number } | undefined;
  /** Where it does not: the smallest bandwidth from which today's does not either. */
  readonly needed: number | undefined;
}

/** Interfaces as parts of the stage: without a limit, then halving. */
const EACH_INTERFACE: StagePart = { from: 0, to: 1, runs: 8 };

/** Whether a layer's transfers take turns with its compute, and with all else: then no bandwidth hides them. */
export function neverHides(tried: Tried, { slots }: Hardware, { isOverlapped }: Pick<Trials, 'isOverlapped'>): boolean {
  return !isOverlapped && !isGroup(tried) && tried.unit === 'SIMD' && slots.vmem === 1;
}

/** The levers of a layer or a fused group, interface by interface, to the bit per cycle. */
export function* bandwidthLevers(tried: Tried, point: Point, trials: Trials): Trying<BandwidthLever[]> {
  const { hardware } = point;
  const cycles = yield* trials.cycles(tried, point);
  const names = resourcesOf(tried, point, trials).filter(isInterface);
  return yield* trials.each(names, EACH_INTERFACE, function* (name): Trying<BandwidthLever> {
    const now = hardware.bitsPerCycle[name];
    const at = (bitsPerCycle: number): Trying<number> => trials.cycles(tried, withAmount(point, name, bitsPerCycle));
    const cyclesUnlimited = yield* at(UNLIMITED_BITS_PER_CYCLE);
    const lever = {
      interface: name,
      bitsPerCycle: now,
      usableBitsPerCycle: name === 'weight' ? takenWeightBitsPerCycle(hardware) : UNLIMITED_BITS_PER_CYCLE,
      cyclesUnlimited,
      enough: undefined,
      needed: undefined,
    };
    const isEnough = function* (bitsPerCycle: number): Trying<boolean> {
      return !pays(yield* at(bitsPerCycle), cyclesUnlimited);
    };
    const isNeeded = function* (bitsPerCycle: number): Trying<boolean> {
      return !pays(yield* at(bitsPerCycle), cycles);
    };
    if (!pays(cycles, cyclesUnlimited)) {
      return { ...lever, needed: yield* halve(isNeeded, 0, Math.ceil(now)) };
    }
    const bitsPerCycle = neverHides(tried, hardware, trials)
      ? undefined
      : yield* smallestHolding(isEnough, now, MOST_TIMES * now);
    const enough = bitsPerCycle === undefined ? undefined : { bitsPerCycle, cycles: yield* at(bitsPerCycle) };
    return { ...lever, enough };
  });
}
