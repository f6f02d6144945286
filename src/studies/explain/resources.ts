/**
 * What a layer may run short of: an interface's bandwidth, rows or columns of the array, channels of a banked memory; a
 * fused group, and layers that overlap, also of slots, in which tiles are handed over and kept until they are stored.
 */
import type { InterfaceName } from '../../model/machine/observer.ts';
import { parseDram } from '../../model/schemas/dram.ts';
import { tooSmallSram } from '../../model/schemas/hardware.ts';
import { InputError } from '../../model/schemas/inputError.ts';
import { isGroup, type Point, type Trials, type Tried } from './trials.ts';

/** Slots of a buffer: as many more of the same size. */
const SLOTS = { obufSlots: 'obuf', vmemSlots: 'vmem' } as const;
type SlotsName = keyof typeof SLOTS;

/** Interfaces count in bits per cycle. */
export type ResourceName = InterfaceName | 'rows' | 'columns' | 'channels' | SlotsName;

function isSlots(name: ResourceName): name is SlotsName {
  return name in SLOTS;
}

/** No transfer takes longer than a cycle then. */
export const UNLIMITED_BITS_PER_CYCLE = 2 ** 40;

/** Whether a resource is the bandwidth of an interface. */
export function isInterface(name: ResourceName): name is InterfaceName {
  return name !== 'rows' && name !== 'columns' && name !== 'channels' && !isSlots(name);
}

const ON_CHIP = {
  SA: ['weight', 'ifmap', 'psum', 'rows', 'columns'],
  SIMD: ['vmem', 'columns'],
  both: ['weight', 'ifmap', 'psum', 'vmem', 'rows', 'columns', 'obufSlots', 'vmemSlots'],
} as const satisfies Record<string, readonly ResourceName[]>;

/** All that a layer, both sides of a fused group, or a network depend on; a SIMD layer's lanes are the columns. */
export function resourcesOf(
  tried: Tried,
  { dram }: Point,
  { isOverlapped }: Pick<Trials, 'isOverlapped'>,
): ResourceName[] {
  const onChip = [...ON_CHIP[isOverlapped || isGroup(tried) ? 'both' : tried.unit]];
  return dram.kind === 'banked' ? [...onChip, 'channels'] : onChip;
}

/** How much of a resource there is. */
export function amountOf({ hardware, dram }: Point, name: ResourceName): number {
  if (name === 'channels') return dram.kind === 'banked' ? dram.spec.organization.channels : 0;
  if (isSlots(name)) return hardware.slots[SLOTS[name]];
  return isInterface(name) ? hardware.bitsPerCycle[name] : hardware.array[name];
}

/** The point with another amount of one resource. */
export function withAmount({ hardware, dram }: Point, name: ResourceName, amount: number): Point {
  if (isInterface(name)) {
    return { hardware: { ...hardware, bitsPerCycle: { ...hardware.bitsPerCycle, [name]: amount } }, dram };
  }
  if (isSlots(name)) {
    const sram = SLOTS[name];
    const { slots, sramKiB } = hardware;
    const kib = (sramKiB[sram] * amount) / slots[sram];
    const larger = { slots: { ...slots, [sram]: amount }, sramKiB: { ...sramKiB, [sram]: kib } };
    return { hardware: { ...hardware, ...larger }, dram };
  }
  if (name !== 'channels') return { hardware: { ...hardware, array: { ...hardware.array, [name]: amount } }, dram };
  if (dram.kind !== 'banked') return { hardware, dram };
  const organization = { ...dram.spec.organization, channels: amount };
  return { hardware, dram: { ...dram, spec: { ...dram.spec, organization } } };
}

/** So many times as much of each of some resources. */
export function withTimes(point: Point, names: readonly ResourceName[], times: number): Point {
  return names.reduce((at, name) => withAmount(at, name, times * amountOf(at, name)), point);
}

/** Why no such hardware or memory can be built, in words; undefined where it can. */
export function refusalOf({ hardware, dram }: Point): string | undefined {
  const problem = tooSmallSram(hardware);
  if (problem !== undefined) return `${problem.path} would have to be ${problem.expected}`;
  if (dram.kind !== 'banked') return undefined;
  try {
    parseDram(dram.spec, '');
    return undefined;
  } catch (error) {
    if (error instanceof InputError) return `no such memory: ${error.problem.path} can be ${error.problem.expected}`;
    throw error;
  }
}
