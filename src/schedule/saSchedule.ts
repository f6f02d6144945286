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

/** The sizes and costs of a step. */
export interface StepShape {
  readonly weightBits: number;
  readonly biasBits: number;
  readonly ifmapBits: number;
  readonly psumBits: number;
  /** eq (15) plus the pipeline fill of eq (16). */
  readonly computeCycles: number;
  /** Inner tiles: cycles in which the array takes a vector of ifmap. */
  readonly innerTiles: number;
  readonly macs: number;
  /** Elements of the psum tile. */
  readonly outputs: number;
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
  /** The shape of a step by its nest's last-iteration mask cut to `raggedMask`; other indices are never used. */
  readonly shapes: readonly StepShape[];
  /** The dimensions whose last tile is smaller than the others. */
  readonly raggedMask: number;
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
    this.raggedMask = assumptions.fullEdgeTiles
      ? 0
      : maskOf(CONV_DIMS.filter((dim) => layer.sizes[dim] % layer.tile[dim] !== 0));
    this.shapes = stepShapes(layer, hardware, this.raggedMask);
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

  /** The fewest visits between two to the same psum tile; Infinity if none is visited twice. */
  fewestVisitsBetween(): number {
    let fewest = Number.POSITIVE_INFINITY;
    let back = 0;
    for (const loop of this.outerReductions) {
      fewest = Math.min(fewest, loop.visits - back);
      back += (loop.trips - 1) * loop.visits;
    }
    return fewest;
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

function stepShapes(layer: SaLayer, hardware: Hardware, raggedMask: number): StepShape[] {
  const whole = stepShape(layer, layer.tile, hardware);
  const shapes = new Array<StepShape>(raggedMask + 1).fill(whole);
  for (const mask of submasks(raggedMask)) shapes[mask] = stepShape(layer, edgeTile(layer, mask), hardware);
  return shapes;
}

function stepShape(layer: SaLayer, tile: ConvSizes, hardware: Hardware): StepShape {
  const { rows, columns } = hardware.array;
  const bits = convTileBits(tile, layer.stride, layer.bits);
  const inner = innerTiles(tile, rows, columns);
  const outputs = tile.oh * tile.ow * tile.n * tile.oc;
  return {
    weightBits: bits.weight,
    biasBits: bits.bias,
    ifmapBits: bits.ifmap,
    psumBits: bits.psum,
    computeCycles: inner + saFillCycles(rows, columns),
    innerTiles: inner,
    macs: outputs * tile.kh * tile.kw * tile.ic,
    outputs,
  };
}

/** All masks but 0 that have no bit beyond those of `mask`. */
function* submasks(mask: number): Generator<number> {
  for (let submask = mask; submask > 0; submask = (submask - 1) & mask) yield submask;
}

/** The tile of a step that is in the last iteration of the loops in `lastMask`: what is left of the padded tensor. */
function edgeTile(layer: SaLayer, lastMask: number): ConvSizes {
  const tile: Record<ConvDim, number> = { ...layer.tile };
  for (const dim of CONV_DIMS) {
    if ((lastMask & bitOf(dim)) !== 0)
      tile[dim] = layer.sizes[dim] - (ceilDiv(layer.sizes[dim], tile[dim]) - 1) * tile[dim];
  }
  return tile;
}
