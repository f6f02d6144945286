/**
 * The layers of a workload file, one schema per operation. Not all of them run yet: `model/workload/runnable.ts` says
 * which do.
 */
import { z } from 'zod';
import { CONV_DIMS } from '../layers/layer.ts';
import { AXES } from './axes.ts';
import { BOUNDS, countUpTo, naturalUpTo, numberWithin } from './bounds.ts';

/** Channels, rows of a matrix, groups: what the generator grows by multiples. */
const size = countUpTo(BOUNDS.channels);
/** Heights and widths, of images and windows, and steps along them. */
const side = countUpTo(BOUNDS.side);
const zeros = naturalUpTo(BOUNDS.side);
const elementBits = countUpTo(BOUNDS.elementBits);
/** A side of a tile: within the layer's, whatever that is. */
const tileSide = countUpTo(BOUNDS.tileSide);
const constant = numberWithin(BOUNDS.constant);

/** A whole number for both directions, or one each for height and width. */
const perDirection = (one: z.ZodInt) => z.union([one, z.tuple([one, one])]);

const plane = z.strictObject({ C: size, H: side, W: side });
/** The shape of one image. */
export const planeSchema = plane;

const stride = perDirection(side).describe('Step of the window: in both directions, or [height, width].');
const dilation = perDirection(side)
  .optional()
  .describe('Distance of neighbouring kernel elements: in both directions, or [height, width]; 1 if left out.');
const padding = z
  .union([zeros, z.tuple([zeros, zeros]), z.tuple([zeros, zeros, zeros, zeros])])
  .describe('Zeros added: on each side, [height, width], or [top, left, bottom, right].');
const groups = size
  .optional()
  .describe('Each group of IC / groups channels makes OC / groups by itself; 1 if left out.');
const bias = z.boolean().describe('Whether the layer has a bias to train (it is charged in inference either way).');

const common = {
  name: z.string().min(1).describe('Unique name; other layers refer to it.'),
  inputs: z
    .array(z.string())
    .default([])
    .describe('Names of the layers that feed this one; "input" is the network\'s input. Left out in a list.'),
};

const convTile = z
  .strictObject({ oc: tileSide, ic: tileSide, kh: tileSide, kw: tileSide, n: tileSide, oh: tileSide, ow: tileSide })
  .describe('Outer tile; wins over the tiling generator.');
const simdTile = z
  .strictObject({ c: tileSide, n: tileSide, h: tileSide, w: tileSide })
  .describe('Outer tile; wins over the generator.');
const loopOrder = z
  .array(z.enum(CONV_DIMS))
  .length(CONV_DIMS.length)
  .refine((order) => new Set(order).size === CONV_DIMS.length, {
    error: `each of ${CONV_DIMS.join(', ')} exactly once`,
  })
  .describe(
    'Order of the seven convolution loops, outermost first (groups are outside of them); the default is weight stationary.',
  );
const saDataTypes = z
  .strictObject({ ifmap: elementBits, weight: elementBits, psum: elementBits, bias: elementBits })
  .partial()
  .describe("Bits per element; win over the hardware's.");
const simdDataTypes = z
  .strictObject({ input: elementBits, output: elementBits })
  .partial()
  .describe('Bits per element as loaded and as stored.');

const saOptions = {
  tile: convTile.optional(),
  loopOrder: loopOrder.optional(),
  dataTypes: saDataTypes.optional(),
};
const simdOptions = { tile: simdTile.optional(), dataTypes: simdDataTypes.optional() };

const convDimensions = z.strictObject({ OC: size, IC: size, KH: side, KW: side, OH: side, OW: side });

const unit = z.enum(['SIMD', 'SA']).optional();

