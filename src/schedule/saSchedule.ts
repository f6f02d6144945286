/**
 * A conv or gemm layer as a lazy sequence of tile steps. Nothing is stored per step: each tensor is a stream of
 * uses, and a use covers the steps between two advances of a loop at or outside the tensor's innermost relevant loop.
 */
import type { ConvDim, ConvSizes, SaLayer } from '../layers/layer.ts';
import { CONV_DIMS, REDUCTION_DIMS, RELEVANT_DIMS } from '../layers/layer.ts';
import { ceilDiv } from '../layers/rounding.ts';
import { innerTiles, saFillCycles } from '../operations/saCosts.ts';
import type { Hardware } from '../spec/hardware.ts';
import { convTileBits } from '../tiling/convTiling.ts';
import type { Assumptions } from './assumptions.ts';
import { type Loop, LoopNest } from './loopNest.ts';

/** The bit of a convolution loop in the masks of a LoopNest. */
export function bitOf(dim: ConvDim): number {
  return 1 << CONV_DIMS.indexOf(dim);
}

function maskOf(dims: readonly ConvDim[]): number {
  return dims.reduce((mask, dim) => mask | bitOf(dim), 0);
}

/** All loops that accumulate: a step with all of them in their first iteration starts a psum. */
export const REDUCTION_MASK = maskOf(REDUCTION_DIMS);
const ALL_LOOPS_MASK = maskOf(CONV_DIMS);

/** The sizes and costs of a step whose tile is at the edge in the dimensions of a mask. Entries: one per mask. */
export interface StepShapes {
  readonly weightBits: Float64Array;
  readonly biasBits: Float64Array;
  readonly ifmapBits: Float64Array;
  readonly psumBits: Float64Array;
  /** eq (15) plus the pipeline fill of eq (16). */
  readonly computeCycles: Float64Array;
  /** Inner tiles: cycles in which the array takes a vector of ifmap. */
  readonly innerTiles: Float64Array;
  readonly macs: Float64Array;
  /** Elements of the psum tile. */
  readonly outputs: Float64Array;
}

/** How one tensor's uses lie in the nest. */
export interface UsePattern {
  /** Position of the innermost loop whose advance begins a new use. */
  readonly position: number;
  /** Steps that one use covers. */
  readonly stepsPerUse: number;
  readonly uses: number;
  /** The dimensions that the tensor depends on. */
  readonly relevantMask: number;
}

export class SaSchedule {
  readonly layer: SaLayer;
  /** Edge tiles are as large as all others. */
  readonly edgesAreFull: boolean;
  readonly steps: number;
  readonly shapes: StepShapes;
  readonly weight: UsePattern;
  readonly ifmap: UsePattern;
  /** Uses of psum are the visits to a psum tile: it is loaded at their start (unless new) and stored at their end. */
  readonly psum: UsePattern;
  private readonly loops: readonly Loop[];
  /** The reduction loops that begin a new visit, innermost first, with the visits that one iteration of each spans. */
  private readonly outerReductions: readonly {
    readonly bit: number;
    readonly trips: number;
    readonly visits: number;
  }[];

  constructor(layer: SaLayer, hardware: Hardware, assumptions: Assumptions) {
    this.layer = layer;
    this.edgesAreFull = assumptions.fullEdgeTiles;
    this.loops = layer.loopOrder.map((dim, position) => ({
      bit: bitOf(dim),
      position,
      trips: ceilDiv(layer.sizes[dim], layer.tile[dim]),
    }));
    this.steps = this.loops.reduce((steps, loop) => steps * loop.trips, 1);
    this.weight = this.usePattern(RELEVANT_DIMS.weight, true);
    this.ifmap = this.usePattern(RELEVANT_DIMS.ifmap, true);
    // Kept psums stay in their slot while the steps that follow add to the same tile: loops of one trip do not count.
    this.psum = this.usePattern(RELEVANT_DIMS.psum, assumptions.reloadOperands);
    const visitLoops = this.loops.filter((loop) => loop.position <= this.psum.position);
    this.outerReductions = visitLoops
      .map((loop, place) => ({
        ...loop,
        visits: visitLoops.slice(place + 1).reduce((visits, inner) => visits * inner.trips, 1),
      }))
      .filter((loop) => loop.trips > 1 && (loop.bit & REDUCTION_MASK) !== 0)
      .reverse();
    this.shapes = stepShapes(layer, hardware, assumptions.fullEdgeTiles);
  }

