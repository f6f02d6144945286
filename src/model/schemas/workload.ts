/** The workload file: the forward graph of a network, one entry per layer in program order. Its schema. */
import { z } from 'zod';
import { InputError } from './inputError.ts';
import { validate } from './parse.ts';
import { layerSchema, planeSchema } from './workloadLayers.ts';

export type { WorkloadLayer } from './workloadLayers.ts';

export const workloadSchema = z
  .strictObject({
    $schema: z.string().optional().describe('Where editors find this schema.'),
    name: z.string().min(1).describe('Name shown in results.'),
    description: z.string().optional(),
    parameters: z
      .int()
      .nonnegative()
      .optional()
      .describe('Trained numbers, as a statement; nothing is computed with it.'),
    macs: z.int().nonnegative().optional().describe('Useful MACs of one image, as a statement.'),
    graph: z
      .literal('list')
      .optional()
      .describe('The layers do not feed each other: each loads from and stores to DRAM, and none names inputs.'),
    input: planeSchema.optional().describe("Shape of one image: the network's input. Left out in a list."),
    layers: z
      .array(layerSchema)
      .min(1)
      .describe('Program order; sizes are per image, the batch is chosen at run time.'),
  })
  .meta({ title: 'Systole workload specification' });

/** A validated workload file. Its shapes are not checked yet: that is the graph's work. */
export type Workload = Readonly<z.infer<typeof workloadSchema>>;

/** Validates a parsed workload file; throws an InputError that names the first thing wrong. */
export function parseWorkload(value: unknown, file: string): Workload {
  const workload = validate(workloadSchema, value, file);
  if (workload.graph !== 'list' && workload.input === undefined) {
    throw new InputError({ file, path: 'input', expected: "the shape of the network's input (it is missing)" });
  }
  return workload;
}
