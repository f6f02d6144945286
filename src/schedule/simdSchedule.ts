/**
 * A SIMD layer as a lazy sequence of steps: for each c-tile the parts of its row in order, a `tile` part once per
 * (n, h, w) tile, a `channel` part once.
 */
import type { SimdLayer, SimdSizes } from '../layers/layer.ts';
import { ceilDiv } from '../layers/rounding.ts';
import { instructionCosts, simdFillCycles } from '../operations/simdCosts.ts';
import {
  type AluOp,
  executionsPerElement,
  type Operand,
  operandElements,
  type Part,
  simdOperation,
} from '../operations/simdTable.ts';
import type { Hardware } from '../spec/hardware.ts';
import type { Assumptions } from './assumptions.ts';
import { LoopNest } from './loopNest.ts';

const DIMS = ['c', 'n', 'h', 'w'] as const;
const C_BIT = 1;
/** Number of edge masks. */
export const SIMD_SHAPES = 16;

/** A transfer of a step. */
export interface StepTransfer {
  readonly operand: Operand;
  readonly bits: number;
}

/** What a step of one part and one edge shape does. */
export interface SimdStepShape {
  readonly loads: readonly StepTransfer[];
  readonly stores: readonly StepTransfer[];
  /** 0 for a step that only moves data. */
  readonly computeCycles: number;
  readonly fillCycles: number;
  readonly vmemBits: number;
  readonly immBits: number;
  readonly imemBits: number;
  readonly ops: number;
  readonly opCounts: readonly (readonly [AluOp, number])[];
}

export class SimdSchedule {
  readonly layer: SimdLayer;
  readonly parts: readonly Part[];
  readonly steps: number;
  /** The dimensions whose last tile is smaller than the others. */
  readonly raggedMask: number;
  /** `shapes[part][mask]`: the step of a part whose tile is a smaller one in the dimensions of the mask; made on demand. */
  private readonly shapes: SimdStepShape[][];
  private readonly hardware: Hardware;
  private readonly trips: SimdSizes;

  constructor(layer: SimdLayer, hardware: Hardware, assumptions: Assumptions) {
    this.layer = layer;
    this.parts = simdOperation(layer.op).parts;
    const trips = (dim: keyof SimdSizes): number => ceilDiv(layer.sizes[dim], layer.tile[dim]);
    this.trips = { c: trips('c'), n: trips('n'), h: trips('h'), w: trips('w') };
    const planeTiles = this.trips.n * this.trips.h * this.trips.w;
    this.steps = this.trips.c * this.parts.reduce((steps, part) => steps + (part.per === 'tile' ? planeTiles : 1), 0);
    this.raggedMask = assumptions.fullEdgeTiles
      ? 0
      : DIMS.reduce((mask, dim, place) => (layer.sizes[dim] % layer.tile[dim] === 0 ? mask : mask | (1 << place)), 0);
    this.shapes = this.parts.map(() => []);
    this.hardware = hardware;
  }

  /** What a step of a part does; `mask` is the walk's. */
  shape(part: number, mask: number): SimdStepShape {
    const shapes = this.shapes[part]!;
    shapes[mask] ??= stepShape(this.layer, this.parts[part]!, edgeTile(this.layer, mask), this.hardware);
    return shapes[mask];
  }

  /** A walk over the steps. */
  walk(): SimdWalk {
    return new SimdWalk(this);
  }

  /** The loops over c-tiles, or over the (n, h, w) tiles of one c-tile. */
  nest(which: 'channels' | 'plane'): LoopNest {
    const dims = which === 'channels' ? (['c'] as const) : (['n', 'h', 'w'] as const);
    return new LoopNest(
      dims.map((dim, position) => ({ bit: 1 << DIMS.indexOf(dim), position, trips: this.trips[dim] })),
    );
  }
}

/** The steps of a schedule in order, without allocation. */
export class SimdWalk {
  part = 0;
  /** The step is the first of its part within the c-tile. */
  isFirstOfPart = true;
  private readonly schedule: SimdSchedule;
  private readonly channels: LoopNest;
  private readonly plane: LoopNest;

  constructor(schedule: SimdSchedule) {
    this.schedule = schedule;
    this.channels = schedule.nest('channels');
    this.plane = schedule.nest('plane');
  }

  /** Which dimensions the current step's tile is a smaller one in. */
  mask(): number {
    return ((this.channels.lastMask & C_BIT) | (this.plane.lastMask & ~C_BIT)) & this.schedule.raggedMask;
  }

  /** The current step. */
  shape(): SimdStepShape {
    return this.schedule.shape(this.part, this.mask());
  }

  /** Goes to the next step; after the last it starts over. */
  advance(): void {
    const { parts } = this.schedule;
    this.isFirstOfPart = false;
    if (parts[this.part]!.per === 'tile' && this.plane.advance() >= 0) return;
    this.isFirstOfPart = true;
    this.part++;
    if (this.part === parts.length) {
      this.part = 0;
      this.channels.advance();
    }
  }
}

function edgeTile(layer: SimdLayer, lastMask: number): SimdSizes {
  const tile: Record<(typeof DIMS)[number], number> = { ...layer.tile };
  DIMS.forEach((dim, place) => {
    if ((lastMask & (1 << place)) === 0) return;
    tile[dim] = layer.sizes[dim] - (ceilDiv(layer.sizes[dim], tile[dim]) - 1) * tile[dim];
  });
  return tile;
}

function stepShape(layer: SimdLayer, part: Part, tile: SimdSizes, hardware: Hardware): SimdStepShape {
  const { window, bits } = layer;
  const lanes = hardware.array.columns;
  const isTilePart = part.per === 'tile';
  const transfer = (operand: Operand): StepTransfer => ({
    operand,
    bits: operandElements(operand.extent, tile, window) * bits[operand.width],
  });
  const costs = instructionCosts(part, window, bits, hardware.aluCycles);
  const positions = isTilePart ? tile.n * tile.h * tile.w : 1;
  const elements = positions * tile.c;
  const vectors = positions * ceilDiv(tile.c, lanes);
  const computes = part.instructions.length > 0;
  const fillCycles = computes && isTilePart ? simdFillCycles(lanes) : 0;
  return {
    loads: part.loads.map(transfer),
    stores: part.stores.map(transfer),
    computeCycles: computes ? vectors * costs.cycles + fillCycles : 0, // eqs (21), (22)
    fillCycles,
    vmemBits: elements * costs.vmemBits,
    immBits: vectors * costs.immBitsPerVector + elements * costs.immBitsPerElement,
    imemBits: vectors * costs.imemBits,
    ops: elements * costs.ops,
    opCounts: part.instructions.map((instruction) => [
      instruction.alu,
      elements * executionsPerElement(instruction, window),
    ]),
  };
}