  /** A walk over all steps. */
  stepNest(): LoopNest {
    return new LoopNest(this.loops);
  }

  /** A walk over the uses of one tensor. */
  useNest(pattern: UsePattern): LoopNest {
    return new LoopNest(this.loops.filter((loop) => loop.position <= pattern.position));
  }

  /**
   * How many visits before a visit its psum tile was visited last, by the psum nest's iteration; 0 if never.
   * The reduction loops go one back in their own order while the loops of the psum tile stay.
   */
  visitsSincePrevious(nest: LoopNest): number {
    let distance = 0;
    for (const loop of this.outerReductions) {
      if (nest.iteration(loop.bit) > 0) return distance + loop.visits;
      distance -= (loop.trips - 1) * loop.visits;
    }
    return 0;
  }

  private usePattern(relevant: readonly ConvDim[], countSingleTrips: boolean): UsePattern {
    const relevantMask = maskOf(relevant);
    const position = this.loops.reduce(
      (last, loop) => ((loop.bit & relevantMask) !== 0 && (countSingleTrips || loop.trips > 1) ? loop.position : last),
      -1,
    );
    const stepsPerUse = this.loops.reduce((steps, loop) => (loop.position > position ? steps * loop.trips : steps), 1);
    return { position, stepsPerUse, uses: this.steps / stepsPerUse, relevantMask };
  }
}

function stepShapes(layer: SaLayer, hardware: Hardware, fullEdgeTiles: boolean): StepShapes {
  const { rows, columns } = hardware.array;
  const column = (): Float64Array => new Float64Array(ALL_LOOPS_MASK + 1);
  const shapes = {
    weightBits: column(),
    biasBits: column(),
    ifmapBits: column(),
    psumBits: column(),
    computeCycles: column(),
    innerTiles: column(),
    macs: column(),
    outputs: column(),
  };
  for (let mask = 0; mask <= ALL_LOOPS_MASK; mask++) {
    const tile = fullEdgeTiles ? layer.tile : edgeTile(layer, mask);
    const bits = convTileBits(tile, layer.stride, layer.bits);
    shapes.weightBits[mask] = bits.weight;
    shapes.biasBits[mask] = bits.bias;
    shapes.ifmapBits[mask] = bits.ifmap;
    shapes.psumBits[mask] = bits.psum;
    shapes.innerTiles[mask] = innerTiles(tile, rows, columns);
    shapes.computeCycles[mask] = shapes.innerTiles[mask]! + saFillCycles(rows, columns);
    shapes.outputs[mask] = tile.oh * tile.ow * tile.n * tile.oc;
    shapes.macs[mask] = shapes.outputs[mask]! * tile.kh * tile.kw * tile.ic;
  }
  return shapes;
}

/** The tile of a step that is in the last iteration of the loops in `lastMask`: what is left of the padded tensor. */
function edgeTile(layer: SaLayer, lastMask: number): ConvSizes {
  return Object.fromEntries(
    CONV_DIMS.map((dim) => {
      const { [dim]: tile } = layer.tile;
      const { [dim]: size } = layer.sizes;
      const isLast = (lastMask & bitOf(dim)) !== 0;
      return [dim, isLast ? size - (ceilDiv(size, tile) - 1) * tile : tile];
    }),
  ) as unknown as ConvSizes;
}

/** Restricts a nest's mask to the seven loops, to index StepShapes. */
export function shapeIndex(mask: number): number {
  return mask & ALL_LOOPS_MASK;
}
