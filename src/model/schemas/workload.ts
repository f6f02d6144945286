/** The workload file: the forward graph of a network, one entry per layer in program order. Its schema. */
import { z } from 'zod';
import { CONV_DIMS } from '../layers/layer.ts';
import { validate } from './parse.ts';

const size = z.int().positive();
const stride = size.describe('Step of the window, in both directions.');
const padding = z.int().nonnegative().describe('Zeros added on each side of height and width.');

const common = {
  name: z.string().min(1).describe('Unique name; other layers refer to it.'),
  inputs: z
    .array(z.string())
    .min(1)
    .describe('Names of the layers that feed this one; "input" is the network\'s input.'),
};

const convTile = z
  .strictObject({ oc: size, ic: size, kh: size, kw: size, n: size, oh: size, ow: size })
  .describe('Outer tile; wins over the tiling generator.');
const simdTile = z
  .strictObject({ c: size, n: size, h: size, w: size })
  .describe('Outer tile; wins over the generator.');
const loopOrder = z
  .array(z.enum(CONV_DIMS))
  .length(CONV_DIMS.length)
  .refine((order) => new Set(order).size === CONV_DIMS.length, {
    error: `each of ${CONV_DIMS.join(', ')} exactly once`,
  })
  .describe('Order of the seven convolution loops, outermost first; the default is weight stationary.');
const saDataTypes = z
  .strictObject({ ifmap: size, weight: size, psum: size, bias: size })
  .partial()
  .describe("Bits per element; win over the hardware's.");
const simdDataTypes = z
  .strictObject({ input: size, output: size })
  .partial()
  .describe('Bits per element as loaded and as stored.');

const saOptions = {
  tile: convTile.optional(),
  loopOrder: loopOrder.optional(),
  dataTypes: saDataTypes.optional(),
};
const simdOptions = { tile: simdTile.optional(), dataTypes: simdDataTypes.optional() };

const plane = z.strictObject({ C: size, H: size, W: size });
const pool = {
  ...common,
  dimensions: z.strictObject({ C: size, KH: size, KW: size, OH: size, OW: size }),
  stride,
  padding,
  ...simdOptions,
};

const layerSchema = z.discriminatedUnion('op', [
  z.strictObject({
    ...common,
    op: z.literal('conv'),
    dimensions: z.strictObject({ OC: size, IC: size, KH: size, KW: size, OH: size, OW: size }),
    stride,
    padding,
    groups: z.literal(1).optional().describe('Only ungrouped convolutions are modelled.'),
    bias: z.boolean().describe('Whether the layer has a bias to train (it is charged in inference either way).'),
    ...saOptions,
  }),
  z.strictObject({
    ...common,
    op: z.literal('gemm'),
    dimensions: z.strictObject({ OC: size, IC: size, M: size.optional().describe('Rows per image; 1 if left out.') }),
    bias: z.boolean(),
    ...saOptions,
  }),
  z.strictObject({ ...common, op: z.literal('batch-norm'), dimensions: plane, ...simdOptions }),
  z.strictObject({ ...common, op: z.literal('relu'), dimensions: plane, ...simdOptions }),
  z.strictObject({ ...common, op: z.literal('tensor-add'), dimensions: plane, ...simdOptions }),
  z.strictObject({ ...pool, op: z.literal('max-pool') }),
  z.strictObject({ ...pool, op: z.literal('avg-pool') }),
  z.strictObject({
    ...common,
    op: z.literal('global-avg-pool'),
    dimensions: z.strictObject({ C: size, IH: size, IW: size }),
    ...simdOptions,
  }),
  z.strictObject({ ...common, op: z.literal('flatten') }),
  z.strictObject({ ...common, op: z.literal('dropout') }),
]);

export const workloadSchema = z
  .strictObject({
    $schema: z.string().optional().describe('Where editors find this schema.'),
    name: z.string().min(1).describe('Name shown in results.'),
    description: z.string().optional(),
    input: plane.describe("Shape of one image: the network's input."),
    layers: z
      .array(layerSchema)
      .min(1)
      .describe('Program order; sizes are per image, the batch is chosen at run time.'),
  })
  .meta({ title: 'Systole workload specification' });

/** A validated workload file. Its shapes are not checked yet: that is the graph's work. */
export type Workload = Readonly<z.infer<typeof workloadSchema>>;
export type WorkloadLayer = Workload['layers'][number];

/** Validates a parsed workload file; throws an InputError that names the first thing wrong. */
export function parseWorkload(value: unknown, file: string): Workload {
  return validate(workloadSchema, value, file);
}
