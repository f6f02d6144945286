/** How operations of the SIMD array are made from nodes of the graph: their sizes, their windows, their names. */
import { inBoth, NO_WINDOW, type SimdSizes, type Window } from '../layers/layer.ts';
import type { SimdOp } from '../operations/simdTable.ts';
import type { GraphNode, Shape } from './graph.ts';
import { type FreeOperation, NO_PADDING, type PoolInput, type SimdOperationStep, type Tensors } from './program.ts';
import { sidesOf, windowsOf } from './window.ts';

/** SIMD sizes of a whole batch of images of `shape`. */
export function simdSizes({ C, H, W }: Shape, batch: number): SimdSizes {
  return { c: C, n: batch, h: H, w: W };
}

/**
 * Sizes where lanes hold positions of `shape` and each lane steps over their channels, in `groups`: c counts positions
 * and groups, n the channels of a group.
 */
export function rowSizes({ C, H, W }: Shape, batch: number, groups = 1): SimdSizes {
  return { c: batch * H * W * groups, n: C / groups, h: 1, w: 1 };
}

/** What the window of a pool or a depthwise conv slides over. */
export function poolInput({ layer, inputShapes }: GraphNode): PoolInput {
  const { H, W } = inputShapes[0]!;
  if (!('padding' in layer)) return { h: H, w: W, padding: NO_PADDING, after: NO_PADDING, countsPadding: true };
  const { top, left, bottom, right } = sidesOf(layer.padding);
  const countsPadding = !('countIncludePad' in layer) || layer.countIncludePad !== false;
  return { h: H, w: W, padding: { h: top, w: left }, after: { h: bottom, w: right }, countsPadding };
}

/** The window of a pool or a depthwise conv; a global pool's is its whole input. */
export function poolWindow({ layer, inputShapes }: GraphNode): Window {
  if (!('stride' in layer) || !('KH' in layer.dimensions)) {
    return { ...NO_WINDOW, kh: inputShapes[0]!.H, kw: inputShapes[0]!.W };
  }
  const { h, w } = windowsOf(layer as Parameters<typeof windowsOf>[0]);
  return {
    kh: h.kernel,
    kw: w.kernel,
    stride: { h: h.stride, w: w.stride },
    dilation: { h: h.dilation, w: w.dilation },
  };
}

/** The block of outputs that each element of a layer's input becomes. */
export function blockWindow({ inputShapes, outputShape }: GraphNode): Window {
  const [{ H, W }] = inputShapes as [Shape];
  const [kh, kw] = [outputShape.H / H, outputShape.W / W];
  return { kh, kw, stride: { h: kh, w: kw }, dilation: inBoth(1) };
}

/** What a step has besides its operation, its name and its sizes. */
export type SimdMore = Pick<SimdOperationStep, 'reads' | 'writes'> &
  Partial<
    Pick<
      SimdOperationStep,
      'window' | 'pool' | 'ownSizes' | 'macs' | 'hasBias' | 'constants' | 'rows' | 'rearrangement' | 'overrides'
    >
  >;

/** An operation of a node; `suffix` is '' for its forward operation, otherwise what follows the node's name. */
export function simdStep(
  { layer, source }: GraphNode,
  suffix: string,
  op: SimdOp,
  sizes: SimdSizes,
  more: SimdMore,
): SimdOperationStep {
  const name = suffix === '' ? layer.name : `${layer.name}.${suffix}`;
  return { unit: 'SIMD', name, op, sizes, window: NO_WINDOW, ...more, source };
}

/** What the workload file fixes for a node's forward operation. */
export function overridesOf({ layer }: GraphNode): Pick<SimdOperationStep, 'overrides'> {
  const tile = 'tile' in layer ? (layer.tile as SimdSizes | undefined) : undefined;
  const bits = 'dataTypes' in layer ? (layer.dataTypes as { input?: number; output?: number } | undefined) : undefined;
  return tile === undefined && bits === undefined ? {} : { overrides: { tile, bits } };
}

/** What a parameter's update reads and writes. */
export function updateOf({ layer: { name } }: GraphNode, parameter: string): { reads: Tensors; writes: Tensors } {
  const P = parameter === '' ? name : `${name}.${parameter}`;
  return { reads: { P, dP: `${name}.d${parameter}` }, writes: { P } };
}

/** Updates of one-dimensional parameters: γ, β, biases. */
export function vectorUpdate(node: GraphNode, parameter: string, channels: number, own = channels): SimdOperationStep {
  const sizes = { c: channels, n: 1, h: 1, w: 1 };
  return simdStep(node, `${parameter}-sgd`, 'sgd-1d', sizes, {
    ...updateOf(node, parameter),
    ownSizes: { ...sizes, c: own },
  });
}

const ZEROS: Shape = { C: 0, H: 0, W: 0 };
const ONES: Shape = { C: 1, H: 1, W: 1 };

/** Elements of X from `start` on. */
export function freeSlice(
  name: string,
  X: string,
  Y: string,
  shape: Shape,
  start: Partial<Shape> = {},
  step: Partial<Shape> = {},
): FreeOperation {
  return {
    unit: 'free',
    name,
    op: 'slice',
    shape,
    start: { ...ZEROS, ...start },
    step: { ...ONES, ...step },
    reads: { X },
    writes: { Y },
  };
}

/** X in a tensor of zeros. */
export function freeEmbed(
  op: 'pad' | 'embed',
  name: string,
  X: string,
  Y: string,
  shape: Shape,
  start: Partial<Shape> = {},
  step: Partial<Shape> = {},
): FreeOperation {
  return { ...freeSlice(name, X, Y, shape, start, step), op } as FreeOperation;
}
