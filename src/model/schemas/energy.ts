/** The energy file (section VI of the paper): read and checked. */
import { type EnergyFile, energySchema } from './energySchema.ts';
import { validate } from './parse.ts';

export type { EnergyFile } from './energySchema.ts';

/** The data of one hardware point. */
export type EnergyPoint = EnergyFile['points'][number];

/** Validates a parsed energy file; throws an InputError that names the first thing wrong. */
export function parseEnergy(value: unknown, file: string): EnergyFile {
  return validate(energySchema, value, file);
}
