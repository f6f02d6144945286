/** Layers that a workload file may write in more ways than one, in the one way that the rest of the model knows. */
import type { WorkloadLayer } from '../schemas/workload.ts';
import { type Complain, type Shape, shapeInWords } from './shapes.ts';

type LayerOf<Op extends WorkloadLayer['op']> = Extract<WorkloadLayer, { op: Op }>;

/** A conv of as many groups as it has input and output channels is a depthwise one. */
export function canonicalLayer(layer: WorkloadLayer, complain: Complain): WorkloadLayer {
  if (layer.op === 'depthwise-conv') checkTile(layer, layer.unit ?? 'SIMD', complain);
  if (layer.op !== 'conv') return layer;
  const { unit, groups = 1, dimensions } = layer;
  if (groups < 2 || groups !== dimensions.IC || groups !== dimensions.OC) {
    if (unit === 'SIMD') complain('unit', unit, 'SA for a conv that is not depthwise (groups = IC = OC)');
    else checkTile(layer, 'SA', complain);
    return layer;
  }
  const { op, groups: _, dimensions: given, loopOrder: __, ...rest } = layer;
  const { IC, OC, ...plane } = given;
  const depthwise: LayerOf<'depthwise-conv'> = { ...rest, op: `depthwise-${op}`, dimensions: { C: OC, ...plane } };
  checkTile(depthwise, unit ?? 'SIMD', complain);
  return depthwise;
}

/** A conv's tile is one of the unit that it runs on. */
function checkTile({ tile }: LayerOf<'conv' | 'depthwise-conv'>, unit: 'SA' | 'SIMD', complain: Complain): void {
  if (tile === undefined || 'oc' in tile === (unit === 'SA')) return;
  const sides = unit === 'SA' ? 'oc, ic, kh, kw, n, oh, ow' : 'c, n, h, w';
  complain('tile', tile, `a tile of ${sides}, as the layer runs on the ${unit === 'SA' ? 'PE' : 'SIMD'} array`);
}

/** A gemm of two activations is a product of them, whose second operand may lie either way. */
export function canonicalProduct(layer: WorkloadLayer, inputs: readonly Shape[], complain: Complain): WorkloadLayer {
  const [, second] = inputs;
  if (layer.op !== 'gemm' || second === undefined) return layer;
  const { bias, groups = 1, dimensions, ...rest } = layer;
  const { OC, IC, M = 1 } = dimensions;
  if (bias) complain('bias', bias, 'false, as a product of two activations has none');
  if (OC % groups !== 0 || IC % groups !== 0) {
    complain('groups', groups, `a divisor of the ${IC} input and the ${OC} output channels`);
  }
  const isAsKeys = shapeInWords(second) === shapeInWords({ C: IC, H: OC / groups, W: 1 });
  const isAsWeights = shapeInWords(second) === shapeInWords({ C: OC, H: IC / groups, W: 1 });
  return {
    ...rest,
    op: 'matmul',
    dimensions: { G: groups, M, IC: IC / groups, OC: OC / groups },
    isSecondTransposed: isAsKeys && !isAsWeights,
  };
}
