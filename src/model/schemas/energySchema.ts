/** What an energy file holds: power per unit, energy per bit of every memory, per hardware point. */
import { z } from 'zod';
import { amountUpTo, BOUNDS, countUpTo, numberWithin } from './bounds.ts';
import { hardwareSchema } from './hardwareSchema.ts';

const amount = amountUpTo(BOUNDS.energy);
const side = countUpTo(BOUNDS.arraySide);

/** A unit's power, as synthesis reports it for the whole array, or per PE or lane so that it scales with the array. */
function unitSchema(element: string) {
  return z.discriminatedUnion('per', [
    z.strictObject({
      per: z.literal('array'),
      dynamicMilliwatts: amount.describe('Power of the whole array in cycles in which it computes.'),
      leakageMilliwatts: amount.describe('Leakage power of the whole array, in all cycles.'),
    }),
    z.strictObject({
      per: z.literal('element'),
      dynamicPicojoules: amount.describe(`Energy per ${element} and cycle in which the array computes.`),
      leakageMicrowatts: amount.describe(`Leakage power per ${element}, in all cycles.`),
    }),
  ]);
}

const tableSchema = z
  .array(z.strictObject({ kib: numberWithin(BOUNDS.sramKiB), femtojoulesPerBit: amount }))
  .min(1)
  .refine((rows) => rows.every(({ kib }, place) => place === 0 || kib > rows[place - 1]!.kib), {
    error: 'a table in rising order of kib',
  });
const perBitSchema = z.union([amount, tableSchema], {
  error: 'a number ≥ 0 or a table of {kib, femtojoulesPerBit}',
});

const { array, bits, sramKiB, slots, bitsPerCycle, aluCycles, clockPicoseconds } = hardwareSchema.shape;

/** Any field of the hardware file, where it stands there, and short forms of three. */
const matchSchema = z.strictObject({
  name: z.string().min(1).optional().describe('Name in the hardware file.'),
  rows: side.optional().describe('J, short for array.rows'),
  columns: side.optional().describe('K, short for array.columns'),
  ifmapBits: countUpTo(BOUNDS.elementBits).optional().describe('b_i, short for bits.ifmap'),
  array: array.partial().optional(),
  bits: bits.partial().optional(),
  sramKiB: sramKiB.partial().optional(),
  slots: slots.partial().optional(),
  bitsPerCycle: bitsPerCycle.partial().optional(),
  // Those that a hardware file may leave out have no default here.
  aluCycles: aluCycles.extend({ min: aluCycles.shape.add, mac: aluCycles.shape.add }).partial().optional(),
  clockPicoseconds: clockPicoseconds.optional(),
});

const pointSchema = z.strictObject({
  hardware: matchSchema.describe(
    'The hardware that these data hold for: all fields given here must agree with it; {} is any hardware.',
  ),
  clockPicoseconds: clockPicoseconds
    .optional()
    .describe("Clock period at which these data hold; wins over the hardware file's."),
  peArray: unitSchema('PE').describe('The systolic PE array.'),
  simd: unitSchema('lane').describe('The SIMD array.'),
  sramFemtojoulesPerBit: z
    .strictObject({
      wbuf: perBitSchema,
      ibuf: perBitSchema,
      obuf: perBitSchema,
      bbuf: perBitSchema,
      vmem: perBitSchema,
      imem: perBitSchema.describe('Instruction memory and IMM.'),
    })
    .describe(
      'Energy per bit read or written: a number, or a table over the size of the SRAM, between whose rows it changes evenly.',
    ),
  dramPicojoulesPerBit: amount.describe('Energy per bit moved over the off-chip interfaces.'),
});

export const energySchema = z
  .strictObject({
    $schema: z.string().optional().describe('Where editors find this schema.'),
    name: z.string().min(1).describe('Name shown in results.'),
    description: z.string().min(1).describe('Where the data come from; shown with every energy.'),
    points: z.array(pointSchema).min(1).describe('The first point whose hardware agrees counts.'),
  })
  .meta({ title: 'Systole energy specification' });

/** A validated energy file. */
export type EnergyFile = Readonly<z.infer<typeof energySchema>>;
