/** The closed form of SIMD layers (MODEL.md §4; eqs 19–23, 33–39), one function for every row of the table. */
import type { SimdLayer, SimdSizes } from '../layers/layer.ts';
import { type Cycles, emptyResult, type Result } from '../layers/result.ts';
import { ceilDiv, ceilQuotient } from '../layers/rounding.ts';
import { cyclesPerVector, instructionCosts, simdFillCycles } from '../operations/simdCosts.ts';
import { executionsPerElement, type Operand, type Part, tensorElements } from '../operations/simdRow.ts';
import { innerDims, simdOperation, simdParts } from '../operations/simdTable.ts';
import type { Hardware } from '../schemas/hardware.ts';
import { type Variant, variantSizes } from './multipliers.ts';

/** The product of the sizes along some loops. */
function productOf(sizes: SimdSizes, dims: readonly (keyof SimdSizes)[]): number {
  return dims.reduce((product, dim) => product * sizes[dim], 1);
}

/** A layer's loops outside of its parts and inside of them. */
function loopsOf(layer: SimdLayer): { outer: readonly (keyof SimdSizes)[]; inner: readonly (keyof SimdSizes)[] } {
  const row = simdOperation(layer.op);
  return { outer: row.outer, inner: innerDims(row) };
}

/** A number of tiles that need not be whole, as a quotient: what it multiplies is divided once, and so rounded once. */
interface TileCount {
  readonly above: number;
  readonly below: number;
}

/** `value` so many times. */
export function times(value: number, { above, below }: TileCount): number {
  return (value * above) / below;
}

/**
 * How often the parts of a layer run: once per tile of the outer loops, or once per tile of the inner loops of each of
 * them. Fractional as in the paper.
 */
export function partCounts(layer: SimdLayer, sizes: SimdSizes): Record<Part['per'], TileCount> {
  const { tile } = layer;
  const { outer, inner } = loopsOf(layer);
  const countOf = (dims: readonly (keyof SimdSizes)[]): TileCount => ({
    above: productOf(sizes, dims),
    below: productOf(tile, dims),
  });
  // A reduction's tiles are counted over its output: the paper loads one tile of the batch, whatever its size.
  const ofTiles = simdOperation(layer.op).reduces ? outer : [...outer, ...inner];
  return { channel: countOf(outer), tile: countOf(ofTiles) };
}

/** Cycles of a SIMD layer as the paper computes them, without the other columns. */
export function simdCycles(layer: SimdLayer, hardware: Hardware, variant: Variant): Cycles {
  const row = simdOperation(layer.op);
  const { tile, window, bits } = layer;
  const { outer, inner } = loopsOf(layer);
  const lanes = hardware.array.columns;
  const sizes = variantSizes(layer.sizes, tile, variant);
  const counts = partCounts(layer, sizes);
  const bandwidth = hardware.bitsPerCycle.vmem;
  const wholePlane = productOf(sizes, inner);
  const planePerTile = row.reduces ? wholePlane : productOf(tile, inner);
  /** Vectors of a channel part: one for each K channels, of each image where n is an outer loop. */
  const vectorsPerBlock = ceilDiv(tile.c, lanes) * (outer.includes('n') ? tile.n : 1);
  const transferCycles = (cycles: number, operand: Operand): number =>
    cycles + ceilDiv(tensorElements(operand, tile, window) * bits[operand.width], bandwidth);
  const computeCycles = { tile: 0, channel: 0 };
  let stallCycles = 0;
  for (const part of simdParts(layer)) {
    const isTilePart = part.per === 'tile';
    stallCycles += times(part.stores.reduce(transferCycles, part.loads.reduce(transferCycles, 0)), counts[part.per]); // eq (23)
    if (part.instructions.length === 0) continue;
    const vectorsPerTile = (isTilePart ? planePerTile : 1) * vectorsPerBlock;
    const fillCycles = isTilePart ? simdFillCycles(lanes) : 0;
    const executeCycles = vectorsPerTile * cyclesPerVector(part, window, hardware.aluCycles);
    computeCycles[part.per] += executeCycles + fillCycles; // eqs (21), (22)
  }
  // Blocks times the cycles of each and, as often as there are tiles in a block, those per tile: rounded up once.
  const perPlane = computeCycles.channel * planePerTile + computeCycles.tile * wholePlane;
  const blocks = [outer.map((dim) => sizes[dim]), outer.map((dim) => tile[dim])] as const;
  return { computeCycles: ceilQuotient([...blocks[0], perPlane], [...blocks[1], planePerTile]), stallCycles };
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

  for (const part of simdParts(layer)) {
    const isTilePart = part.per === 'tile';
    for (const operand of [...part.loads, ...part.stores]) {
      const operandBits = tensorElements(operand, loaded, window) * bits[operand.width];
      result.dramBits[operand.booked] += times(operandBits, counts[part.per]);
    }
    if (part.instructions.length === 0) continue;
    // Elements that the part's instructions are executed on.
    const elements = productOf(sizes, isTilePart ? ['c', 'n', 'h', 'w'] : row.outer);
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
