/** Writes the JSON Schemas of the input files beside the presets, for editors (`npm run schemas`). */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { dramEnergySchema } from '../../model/schemas/dramEnergySchema.ts';
import { dramSchema } from '../../model/schemas/dramSchema.ts';
import { energySchema } from '../../model/schemas/energySchema.ts';
import { formulaSchema } from '../../model/schemas/formulaFile.ts';
import { hardwareSchema } from '../../model/schemas/hardwareSchema.ts';
import { huntBoundsSchema } from '../../model/schemas/huntBounds.ts';
import { latencySchema } from '../../model/schemas/latency.ts';
import { requestFileSchema } from '../../model/schemas/requestRule.ts';
import { workloadSchema } from '../../model/schemas/workload.ts';
import { sweepSchema } from '../../studies/sweep/sweepSpec.ts';
import { PACKAGE_ROOT } from '../library/packageRoot.ts';
import { writeWhole } from './output/wholeFile.ts';

/** Where each schema goes, relative to the repository. */
export const SCHEMA_FILES = {
  'hw/energy/energy.schema.json': energySchema,
  'hw/energy/dramEnergy.schema.json': dramEnergySchema,
  'hw/formulas/formula.schema.json': formulaSchema,
  'hw/hardware.schema.json': hardwareSchema,
  'hw/hunts/hunt.schema.json': huntBoundsSchema,
  'hw/dram.schema.json': dramSchema,
  'hw/latency.schema.json': latencySchema,
  'hw/requests.schema.json': requestFileSchema,
  'hw/sweeps/sweep.schema.json': sweepSchema,
  'workloads/workload.schema.json': workloadSchema,
} as const;

/** A schema as the text of its file. */
export function schemaText(schema: z.ZodType): string {
  return `${JSON.stringify(z.toJSONSchema(schema, { io: 'input' }), null, 2)}\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [file, schema] of Object.entries(SCHEMA_FILES)) {
    writeWhole(join(PACKAGE_ROOT, file), schemaText(schema));
  }
}
