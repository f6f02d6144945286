/**
 * A SIMD layer as a lazy sequence of steps: for each tile of the outer loops (c, or c and n) the parts of its row in
 * order, a `tile` part once per tile of the inner loops, a `channel` part once.
 */
import type { SimdLayer, SimdSizes } from '../layers/layer.ts';
import { ceilDiv } from '../layers/rounding.ts';
import { instructionCosts, programBits, simdFillCycles } from '../operations/simdCosts.ts';
import { type AluOp, executionsPerElement, type Operand, type Part, tensorElements } from '../operations/simdRow.ts';
import { innerDims, simdOperation, simdParts } from '../operations/simdTable.ts';
import type { Hardware } from '../schemas/hardware.ts';
import type { Assumptions } from './assumptions.ts';
import { type Loop, LoopNest } from './loopNest.ts';
import { COMPLETES, STARTS, type Step, StepTable, type StepTransfer, stepOf, transferOf } from './step.ts';
import { StepWalk } from './stepWalk.ts';
import { VisitWalk } from './visitWalk.ts';

/** The loops of a SIMD layer, outermost first. */
const DIMS = ['c', 'n', 'h', 'w'] as const;
type Dim = (typeof DIMS)[number];

/** A tile that a step loads or stores. */
export type SimdTransfer = StepTransfer<Operand>;

/** A part of an operation on a tile: what those who look into a step need. */
export interface StepOperation {
  /** With the tile of the step. */
  readonly layer: SimdLayer;
  readonly part: Part;
  /** Its share of the step's, 0 where the pipeline is full already. */
  readonly fillCycles: number;
  /** Tensors that it reads in OBuf. */
  readonly handedOver: ReadonlySet<string>;
}

const NONE: ReadonlySet<string> = new Set();

/** What a step of one part and one edge shape does. */
export interface SimdStepShape {
  /** One, or in a fused group one per member, which run one after another. */
  readonly operations: readonly StepOperation[];
  readonly loads: readonly SimdTransfer[];
  readonly stores: readonly SimdTransfer[];
  /** 0 for a step that only moves data. */
  readonly computeCycles: number;
  readonly fillCycles: number;
  /** VMem accesses, and how many of them are reads. */
  readonly vmemBits: number;
  readonly vmemReadBits: number;
  readonly immBits: number;
  readonly imemBits: number;
  readonly ops: number;
  readonly opCounts: readonly { readonly alu: AluOp; readonly count: number }[];
  /** Of a fused group: bits read of the tile that the SA layer has left in OBuf; whether it needs one. */
  readonly obufReadBits: number;
  readonly takesTile: boolean;
}

export class SimdSchedule {
  readonly layer: SimdLayer;
  readonly parts: readonly Part[];
  /** The loops outside of the parts, and those inside of each. */
  private readonly outer: readonly Dim[];
  private readonly inner: readonly Dim[];
  readonly steps: number;
  /** Steps of one part can have so many shapes. */
  readonly shapes: number;
  /** The dimensions whose last tile is smaller than the others. */
  private readonly raggedDims: readonly Dim[];
  private readonly table: StepTable<SimdStepShape>;
  private readonly hardware: Hardware;
  private readonly isPerTile: readonly boolean[];
  private readonly outerLoops: readonly Loop[];
  private readonly innerLoops: readonly Loop[];

  constructor(layer: SimdLayer, hardware: Hardware, assumptions: Assumptions) {
    this.layer = layer;
    this.parts = simdParts(layer);
    const row = simdOperation(layer.op);
    this.outer = row.outer;
    this.inner = innerDims(row);
    this.isPerTile = this.parts.map(({ per }) => per === 'tile');
    const planeTiles = this.inner.reduce((tiles, dim) => tiles * this.tripsOf(dim), 1);
    const stepsPerBlock = this.isPerTile.reduce((steps, isPerTile) => steps + (isPerTile ? planeTiles : 1), 0);
    this.steps = this.outer.reduce((steps, dim) => steps * this.tripsOf(dim), stepsPerBlock);
    this.raggedDims = assumptions.fullEdgeTiles ? [] : DIMS.filter((dim) => layer.sizes[dim] % layer.tile[dim] !== 0);
    this.shapes = 1 << this.raggedDims.length;
    this.table = new StepTable(this.parts.length * this.shapes, (number) => this.make(number));
    this.hardware = hardware;
    this.outerLoops = this.loops('outer');
    this.innerLoops = this.loops('inner');
  }

  /** What a step of a part does, by the number of its shape. */
  shape(part: number, shape: number): SimdStepShape {
    return this.table.at(part * this.shapes + shape, STARTS | COMPLETES).tile;
  }

