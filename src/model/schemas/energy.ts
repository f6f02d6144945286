/** The energy file (section VI of the paper): power per unit, energy per bit of every memory, per hardware point. */
import { z } from 'zod';
import { amountUpTo, BOUNDS, countUpTo, numberWithin } from './bounds.ts';
import { type Hardware, hardwareSchema } from './hardware.ts';
import { InputError } from './inputError.ts';
import { validate } from './parse.ts';

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
  aluCycles: aluCycles.partial().optional(),
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
/** The data of one hardware point. */
export type EnergyPoint = EnergyFile['points'][number];

/** Validates a parsed energy file; throws an InputError that names the first thing wrong. */
export function parseEnergy(value: unknown, file: string): EnergyFile {
  return validate(energySchema, value, file);
}

/** Short forms in the match, and the paths in the hardware file that they stand for. */
const SHORT_FORMS: Readonly<Record<string, string>> = {
  rows: 'array.rows',
  columns: 'array.columns',
  ifmapBits: 'bits.ifmap',
};

/** What a point's match asks for: paths in the hardware file, with the values wanted there. */
export function wantedOf({ hardware }: EnergyPoint): (readonly [path: string, value: unknown])[] {
  return Object.entries(hardware).flatMap(([key, value]) =>
    typeof value === 'object'
      ? Object.entries(value).map(([field, each]) => [`${key}.${field}`, each] as const)
      : [[SHORT_FORMS[key] ?? key, value] as const],
  );
}

function valueAt(hardware: Hardware, path: string): unknown {
  return path.split('.').reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], hardware);
}

/** The first point that fits a hardware; throws an InputError where there is none. */
export function energyPointFor(energy: EnergyFile, hardware: Hardware, file: string): EnergyPoint {
  const point = energy.points.find((candidate) =>
    wantedOf(candidate).every(([path, value]) => valueAt(hardware, path) === value),
  );
  if (point !== undefined) return point;
  const asked = energy.points.flatMap((candidate) => wantedOf(candidate).map(([path]) => path));
  const actual = [...new Set(asked)].map((path) => [path, valueAt(hardware, path)]);
  throw new InputError({
    file,
    path: 'points',
    value: energy.points.map((candidate) => candidate.hardware),
    expected: `one whose "hardware" agrees with ${hardware.name}: ${JSON.stringify(Object.fromEntries(actual))}`,
  });
}

/** Energy per bit over the size of an SRAM. */
export type PerBitTable = Exclude<EnergyPoint['sramFemtojoulesPerBit']['wbuf'], number>;

/** Throws an InputError where a table of a point does not reach the size in the hardware. */
export function checkTables(energy: EnergyFile, point: EnergyPoint, hardware: Hardware, file: string): void {
  for (const [name, given] of Object.entries(point.sramFemtojoulesPerBit)) {
    const kib = hardware.sramKiB[name as keyof Hardware['sramKiB']];
    if (typeof given !== 'number' && (kib < given[0]!.kib || kib > given.at(-1)!.kib)) {
      throw new InputError({
        file,
        path: `points[${energy.points.indexOf(point)}].sramFemtojoulesPerBit.${name}`,
        value: given.map((row) => row.kib),
        expected: `a table whose kib reach ${kib}, the size in the hardware`,
      });
    }
  }
}

/** Femtojoules per bit at a size: even between two rows, beyond the ends what the next row says. */
export function interpolated(table: PerBitTable, kib: number): number {
  const above = table.findIndex((row) => row.kib >= kib);
  const high = above < 0 ? table.at(-1)! : table[above]!;
  const low = above <= 0 ? high : table[above - 1]!;
  if (low === high) return high.femtojoulesPerBit;
  const share = (kib - low.kib) / (high.kib - low.kib);
  return low.femtojoulesPerBit + share * (high.femtojoulesPerBit - low.femtojoulesPerBit);
}
