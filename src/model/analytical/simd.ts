/** The closed form of SIMD layers (MODEL section 4; eqs 19–23, 33–39), one function for every row of the table. */
import type { SimdLayer, SimdSizes } from '../layers/layer.ts';
import { type Cycles, emptyResult, type Result } from '../layers/result.ts';
import { ceilDiv, ceilQuotient } from '../layers/rounding.ts';
import { cyclesPerVector, instructionCosts, simdFillCycles } from '../operations/simdCosts.ts';
import {
  executionsPerElement,
  type Operand,
  operandElements,
  type Part,
  simdOperation,
} from '../operations/simdTable.ts';
import type { Hardware } from '../schemas/hardware.ts';
import { type Variant, variantSizes } from './multipliers.ts';

/** How often the parts of a layer run: once per c-tile, or once per (n, h, w) tile of it. Fractional as in the paper. */
function partCounts(layer: SimdLayer, sizes: SimdSizes): Record<Part['per'], number> {
  const { tile } = layer;
  const channelTiles = sizes.c / tile.c;
  // A reduction's tiles are counted over its output: the paper loads one tile of the batch, whatever its size.
  const planeTiles = simdOperation(layer.op).reduces ? 1 : (sizes.n / tile.n) * (sizes.h / tile.h) * (sizes.w / tile.w);
  return { channel: channelTiles, tile: channelTiles * planeTiles };
}

/** Cycles of a SIMD layer as the paper computes them, without the other columns. */
export function simdCycles(layer: SimdLayer, hardware: Hardware, variant: Variant): Cycles {
  const row = simdOperation(layer.op);
  const { tile, window, bits } = layer;
  const lanes = hardware.array.columns;
  const sizes = variantSizes(layer.sizes, tile, variant);
  const counts = partCounts(layer, sizes);
  const bandwidth = hardware.bitsPerCycle.vmem;
  const wholePlane = sizes.n * sizes.h * sizes.w;
  const planePerTile = row.reduces ? wholePlane : tile.n * tile.h * tile.w;
  const transferCycles = (cycles: number, operand: Operand): number =>
    cycles + ceilDiv(operandElements(operand.extent, tile, window) * bits[operand.width], bandwidth);
  const computeCycles = { tile: 0, channel: 0 };
  let stallCycles = 0;
  for (const part of row.parts) {
    const isTilePart = part.per === 'tile';
    stallCycles += part.stores.reduce(transferCycles, part.loads.reduce(transferCycles, 0)) * counts[part.per]; // eq (23)
    if (part.instructions.length === 0) continue;
    const vectorsPerTile = (isTilePart ? planePerTile : 1) * ceilDiv(tile.c, lanes);
    const fillCycles = isTilePart ? simdFillCycles(lanes) : 0;
    const executeCycles = vectorsPerTile * cyclesPerVector(part, window, hardware.aluCycles);
    computeCycles[part.per] += executeCycles + fillCycles; // eqs (21), (22)
  }
  // C/T_c times the cycles per channel and, as often as there are tiles in a plane, those per tile: rounded up once.
  const perPlane = computeCycles.channel * planePerTile + computeCycles.tile * wholePlane;
  return { computeCycles: ceilQuotient([sizes.c, perPlane], [tile.c, planePerTile]), stallCycles };
}

/** All columns of a SIMD layer as the paper computes them. */
export function simdClosedForm(layer: SimdLayer, hardware: Hardware, variant: Variant): Result {
  const row = simdOperation(layer.op);
  const { tile, window, bits } = layer;
  const lanes = hardware.array.columns;
  const sizes = variantSizes(layer.sizes, tile, variant);
  const counts = partCounts(layer, sizes);
  // A reduction takes in the whole batch for each c-tile, however the batch is tiled.
  const loaded = row.reduces ? { ...sizes, c: tile.c } : tile;
  const result = emptyResult();

  for (const part of row.parts) {
    const isTilePart = part.per === 'tile';
    for (const operand of [...part.loads, ...part.stores]) {
      const operandBits = operandElements(operand.extent, loaded, window) * bits[operand.width];
      result.dramBits[operand.booked] += operandBits * counts[part.per];
    }
    if (part.instructions.length === 0) continue;
    // Elements that the part's instructions are executed on.
    const elements = isTilePart ? operandElements('tile', sizes, window) : sizes.c;
    const costs = instructionCosts(part, window, bits, hardware.aluCycles);
    result.sramBits.vmem += elements * costs.vmemBits;
    const vectors = (elements / tile.c) * ceilDiv(tile.c, lanes);
    result.sramBits.imm += vectors * costs.immBitsPerVector + elements * costs.immBitsPerElement;
    result.sramBits.imem += vectors * costs.imemBits;
    result.ops += elements * costs.ops;
    for (const instruction of part.instructions) {
      result.opCounts[instruction.alu] += elements * executionsPerElement(instruction, window);
    }
  }
  const { computeCycles, stallCycles } = simdCycles(layer, hardware, variant);
  result.computeCycles = computeCycles;
  result.stallCycles = stallCycles;
  result.totalCycles = computeCycles + stallCycles;
  return result;
}