  private make(number: number): Step<SimdStepShape> {
    const [part, shape] = [Math.floor(number / this.shapes), number % this.shapes];
    const tile = partCostsOf(this.layer, this.parts[part]!, this.outer, this.edgeTile(shape), this.hardware);
    return stepOf(tile, number, true, tile.loads, tile.stores);
  }

  /** The number of the shape of a step in the last iterations of the loops of `lastDims`. */
  shapeOf(lastDims: readonly Dim[]): number {
    return lastDims.reduce((shape, dim) => shape | this.shapeBitOf(dim), 0);
  }

  /** A walk over the steps. */
  walk(): StepWalk<SimdStepShape> {
    const { isPerTile, table, shapes } = this;
    const [outer, inner] = [new LoopNest(this.outerLoops), new LoopNest(this.innerLoops)];
    return new StepWalk({ outer, inner, isPerTile, table, shapes });
  }

  /** A walk over the working sets, one per step. */
  visits(): VisitWalk<SimdStepShape> {
    return new VisitWalk({
      walk: this.walk(),
      steps: this.steps,
      stepsPerVisit: 1,
      isSerialByPart: this.parts.length > 1,
      reductions: undefined,
    });
  }

  /** The layer's instructions and NOPs, each once: windows are loops. In bits per part. */
  programBits(): number[] {
    return this.parts.map(programBits);
  }

  /** The loops outside of the parts, or those inside of them, as one where their tiles are of one size. */
  private loops(which: 'outer' | 'inner'): Loop[] {
    const loops: Loop[] = [];
    for (const dim of this[which]) {
      const shapeBit = this.shapeBitOf(dim);
      let trips = this.tripsOf(dim);
      if (trips === 1) continue;
      const outer = loops.at(-1);
      if (outer !== undefined && outer.shapeBit === 0 && shapeBit === 0) {
        trips *= outer.trips;
        loops.pop();
      }
      const lastAlike = shapeBit === 0 ? trips - 1 : trips - 2;
      loops.push({ bits: 0, position: DIMS.indexOf(dim), trips, shapeBit, lastAlike });
    }
    return loops;
  }

  private tripsOf(dim: Dim): number {
    return ceilDiv(this.layer.sizes[dim], this.layer.tile[dim]);
  }

  private shapeBitOf(dim: Dim): number {
    const place = this.raggedDims.indexOf(dim);
    return place < 0 ? 0 : 1 << place;
  }

  private edgeTile(shape: number): SimdSizes {
    const { sizes, tile } = this.layer;
    const edge: Record<Dim, number> = { ...tile };
    for (const dim of this.raggedDims) {
      if ((shape & this.shapeBitOf(dim)) !== 0) edge[dim] = sizes[dim] - (this.tripsOf(dim) - 1) * tile[dim];
    }
    return edge;
  }
}

/** What a step of a part does on a tile; `outer`: the loops outside of the layer's parts. */
export function partCostsOf(
  layer: SimdLayer,
  part: Part,
  outer: readonly Dim[],
  tile: SimdSizes,
  hardware: Hardware,
): SimdStepShape {
  const { window, bits } = layer;
  const lanes = hardware.array.columns;
  const isTilePart = part.per === 'tile';
  const transfer = (operand: Operand): SimdTransfer =>
    transferOf(operand, tensorElements(operand, tile, window) * bits[operand.width]);
  const costs = instructionCosts(part, window, bits, hardware.aluCycles);
  const positions = isTilePart ? tile.n * tile.h * tile.w : outer.includes('n') ? tile.n : 1;
  const elements = positions * tile.c;
  const vectors = positions * ceilDiv(tile.c, lanes);
  const computes = part.instructions.length > 0;
  const fillCycles = computes && isTilePart ? simdFillCycles(lanes) : 0;
  return {
    operations: [{ layer: { ...layer, tile }, part, fillCycles, handedOver: NONE }],
    loads: part.loads.map(transfer),
    stores: part.stores.map(transfer),
    computeCycles: computes ? vectors * costs.cycles + fillCycles : 0, // eqs (21), (22)
    fillCycles,
    vmemBits: elements * costs.vmemBits,
    vmemReadBits: elements * costs.vmemReadBits,
    immBits: vectors * costs.immBitsPerVector + elements * costs.immBitsPerElement,
    imemBits: vectors * costs.imemBits,
    ops: elements * costs.ops,
    opCounts: part.instructions.map((instruction) => ({
      alu: instruction.alu,
      count: elements * executionsPerElement(instruction, window),
    })),
    obufReadBits: 0,
    takesTile: false,
  };
}
