/** Which tile a step is about: its place along every loop, from 0. */
import { CONV_DIMS, type ConvDim, type Layer, type LoopDim, RELEVANT_DIMS } from '../../model/layers/layer.ts';
import { simdOperation, simdParts } from '../../model/operations/simdTable.ts';
import { placeOf } from './fusedSide.ts';
import { loopSpans } from './loopSpans.ts';

function relevantDims(tensor: string): readonly ConvDim[] {
  switch (tensor) {
    case 'weight':
    case 'ifmap':
    case 'bias':
      return RELEVANT_DIMS[tensor];
    case 'psum':
    case 'ofmap':
      return RELEVANT_DIMS.psum;
    default:
      return CONV_DIMS;
  }
}

/**
 * The coordinates of a step's tile: oc … ow on the SA, of a tensor only those that it depends on, and the group g where
 * there are several; part, c, n, h, w on
 * the SIMD array, where a part that runs once per tile of the outer loops has c, or c and n.
 */
export function tileCoordinates(layer: Layer, step: number, tensor: string): Record<string, number> {
  if (layer.unit === 'SA') {
    const spans = loopSpans(layer);
    const dims: readonly LoopDim[] = layer.groups > 1 ? ['g', ...relevantDims(tensor)] : relevantDims(tensor);
    return Object.fromEntries(dims.map((dim) => [dim, Math.floor(step / spans[dim].span) % spans[dim].trips]));
  }
  const { part, c, n, h, w } = placeOf(layer, step);
  if (simdParts(layer)[part]!.per === 'tile') return { part, c, n, h, w };
  return simdOperation(layer.op).outer.includes('n') ? { part, c, n } : { part, c };
}