const arrayLayers = [
  z.strictObject({
    ...common,
    op: z.literal('conv'),
    dimensions: convDimensions,
    stride,
    padding,
    dilation,
    groups,
    bias,
    unit: unit.describe('Of a depthwise conv (groups = IC = OC): where it runs, see `depthwise-conv`.'),
    ...saOptions,
    tile: z.union([convTile, simdTile]).optional().describe('Outer tile, of the unit where it runs.'),
  }),
  z.strictObject({
    ...common,
    op: z.literal('depthwise-conv'),
    dimensions: z.strictObject({ C: size, KH: side, KW: side, OH: side, OW: side }),
    stride,
    padding,
    dilation,
    bias,
    unit: unit.describe(
      'Where it runs: on the SIMD array, a lane per channel (the default), or in C groups on the PE array.',
    ),
    tile: z.union([simdTile, convTile]).optional().describe('Outer tile, of the unit where it runs.'),
    dataTypes: z.union([simdDataTypes, saDataTypes]).optional(),
  }),
  z.strictObject({
    ...common,
    op: z.literal('transposed-conv'),
    dimensions: convDimensions,
    stride,
    padding: padding.describe(
      'What is cut off from the full output: each side, [h, w], or [top, left, bottom, right].',
    ),
    outputPadding: perDirection(zeros).optional().describe('Rows and columns added after the last; 0 if left out.'),
    dilation,
    groups,
    bias,
    ...saOptions,
  }),
  z.strictObject({
    ...common,
    op: z.literal('gemm'),
    dimensions: z.strictObject({ OC: size, IC: size, M: size.optional().describe('Rows per image; 1 if left out.') }),
    groups,
    bias: z.boolean(),
    ...saOptions,
  }),
  z
    .strictObject({
      ...common,
      op: z.literal('matmul'),
      dimensions: z.strictObject({
        G: size.describe('Groups of one image: attention heads.'),
        M: size.describe('Rows of a group.'),
        IC: size.describe('Channels of a group that are summed over.'),
        OC: size.describe('Output channels of a group.'),
      }),
      isSecondTransposed: z
        .boolean()
        .optional()
        .describe('The second input has OC rows of G·IC channels, as keys have, instead of IC rows of G·OC.'),
      ...saOptions,
    })
    .describe('Two activations multiplied: the first has M rows of G·IC channels, the output M rows of G·OC.'),
] as const;

const elementwise = { ...common, dimensions: plane, ...simdOptions };

/** Element-wise operations of one input and no further fields. */
const functionLayers = [
  z.strictObject({ ...elementwise, op: z.literal('relu') }),
  z.strictObject({ ...elementwise, op: z.literal('sigmoid') }),
  z.strictObject({ ...elementwise, op: z.literal('tanh') }),
  z.strictObject({ ...elementwise, op: z.literal('silu') }),
  z.strictObject({ ...elementwise, op: z.literal('gelu') }),
  z.strictObject({ ...elementwise, op: z.literal('hard-sigmoid') }),
  z.strictObject({ ...elementwise, op: z.literal('hard-swish') }),
  z.strictObject({
    ...elementwise,
    op: z.literal('clip'),
    min: constant.optional().describe('Lower bound; none if left out.'),
    max: constant.optional().describe('Upper bound; none if left out. ReLU6 is a clip to 0 and 6.'),
  }),
  z.strictObject({ ...elementwise, op: z.literal('leaky-relu'), alpha: constant.describe('Slope below zero.') }),
  z.strictObject({
    ...elementwise,
    op: z.literal('prelu'),
    isShared: z.boolean().optional().describe('One trained slope for all channels instead of one each.'),
  }),
] as const;

const operand = {
  ...elementwise,
  scalar: constant
    .optional()
    .describe(
      'The second operand, where it is a constant; otherwise the second input: of the same shape, or C×1×1 per channel.',
    ),
};
const arithmeticLayers = [
  z.strictObject({ ...operand, op: z.literal('tensor-add') }),
  z.strictObject({ ...operand, op: z.literal('tensor-sub') }),
  z.strictObject({ ...operand, op: z.literal('tensor-mul') }),
  z.strictObject({ ...operand, op: z.literal('tensor-div') }),
] as const;

