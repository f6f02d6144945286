/** The hardware file (table II of the paper): its schema, and what must hold between its fields. */
import { z } from 'zod';
import { BOUNDS, countUpTo, numberWithin } from './bounds.ts';
import { InputError, type InputProblem } from './inputError.ts';
import { validate } from './parse.ts';

const side = countUpTo(BOUNDS.arraySide);
const elementBits = countUpTo(BOUNDS.elementBits);
const kib = numberWithin(BOUNDS.sramKiB);
const slots = countUpTo(BOUNDS.slots);
const bandwidth = numberWithin(BOUNDS.bitsPerCycle);
const cycles = countUpTo(BOUNDS.aluCycles);

export const hardwareSchema = z
  .strictObject({
    $schema: z.string().optional().describe('Where editors find this schema.'),
    name: z.string().min(1).describe('Name shown in results.'),
    description: z.string().optional(),
    array: z
      .strictObject({
        rows: side.describe('J: PE rows; the input channels of an inner tile.'),
        columns: side.describe('K: PE columns, and ALUs of the SIMD array; the output channels of an inner tile.'),
      })
      .describe('The J×K PE array and the 1×K SIMD array.'),
    bits: z
      .strictObject({
        weight: elementBits.describe('b_w'),
        ifmap: elementBits.describe('b_i'),
        psum: elementBits.describe('b_p: psums, ofmaps and SIMD data'),
        bias: elementBits.describe('b_b'),
      })
      .describe('Bits per element.'),
    sramKiB: z
      .strictObject({
        wbuf: kib,
        ibuf: kib,
        obuf: kib,
        bbuf: kib,
        vmem: kib.describe('VMem1 and VMem2 together.'),
        imem: kib.describe('SIMD instruction memory (32-bit instructions).'),
      })
      .describe('Total sizes of the six SRAMs in KiB, all slots together.'),
    slots: z
      .strictObject({ wbuf: slots, ibuf: slots, obuf: slots, bbuf: slots, vmem: slots })
      .describe('Tile slots per SRAM: 2 is double buffering, 1 is single.'),
    bitsPerCycle: z
      .strictObject({
        weight: bandwidth.describe('BW_w, shared by weight and bias; at most J · b_w of it is usable.'),
        ifmap: bandwidth.describe('BW_i'),
        psum: bandwidth.describe('BW_o, shared by psum loads and stores.'),
        vmem: bandwidth.describe('BW_v'),
      })
      .describe('Bandwidth per off-chip interface in bits per cycle.'),
    aluCycles: z
      .strictObject({
        add: cycles,
        sub: cycles,
        mul: cycles,
        div: cycles,
        max: cycles,
        exp: cycles,
        invSqrt: cycles,
        condMove: cycles,
      })
      .describe('Cycles per arithmetic operation of an ALU (λ).'),
    instructionLoading: z
      .strictObject({ bitsPerCycle: bandwidth.describe('Bandwidth of the instruction memory.') })
      .optional()
      .describe('Present: a layer waits until its SIMD instructions are loaded; absent: they are there for free.'),
    clockPicoseconds: numberWithin(BOUNDS.clockPicoseconds).describe('Clock period in picoseconds.'),
  })
  .meta({ title: 'Systole hardware specification' });

/** A validated hardware file. Units are in the field names; sizes are totals over all slots. */
export type Hardware = Readonly<z.infer<typeof hardwareSchema>>;

const BITS_PER_KIB = 8192;

/** Capacity that one tile may use, per buffer in bits: total / slots; for VMem the half of the total / slots. */
export interface SlotBits {
  readonly wbuf: number;
  readonly ibuf: number;
  readonly obuf: number;
  readonly bbuf: number;
  readonly vmemHalf: number;
}

/** The size of one slot of each SRAM (SEMANTICS, Slots). */
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

/** How many bits of weights the array takes in a cycle at most: J · b_w (MODEL section 1). */
export function takenWeightBitsPerCycle({ array, bits }: Hardware): number {
  return array.rows * bits.weight;
}

/** Weight bandwidth that the array can use: min(BW_w, J · b_w) (MODEL section 1). */
export function usableWeightBitsPerCycle(hardware: Hardware): number {
  return Math.min(hardware.bitsPerCycle.weight, takenWeightBitsPerCycle(hardware));
}

/** The smallest size of each SRAM in KiB that makes a valid hardware point (MODEL section 1), with its formula. */
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
function tooSmallSrams(hardware: Hardware, file: string): InputProblem[] {
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
