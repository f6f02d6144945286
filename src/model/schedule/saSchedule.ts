/**
 * A conv or gemm layer as a lazy sequence of tile steps. Nothing is stored per step: each tensor is a stream of
 * uses, and a use covers the steps between two advances of a loop at or outside the tensor's innermost relevant loop.
 */
import {
  CONV_DIMS,
  type ConvDim,
  type ConvSizes,
  type LoopDim,
  POSITION_DIMS,
  RELEVANT_DIMS,
  type SaLayer,
} from '../layers/layer.ts';
import { ceilDiv } from '../layers/rounding.ts';
import { convTileBits, innerTiles, saFillCycles } from '../operations/saCosts.ts';
import type { Hardware } from '../schemas/hardware.ts';
import { type Assumptions, demandSlots } from './assumptions.ts';
import { bitOf, maskOf, REDUCTION_MASK } from './loopMasks.ts';
import { type Loop, LoopNest } from './loopNest.ts';
import {
  COMPLETES,
  NO_TRANSFERS,
  STARTS,
  type Step,
  StepTable,
  type StepTransfer,
  stepOf,
  transferOf,
} from './step.ts';
import { ONE_PART, StepWalk } from './stepWalk.ts';
import { type Reduction, VisitWalk, visitsSincePrevious } from './visitWalk.ts';

/** The sizes and costs of a step: of the tiles that its array computes with, and of what it reads and writes meanwhile. */
export interface SaStepShape {
  /** Sizes of the tile, and bits of an element of each tensor: what those who look into it need. */
  readonly sizes: ConvSizes;
  readonly elementBits: SaLayer['bits'];
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
  /** Table III: weights and ifmap elements read, and psums written, in bits. */
  readonly wbufReadBits: number;
  readonly ibufReadBits: number;
  readonly obufBits: number;
  /** Biases read by a step that begins a psum. */
  readonly bbufReadBits: number;
  /** What a visit to the psum tile loads, and stores before its sums are complete and when they are. */
  readonly psumLoads: readonly StepTransfer[];
  readonly psumStores: readonly StepTransfer[];
  readonly ofmapStores: readonly StepTransfer[];
}

const PSUM = { tensor: 'psum', booked: 'psum' } as const;
const OFMAP = { tensor: 'psum', booked: 'ofmap' } as const;

/** The loops that tell the tiles of each tensor apart. */
const LOOPS_OF = {
  weight: maskOf(['g', ...RELEVANT_DIMS.weight]),
  ifmap: maskOf(['g', ...RELEVANT_DIMS.ifmap]),
  psum: maskOf(['g', ...RELEVANT_DIMS.psum]),
  bias: maskOf(['g', ...RELEVANT_DIMS.bias]),
};

