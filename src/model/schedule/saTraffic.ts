/**
 * The off-chip traffic of a conv or gemm layer from its loops alone, issued and useful: how often each tile travels is a
 * matter of loop order and slots, not of time (SEMANTICS.md, Traffic). What a machine has moved is the issued part.
 */
import {
  type ConvDim,
  ifmapPlane,
  POSITION_DIMS,
  REDUCTION_DIMS,
  RELEVANT_DIMS,
  type SaLayer,
  type SaUseful,
  slidingAlong,
} from '../layers/layer.ts';
import type { DramBits } from '../layers/result.ts';
import { ceilDiv } from '../layers/rounding.ts';
import { type UsefulAxis, usefulFromStart } from '../layers/usefulAxis.ts';
import type { Hardware } from '../schemas/hardware.ts';
import type { Assumptions } from './assumptions.ts';
import {
  type Count,
  type Cut,
  cutOf,
  elementsAlong,
  ONE_POSITION,
  product,
  type Traffic,
  windowsAlong,
} from './cuts.ts';

/** Everything that a layer without a network handles. */
function allOf(layer: SaLayer): SaUseful {
  const { groups, sizes } = layer;
  const { oc, ic, n, oh, ow, kh, kw } = sizes;
  const input = ifmapPlane(sizes, layer);
  return {
    macs: groups * oc * ic * n * oh * ow * kh * kw,
    sizes,
    ifmap: { rows: usefulFromStart(input.h), columns: usefulFromStart(input.w) },
    kernel: { rows: usefulFromStart(kh), columns: usefulFromStart(kw) },
    hasBias: true,
  };
}

/** What of a layer is useful work: as the network says, or all of it. */
export function saUsefulOf(layer: SaLayer): SaUseful {
  return layer.useful ?? allOf(layer);
}

/** Iterations of each of the seven loops, and where it stands in the nest, 0 outermost. Every group loads all anew. */
class Loops {
  private readonly layer: SaLayer;

  constructor(layer: SaLayer) {
    this.layer = layer;
  }

  trips(dim: ConvDim): number {
    return ceilDiv(this.layer.sizes[dim], this.layer.tile[dim]);
  }

  position(dim: ConvDim): number {
    return this.layer.loopOrder.indexOf(dim);
  }

  /** The innermost of some loops that are there: −1 for none. */
  innermost(dims: readonly ConvDim[]): number {
    return Math.max(-1, ...dims.map((dim) => this.position(dim)));
  }

  /**
   * How often each tile of a tensor is loaded: once per iteration of the loops outside of `innermost` on which it does
   * not depend, but for those whose tiles the slots still hold: as the slot used longest ago is taken, all of them or none.
   */
  loadsPerTile(relevant: readonly ConvDim[], others: readonly ConvDim[], innermost: number, heldTiles: number): number {
    return others
      .filter((dim) => this.position(dim) < innermost)
      .reduce((loads, dim) => {
        const tilesInside = relevant
          .filter((inner) => this.position(inner) > this.position(dim))
          .reduce((tiles, inner) => tiles * this.trips(inner), 1);
        return tilesInside <= heldTiles ? loads : loads * this.trips(dim);
      }, 1);
  }
}

/** Traffic of a layer as the machine moves it under some assumptions; lockstep and hazard have no bearing on it. */
export function saTraffic(layer: SaLayer, { slots }: Pick<Hardware, 'slots'>, assumptions: Assumptions): Traffic {
  const { groups, sizes, tile, bits } = layer;
  const useful = saUsefulOf(layer);
  const { fullEdgeTiles, reloadOperands } = assumptions;
  const loops = new Loops(layer);
  const cut = (dim: ConvDim): Cut => cutOf(sizes[dim], tile[dim], fullEdgeTiles);
  const along = (dim: keyof typeof useful.sizes): Count => elementsAlong(cut(dim), useful.sizes[dim]);
  const kernel = (dim: 'kh' | 'kw', axis: UsefulAxis): Count => windowsAlong(cut(dim), ONE_POSITION, axis);
  const elements = {
    weight: product([along('oc'), along('ic'), kernel('kh', useful.kernel.rows), kernel('kw', useful.kernel.columns)]),
    ifmap: product([
      along('n'),
      along('ic'),
      windowsAlong(cut('oh'), cut('kh'), useful.ifmap.rows, slidingAlong(layer, 'h')),
      windowsAlong(cut('ow'), cut('kw'), useful.ifmap.columns, slidingAlong(layer, 'w')),
    ]),
    ofmap: product([along('n'), along('oc'), along('oh'), along('ow')]),
    bias: along('oc'),
  };
  const heldIn = (count: number): number => (reloadOperands ? 0 : count);
  const weightInnermost = loops.innermost(RELEVANT_DIMS.weight);
  const loads = {
    weight: loops.loadsPerTile(RELEVANT_DIMS.weight, POSITION_DIMS, weightInnermost, heldIn(slots.wbuf)),
    ifmap: loops.loadsPerTile(RELEVANT_DIMS.ifmap, ['oc'], loops.innermost(RELEVANT_DIMS.ifmap), heldIn(slots.ibuf)),
    // A bias is asked for with weights that begin a sum; the tile that was used last is always found.
    bias: loops.loadsPerTile(RELEVANT_DIMS.bias, POSITION_DIMS, weightInnermost, reloadOperands ? 1 : slots.bbuf),
  };
  // A kept psum stays in its slot while the next step adds to the same tile: loops of one trip do not part its visits.
  const visitDims = RELEVANT_DIMS.psum.filter((dim) => reloadOperands || loops.trips(dim) > 1);
  const visitsInnermost = loops.innermost(visitDims);
  const visits = REDUCTION_DIMS.filter((dim) => loops.position(dim) < visitsInnermost).reduce(
    (all, dim) => all * loops.trips(dim),
    1,
  );
  const bitsOf = (which: keyof Count): DramBits => ({
    weight: groups * elements.weight[which] * loads.weight * bits.weight,
    ifmap: groups * elements.ifmap[which] * loads.ifmap * bits.ifmap,
    // Every visit but the first loads what the one before has stored.
    psum: groups * elements.ofmap[which] * 2 * (visits - 1) * bits.psum,
    ofmap: groups * elements.ofmap[which] * bits.psum,
    bias: which === 'useful' && !useful.hasBias ? 0 : groups * elements.bias[which] * loads.bias * bits.bias,
  });
  return { issued: bitsOf('issued'), useful: bitsOf('useful') };
}
