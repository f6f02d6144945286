/** The energy file (section VI of the paper): power per unit, energy per bit of every memory, per hardware point. */
import { z } from 'zod';
import type { Hardware } from './hardware.ts';
import { InputError } from './inputError.ts';
import { validate } from './parse.ts';

const amount = z.number().nonnegative();
const count = z.int().positive();

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

const pointSchema = z.strictObject({
  hardware: z
    .strictObject({
      name: z.string().min(1).optional().describe('Name in the hardware file.'),
      rows: count.optional().describe('J'),
      columns: count.optional().describe('K'),
      ifmapBits: count.optional().describe('b_i'),
    })
    .describe('The hardware that these data hold for: all that is given must agree; {} is any hardware.'),
  clockPicoseconds: z
    .number()
    .positive()
    .optional()
    .describe("Clock period at which these data hold; wins over the hardware file's."),
  peArray: unitSchema('PE').describe('The systolic PE array.'),
  simd: unitSchema('lane').describe('The SIMD array.'),
  sramFemtojoulesPerBit: z
    .strictObject({
      wbuf: amount,
      ibuf: amount,
      obuf: amount,
      bbuf: amount,
      vmem: amount,
      imem: amount.describe('Instruction memory and IMM.'),
    })
    .describe('Energy per bit read or written.'),
  dramPicojoulesPerBit: amount.describe('Energy per bit moved over the off-chip interfaces.'),
});

export const energySchema = z
  .strictObject({
    $schema: z.string().optional().describe('Where editors find this schema.'),
    name: z.string().min(1).describe('Name shown in results.'),
    description: z.string().min(1).describe('Where the data come from; shown with every energy.'),
    points: z.array(pointSchema).min(1).describe('The first point that fits the hardware counts.'),
  })
  .meta({ title: 'Systole energy specification' });

/** A validated energy file. */
export type EnergyFile = Readonly<z.infer<typeof energySchema>>;
/** The data of one hardware point. */
export type EnergyPoint = EnergyFile['points'][number];

/** Validates a parsed energy file; throws an InputError that names the first thing wrong. */
export function parseEnergy(value: unknown, file: string): EnergyFile {
  return validate(energySchema, value, file);
}

/** The first point that fits a hardware; throws an InputError where there is none. */
export function energyPointFor(energy: EnergyFile, hardware: Hardware, file: string): EnergyPoint {
  const { array, bits } = hardware;
  const actual = { name: hardware.name, rows: array.rows, columns: array.columns, ifmapBits: bits.ifmap };
  const point = energy.points.find((candidate) =>
    Object.entries(candidate.hardware).every(([key, wanted]) => actual[key as keyof typeof actual] === wanted),
  );
  if (point === undefined) {
    throw new InputError({
      file,
      path: 'points',
      value: energy.points.map((candidate) => candidate.hardware),
      expected: `one whose "hardware" fits ${JSON.stringify(actual)}`,
    });
  }
  return point;
}