/** A conv or gemm has no loops outside of its one part. */
const NO_LOOPS = new LoopNest([]);

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
  /** The shapes of steps, by the `shape` of their nest. */
  readonly shapes: readonly SaStepShape[];
  readonly weight: UsePattern;
  readonly ifmap: UsePattern;
  /** Uses of psum are the visits to a psum tile: it is loaded at their start (unless new) and stored at their end. */
  readonly psum: UsePattern;
  /** The loops that tell bias tiles apart. */
  readonly biasMask = LOOPS_OF.bias;
  /** Loops of one trip are left out, adjacent ones of the same kind are one. */
  private readonly loops: readonly Loop[];
  /** The dimensions whose last tile is smaller than the others. */
  private readonly raggedDims: readonly ConvDim[];
  /** The reduction loops that begin a new visit, innermost first, with the visits that one iteration of each spans. */
  private readonly outerReductions: readonly Reduction[];
  private readonly table: StepTable<SaStepShape>;

  /** Throws an InputError where the assumptions do not go with the hardware. */
  constructor(layer: SaLayer, hardware: Hardware, assumptions: Assumptions) {
    demandSlots(hardware, assumptions);
    this.layer = layer;
    this.edgesAreFull = assumptions.fullEdgeTiles;
    this.raggedDims = assumptions.fullEdgeTiles
      ? []
      : CONV_DIMS.filter((dim) => layer.sizes[dim] % layer.tile[dim] !== 0);
    const loops = [this.loopOf('g', 0, assumptions.lockstep)];
    for (const dim of layer.loopOrder) loops.push(this.loopOf(dim, loops.length, assumptions.lockstep));
    this.weight = usePattern(loops, LOOPS_OF.weight, true);
    this.ifmap = usePattern(loops, LOOPS_OF.ifmap, true);
    // Kept psums stay in their slot while the steps that follow add to the same tile: loops of one trip do not count.
    this.psum = usePattern(loops, LOOPS_OF.psum, assumptions.reloadOperands);
    this.steps = this.psum.uses * this.psum.stepsPerUse;
    this.loops = merged(loops, [this.weight, this.ifmap, this.psum]);
    this.outerReductions = reductionsOf(this.loops, this.psum.position);
    this.shapes = this.stepShapes(hardware);
    this.table = new StepTable(this.shapes.length, (shape, kind) => this.makeStep(shape, kind));
  }

  /** A walk over all steps. */
  walk(): StepWalk<SaStepShape> {
    return this.walkOver(new LoopNest(this.loops));
  }

  private walkOver(inner: LoopNest): StepWalk<SaStepShape> {
    const { table, shapes } = this;
    return new StepWalk({ outer: NO_LOOPS, inner, isPerTile: ONE_PART, table, shapes: shapes.length });
  }

  /** A walk over the visits to psum tiles. `waitsForStores`: a psum is loaded after its own store has ended. */
  visits(waitsForStores: boolean): VisitWalk<SaStepShape> {
    return new VisitWalk({
      walk: this.walkOver(this.useNest(this.psum)),
      steps: this.steps,
      stepsPerVisit: this.psum.stepsPerUse,
      isSerialByPart: false,
      reductions: waitsForStores ? this.outerReductions : undefined,
    });
  }

  /** A walk over the uses of one tensor. */
  useNest(pattern: UsePattern): LoopNest {
    const { loops } = this;
    let depth = 0;
    while (depth < loops.length && loops[depth]!.position <= pattern.position) depth++;
    return new LoopNest(loops, depth);
  }

  /** The loops over the visits that complete their sums: all that accumulate are in their last iteration. */
  completeLoops(): Loop[] {
    const { loops, psum } = this;
    return loops.filter(({ bits, position }) => position <= psum.position && (bits & REDUCTION_MASK) === 0);
  }

  /** How many visits before a visit its psum tile was visited last, by the psum nest's iteration; 0 if never. */
  visitsSincePrevious(nest: LoopNest): number {
    return visitsSincePrevious(this.outerReductions, nest.firstMask);
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

  /** The number of the shape of a step in the last iterations of the loops of `lastDims`. */
  shapeOf(lastDims: readonly ConvDim[]): number {
    return lastDims.reduce((shape, dim) => shape | this.shapeBitOf(dim), 0);
  }

  /** The tile of a shape. */
  tileOf(shape: number): ConvSizes {
    return edgeTile(
      this.layer,
      this.raggedDims.filter((dim) => (shape & this.shapeBitOf(dim)) !== 0),
    );
  }

  private shapeBitOf(dim: LoopDim): number {
    const place = dim === 'g' ? -1 : this.raggedDims.indexOf(dim);
    return place < 0 ? 0 : 1 << place;
  }

  private loopOf(dim: LoopDim, position: number, isLockstep: boolean): Loop {
    const { groups, sizes, tile } = this.layer;
    const trips = dim === 'g' ? groups : ceilDiv(sizes[dim], tile[dim]);
    const shapeBit = this.shapeBitOf(dim);
    const bits = bitOf(dim);
    // The last iteration may complete sums, have smaller tiles or, in lockstep, end before the loads of what follows.
    const accumulates = (bits & REDUCTION_MASK) !== 0;
    const endsAlike = shapeBit === 0 && !accumulates && !isLockstep;
    return { bits, position, trips, shapeBit, lastAlike: endsAlike ? trips - 1 : trips - 2 };
  }

  private makeStep(shape: number, kind: number): Step<SaStepShape> {
    const tile = this.shapes[shape]!;
    const starts = (kind & STARTS) !== 0;
    const completes = (kind & COMPLETES) !== 0;
    return stepOf(
      tile,
      shape,
      starts,
      starts ? NO_TRANSFERS : tile.psumLoads,
      completes ? tile.ofmapStores : tile.psumStores,
    );
  }

  private stepShapes(hardware: Hardware): SaStepShape[] {
    const { layer, raggedDims } = this;
    const shapes: SaStepShape[] = [];
    for (let shape = 0; shape < 1 << raggedDims.length; shape++) {
      const tile = shape === 0 ? layer.tile : this.tileOf(shape);
      shapes.push(stepShape(layer, tile, hardware));
    }
    return shapes;
  }
}