const normLayers = [
  z.strictObject({ ...elementwise, op: z.literal('batch-norm') }),
  z.strictObject({
    ...elementwise,
    op: z.literal('layer-norm'),
    isAffine: z.boolean().optional().describe('Whether it has a scale and a shift per channel; true if left out.'),
  }),
  z.strictObject({ ...elementwise, op: z.literal('softmax'), groups: groups.describe('Softmax over C / groups.') }),
  z.strictObject({ ...elementwise, op: z.literal('lrn'), size: size.describe('Channels of the window.') }),
  z.strictObject({ ...elementwise, op: z.literal('reduce-mean') }).describe('The mean over the channels.'),
] as const;

const pool = {
  ...common,
  dimensions: z.strictObject({ C: size, KH: side, KW: side, OH: side, OW: side }),
  stride,
  padding,
  ceilMode: z.boolean().optional().describe('Outputs are rounded up: the last window may hang over.'),
  ...simdOptions,
};
const pooledFrom = z.strictObject({ C: size, IH: side, IW: side });
const resized = z.strictObject({ C: size, IH: side, IW: side, OH: side, OW: side });
const resamplingLayers = [
  z.strictObject({ ...pool, op: z.literal('max-pool') }),
  z.strictObject({
    ...pool,
    op: z.literal('avg-pool'),
    countIncludePad: z
      .boolean()
      .optional()
      .describe('Whether zeros of the padding count in the average; true if left out.'),
  }),
  z.strictObject({ ...common, op: z.literal('global-avg-pool'), dimensions: pooledFrom, ...simdOptions }),
  z.strictObject({
    ...common,
    op: z.literal('upsample'),
    dimensions: resized,
    mode: z.enum(['nearest', 'bilinear']),
    ...simdOptions,
  }),
  z.strictObject({
    ...common,
    op: z.literal('roi-align'),
    dimensions: resized.extend({ R: size.describe('Regions per image.') }),
    samplingRatio: side.describe('Samples per output in each direction.'),
    ...simdOptions,
  }),
] as const;

/** Operations that only place data in memory. `dimensions` are the output's. */
const placementLayers = [
  z.strictObject({ ...common, op: z.literal('flatten') }),
  z.strictObject({ ...common, op: z.literal('dropout') }),
  z.strictObject({ ...common, op: z.literal('reshape'), dimensions: plane }),
  z.strictObject({
    ...common,
    op: z.literal('transpose'),
    dimensions: plane,
    order: z
      .tuple([z.enum(AXES), z.enum(AXES), z.enum(AXES)])
      .refine((order) => new Set(order).size === AXES.length, { error: `each of ${AXES.join(', ')} once` })
      .optional()
      .describe(
        'Which axes of the input become C, H and W; if left out, the layout in memory changes and no axis does.',
      ),
  }),
  z.strictObject({ ...common, op: z.literal('channel-shuffle'), dimensions: plane, groups: size }),
  z.strictObject({
    ...common,
    op: z.literal('concat'),
    dimensions: plane,
    axis: z.enum(AXES).optional().describe('Along which the inputs follow each other; C if left out.'),
  }),
  z.strictObject({
    ...common,
    op: z.literal('slice'),
    dimensions: plane,
    start: z.partialRecord(z.enum(AXES), zeros).optional().describe('First element along each axis; 0 if left out.'),
    step: z.partialRecord(z.enum(AXES), size).optional().describe('Distance of the elements; 1 if left out.'),
  }),
  z.strictObject({ ...common, op: z.literal('pad'), dimensions: plane, padding }),
  z
    .strictObject({ ...common, op: z.literal('parameter'), dimensions: plane })
    .describe(
      'A trained tensor that is the same for all images (no inputs): a position embedding, a class token, a scale.',
    ),
] as const;

/** A layer of a workload file. */
export const layerSchema = z.discriminatedUnion('op', [
  ...arrayLayers,
  ...functionLayers,
  ...arithmeticLayers,
  ...normLayers,
  ...resamplingLayers,
  ...placementLayers,
]);
export type WorkloadLayer = Readonly<z.infer<typeof layerSchema>>;

/** All operations that a layer of a workload file may be, each once. */
export const WORKLOAD_OPS: readonly WorkloadLayer['op'][] = [
  ...new Set(layerSchema.options.map((option) => option.shape.op.value)),
];
