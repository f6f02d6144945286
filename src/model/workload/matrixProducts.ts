/** The three products that belong to a gemm or to a product of two activations, as the array runs them. */
import { UNIT_SLIDING } from '../layers/layer.ts';
import { usefulFromStart } from '../layers/usefulAxis.ts';
import type { ArrayConvolution } from './convolutions.ts';
import type { GemmNode, MatmulNode } from './graph.ts';
import { type Layout, NO_PADDING } from './program.ts';

/** Products Y = X · W of matrices, one per group: rows × inputs by inputs × outputs. */
export interface MatrixProduct {
  readonly groups: number;
  readonly rows: number;
  readonly inputs: number;
  readonly outputs: number;
  /** How each operand is laid out, so that its groups follow each other along its channels. */
  readonly first: Layout;
  readonly second: Layout;
  readonly hasBias: boolean;
}

/** The product that a gemm is: all positions of all images are rows. Its weights are inputs × outputs. */
export function productOfGemm({ layer }: GemmNode, batch: number, hasBias: boolean): MatrixProduct {
  const { dimensions, groups = 1 } = layer;
  const { IC, OC, M = 1 } = dimensions;
  return {
    groups,
    rows: batch * M,
    inputs: IC / groups,
    outputs: OC / groups,
    first: { isMatrix: true },
    second: {},
    hasBias,
  };
}

/** The product of two activations: a group per image and head, which the rows of one image make. */
export function productOfMatmul({ layer }: MatmulNode, batch: number): MatrixProduct {
  const { G, M, IC, OC } = layer.dimensions;
  const groups = batch * G;
  const perImage = { imagesBecomeGroups: true } as const;
  const second: Layout = layer.isSecondTransposed === true ? { ...perImage, ...transposedIn(groups) } : perImage;
  return { groups, rows: M, inputs: IC, outputs: OC, first: perImage, second, hasBias: false };
}

/** Each group's matrix transposed where it lies. */
function transposedIn(count: number): Layout {
  return { isTransposed: true, groups: { count, along: 'channels' } };
}

const ONE = usefulFromStart(1);
const ONE_PLACE = { rows: ONE, columns: ONE };

/** A product as the array sees it: rows are images of one pixel. */
function onArray(
  { groups, rows, inputs, outputs, hasBias }: Pick<MatrixProduct, 'groups' | 'rows' | 'inputs' | 'outputs' | 'hasBias'>,
  ifmap: Layout,
  weight: Layout,
): ArrayConvolution {
  const own = { oc: outputs, ic: inputs, n: rows, oh: 1, ow: 1 };
  const sizes = { ...own, kh: 1, kw: 1 };
  const macs = groups * rows * inputs * outputs;
  const useful = { macs, sizes: own, ifmap: ONE_PLACE, kernel: ONE_PLACE, hasBias };
  return { op: 'gemm', groups, sizes, ...UNIT_SLIDING, padding: NO_PADDING, useful, layouts: { ifmap, weight } };
}

/** Transposed once more. */
function turned({ isTransposed = false, ...rest }: Layout, count: number): Layout {
  return isTransposed ? rest : { ...rest, ...transposedIn(count) };
}

/** Y = X · W. */
export function forwardProduct(product: MatrixProduct): ArrayConvolution {
  return onArray(product, product.first, product.second);
}

/** dX = dY · Wᵀ, as rows × inputs; dY is laid out as X is. */
export function firstGradientProduct(product: MatrixProduct): ArrayConvolution {
  const { inputs, outputs, groups, first, second } = product;
  return onArray({ ...product, inputs: outputs, outputs: inputs, hasBias: false }, first, turned(second, groups));
}

/** dW = Xᵀ · dY, as inputs × outputs. */
export function secondGradientProduct(product: MatrixProduct): ArrayConvolution {
  const { rows, inputs, outputs, groups, first } = product;
  const swapped = { ...product, rows: inputs, inputs: rows, outputs, hasBias: false };
  return onArray(swapped, turned(first, groups), first);
}

/** dWᵀ = dYᵀ · X, as outputs × inputs: where the second operand is stored that way. */
export function secondGradientTransposedProduct(product: MatrixProduct): ArrayConvolution {
  const { rows, inputs, outputs, groups, first } = product;
  const swapped = { ...product, rows: outputs, inputs: rows, outputs: inputs, hasBias: false };
  return onArray(swapped, turned(first, groups), first);
}
