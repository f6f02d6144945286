/** The hardware file (table II of the paper): what must hold between its fields, and what follows from them. */
import { type Hardware, hardwareSchema } from './hardwareSchema.ts';
import { InputError, type InputProblem } from './inputError.ts';
import { validate } from './parse.ts';

export type { Hardware } from './hardwareSchema.ts';

const BITS_PER_KIB = 8192;

/** Capacity that one tile may use, per buffer in bits: total / slots; for VMem the half of the total / slots. */
export interface SlotBits {
  readonly wbuf: number;
  readonly ibuf: number;
  readonly obuf: number;
  readonly bbuf: number;
  readonly vmemHalf: number;
}

/** The size of one slot of each SRAM (SEMANTICS.md, Slots). */
export function slotBits(hardware: Hardware): SlotBits {
  const { sramKiB, slots } = hardware;
  return {
    wbuf: (sramKiB.wbuf * BITS_PER_KIB) / slots.wbuf,
    ibuf: (sramKiB.ibuf * BITS_PER_KIB) / slots.ibuf,
    obuf: (sramKiB.obuf * BITS_PER_KIB) / slots.obuf,
    bbuf: (sramKiB.bbuf * BITS_PER_KIB) / slots.bbuf,
    vmemHalf: (sramKiB.vmem * BITS_PER_KIB) / 2 / slots.vmem,
  };
}

/** How many bits of weights the array takes in a cycle at most: J · b_w (MODEL.md §1). */
export function takenWeightBitsPerCycle({ array, bits }: Hardware): number {
  return array.rows * bits.weight;
}

/** Weight bandwidth that the array can use: min(BW_w, J · b_w) (MODEL.md §1). */
export function usableWeightBitsPerCycle(hardware: Hardware): number {
  return Math.min(hardware.bitsPerCycle.weight, takenWeightBitsPerCycle(hardware));
}

/** The smallest size of each SRAM in KiB that makes a valid hardware point (MODEL.md §1), with its formula. */
export function smallestSramKiB(
  hardware: Hardware,
): Record<'wbuf' | 'ibuf' | 'obuf' | 'bbuf' | 'vmem', [number, string]> {
  const { array, bits, slots } = hardware;
  const kib = (perSlotBits: number, count: number): number => (perSlotBits * count) / BITS_PER_KIB;
  return {
    wbuf: [kib(array.rows * array.columns * 9 * bits.weight, slots.wbuf), 'slots · J · K · 9 · b_w bits'],
    ibuf: [kib(array.rows * 15 * 15 * bits.ifmap, slots.ibuf), 'slots · J · 15² · b_i bits'],
    obuf: [kib(array.columns * 7 * 7 * bits.psum, slots.obuf), 'slots · K · 7² · b_p bits'],
    bbuf: [kib(array.columns * bits.bias, slots.bbuf), 'slots · K · b_b bits'],
    vmem: [kib(2 * array.columns * 7 * 7 * bits.psum, slots.vmem), 'slots · 2 · K · 7² · b_p bits'],
  };
}

/** The SRAMs that are smaller than their smallest valid size. */
export function tooSmallSrams(hardware: Hardware, file: string): InputProblem[] {
  return Object.entries(smallestSramKiB(hardware)).flatMap(([name, [kib, formula]]) => {
    const value = hardware.sramKiB[name as keyof Hardware['sramKiB']];
    const expected = `at least ${kib} KiB (${formula}, the smallest valid ${name})`;
    return value < kib ? [{ file, path: `sramKiB.${name}`, value, expected }] : [];
  });
}

/** Whether every SRAM has at least its smallest valid size; the first that has not, if any. */
export function tooSmallSram(hardware: Hardware): InputProblem | undefined {
  return tooSmallSrams(hardware, '')[0];
}

/** Validates a parsed hardware file; throws an InputError that names everything that is wrong. */
export function parseHardware(value: unknown, file: string): Hardware {
  const hardware = validate(hardwareSchema, value, file);
  const problems = tooSmallSrams(hardware, file);
  if (problems.length > 0) throw new InputError(problems);
  return hardware;
}
