/** Writes the JSON Schemas of the input files beside the presets, for editors (`npm run schemas`). */
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { dramSchema } from '../spec/dram.ts';
import { energySchema } from '../spec/energy.ts';
import { hardwareSchema } from '../spec/hardware.ts';
import { latencySchema } from '../spec/latency.ts';
import { requestFileSchema } from '../spec/requestRule.ts';
import { workloadSchema } from '../spec/workload.ts';
import { writeWhole } from './files.ts';

/** Where each schema goes, relative to the repository. */
export const SCHEMA_FILES = {
  'hw/energy/energy.schema.json': energySchema,
  'hw/hardware.schema.json': hardwareSchema,
  'hw/dram.schema.json': dramSchema,
  'hw/latency.schema.json': latencySchema,
  'hw/requests.schema.json': requestFileSchema,
  'workloads/workload.schema.json': workloadSchema,
} as const;

/** A schema as the text of its file. */
export function schemaText(schema: z.ZodType): string {
  return `${JSON.stringify(z.toJSONSchema(schema, { io: 'input' }), null, 2)}\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [file, schema] of Object.entries(SCHEMA_FILES)) {
    writeWhole(fileURLToPath(new URL(`../../${file}`, import.meta.url)), schemaText(schema));
  }
}
