/** The workload file: the forward graph of a network, one entry per layer in program order. Its schema. */
import { z } from 'zod';
import { BOUNDS, naturalUpTo } from './bounds.ts';
import { InputError } from './inputError.ts';
import { type Path, validate, valueAt } from './parse.ts';
import { layerSchema, planeSchema } from './workloadLayers.ts';

export { WORKLOAD_OPS, type WorkloadLayer } from './workloadLayers.ts';

export const workloadSchema = z
  .strictObject({
    $schema: z.string().optional().describe('Where editors find this schema.'),
    name: z.string().min(1).describe('Name shown in results.'),
    description: z.string().optional(),
    parameters: naturalUpTo(BOUNDS.statement)
      .optional()
      .describe('Trained numbers, as a statement; nothing is computed with it.'),
    macs: naturalUpTo(BOUNDS.statement).optional().describe('Useful MACs of one image, as a statement.'),
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

/** The name that a file gives the layer in which a place lies; undefined where there is none. */
function layerAt(value: unknown, path: Path): string | undefined {
  if (path[0] !== 'layers' || path.length < 2) return undefined;
  const name = valueAt(value, [...path.slice(0, 2), 'name']);
  return typeof name === 'string' && name !== '' ? name : undefined;
}

/** Validates a parsed workload file; throws an InputError that names everything that is wrong, by the layers' names. */
export function parseWorkload(value: unknown, file: string): Workload {
  const workload = validate(workloadSchema, value, file, { layerAt });
  if (workload.graph !== 'list' && workload.input === undefined) {
    throw new InputError({ file, path: 'input', expected: "the shape of the network's input (it is missing)" });
  }
  return workload;
}
