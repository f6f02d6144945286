/** What a hardware file holds (table II of the paper). */
import { z } from 'zod';
import { BOUNDS, countUpTo, numberWithin } from './bounds.ts';

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
        min: cycles.default(1),
        mac: cycles.default(1),
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
