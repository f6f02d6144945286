/** The closed form of SIMD layers (MODEL section 4; eqs 19–23, 33–39), one function for every row of the table. */
import type { SimdLayer } from '../layers/layer.ts';
import { emptyResult, type Result } from '../layers/result.ts';
import { ceilDiv } from '../layers/rounding.ts';
import { instructionCosts, simdFillCycles } from '../operations/simdCosts.ts';
import { executionsPerElement, operandElements, simdOperation } from '../operations/simdTable.ts';
import type { Hardware } from '../spec/hardware.ts';
import { type Variant, variantSizes } from './multipliers.ts';

/** All columns of a SIMD layer as the paper computes them. */
export function simdClosedForm(layer: SimdLayer, hardware: Hardware, variant: Variant): Result {
  const row = simdOperation(layer.op);
  const { tile, window, bits } = layer;
  const lanes = hardware.array.columns;
  const sizes = variantSizes(layer.sizes, tile, variant);
  const channelTiles = sizes.c / tile.c;
  const planeTiles = (sizes.n / tile.n) * (sizes.h / tile.h) * (sizes.w / tile.w);
  // A reduction's tiles are counted over its output: the paper loads one tile of the batch, whatever its size.
  const loadedPlaneTiles = row.reduces ? 1 : planeTiles;
  const result = emptyResult();
  let computeCycles = 0;

  for (const part of row.parts) {
    const isTilePart = part.per === 'tile';
    const times = isTilePart ? channelTiles * loadedPlaneTiles : channelTiles;
    for (const operand of [...part.loads, ...part.stores]) {
      const operandBits = operandElements(operand.extent, tile, window) * bits[operand.width];
      result.dramBits[operand.booked] += operandBits * times;
      result.stallCycles += ceilDiv(operandBits, hardware.bitsPerCycle.vmem) * times; // eq (23), per transfer
    }
    if (part.instructions.length === 0) continue;
    // Elements that the part's instructions are executed on: in all, and in one tile.
    const elements = isTilePart ? operandElements('tile', sizes, window) : sizes.c;
    const planeElements = row.reduces ? sizes.n * sizes.h * sizes.w : tile.n * tile.h * tile.w;
    const vectorsPerTile = (isTilePart ? planeElements : 1) * ceilDiv(tile.c, lanes);
    const costs = instructionCosts(part, window, bits, hardware.aluCycles);
    computeCycles += times * (vectorsPerTile * costs.cycles + (isTilePart ? simdFillCycles(lanes) : 0)); // eqs (21), (22)
    result.sramBits.vmem += elements * costs.vmemBits;
    const vectors = (elements / tile.c) * ceilDiv(tile.c, lanes);
    result.sramBits.imm += vectors * costs.immBitsPerVector + elements * costs.immBitsPerElement;
    result.sramBits.imem += vectors * costs.imemBits;
    result.ops += elements * costs.ops;
    for (const instruction of part.instructions) {
      result.opCounts[instruction.alu] += elements * executionsPerElement(instruction, window);
    }
  }
  result.computeCycles = Math.ceil(computeCycles);
  result.totalCycles = result.computeCycles + result.stallCycles;
  return result;
}