function usePattern(loops: readonly Loop[], relevantMask: number, countSingleTrips: boolean): UsePattern {
  let position = -1;
  for (const loop of loops) {
    if ((loop.bits & relevantMask) !== 0 && (countSingleTrips || loop.trips > 1)) position = loop.position;
  }
  let [uses, stepsPerUse] = [1, 1];
  for (const loop of loops) {
    if (loop.position <= position) uses *= loop.trips;
    else stepsPerUse *= loop.trips;
  }
  return { position, stepsPerUse, uses, relevantMask };
}

/** Of the loops up to a position those that accumulate, innermost first, with the visits that an iteration spans. */
function reductionsOf(loops: readonly Loop[], position: number): Reduction[] {
  const reductions: Reduction[] = [];
  let visits = 1;
  for (let place = loops.length - 1; place >= 0; place--) {
    const loop = loops[place]!;
    if (loop.position > position) continue;
    if ((loop.bits & REDUCTION_MASK) !== 0) reductions.push({ ...loop, visits });
    visits *= loop.trips;
  }
  return reductions;
}

/** Of the seven, dimensions that matter to the same tensors; of all loops that accumulate only the first and the last iteration differ. */
const KINDS = [bitOf('oc'), REDUCTION_MASK, maskOf(POSITION_DIMS)];

/**
 * Neighbours of one kind as one loop, where all their tiles are of one size and every tensor's uses end either inside
 * both or outside: what a step does depends on the first and the last of their iterations, not on how they are nested.
 */
function merged(loops: readonly Loop[], patterns: readonly UsePattern[]): Loop[] {
  const result: Loop[] = [];
  for (const loop of loops) {
    if (loop.trips === 1) continue;
    const outer = result.at(-1);
    if (outer !== undefined && areAlike(outer, loop, patterns)) {
      const trips = outer.trips * loop.trips;
      const lastAlike = trips - (loop.trips - loop.lastAlike);
      result[result.length - 1] = { ...loop, bits: outer.bits | loop.bits, trips, lastAlike };
    } else {
      result.push(loop);
    }
  }
  return result;
}

function areAlike(outer: Loop, inner: Loop, patterns: readonly UsePattern[]): boolean {
  return (
    outer.shapeBit === 0 &&
    inner.shapeBit === 0 &&
    KINDS.some((kind) => (outer.bits & kind) !== 0 && (inner.bits & kind) !== 0) &&
    patterns.every(({ position }) => outer.position <= position === inner.position <= position)
  );
}

function stepShape(layer: SaLayer, tile: ConvSizes, hardware: Hardware): SaStepShape {
  const { rows, columns } = hardware.array;
  const bits = convTileBits(tile, layer, layer.bits);
  const inner = innerTiles(tile, rows, columns);
  const outputs = tile.oh * tile.ow * tile.n * tile.oc;
  return {
    sizes: tile,
    elementBits: layer.bits,
    weightBits: bits.weight,
    biasBits: bits.bias,
    ifmapBits: bits.ifmap,
    psumBits: bits.psum,
    computeCycles: inner + saFillCycles(rows, columns),
    innerTiles: inner,
    macs: outputs * tile.kh * tile.kw * tile.ic,
    outputs,
    wbufReadBits: inner * rows * columns * layer.bits.weight,
    ibufReadBits: inner * rows * layer.bits.ifmap,
    obufBits: inner * columns * layer.bits.psum,
    bbufReadBits: outputs * layer.bits.bias,
    psumLoads: [transferOf(PSUM, bits.psum)],
    psumStores: [transferOf(PSUM, bits.psum)],
    ofmapStores: [transferOf(OFMAP, bits.psum)],
  };
}

/** The layer's tile, or in the dimensions of `cutDims` what is left of the padded tensor for the last one. */
function edgeTile(layer: SaLayer, cutDims: readonly ConvDim[]): ConvSizes {
  const tile: Record<ConvDim, number> = { ...layer.tile };
  for (const dim of cutDims) tile[dim] = layer.sizes[dim] - (ceilDiv(layer.sizes[dim], tile[dim]) - 1) * tile[dim];
  return tile;
}
