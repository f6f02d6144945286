/** The closed form of SIMD layers (MODEL.md §4; eqs 19–23, 33–39), one function for every row of the table. */
import type { SimdLayer, SimdSizes } from '../layers/layer.ts';
import { type Cycles, noOpCounts, type Result } from '../layers/result.ts';
import { ceilDiv, ceilQuotient } from '../layers/rounding.ts';
import { cyclesPerVector, instructionCosts, simdFillCycles } from '../operations/simdCosts.ts';
import {
  executionsPerElement,
  type Operand,
  type Part,
  type SimdOperation,
  tensorElements,
} from '../operations/simdRow.ts';
import { partsOf, simdOperation } from '../operations/simdTable.ts';
import type { Hardware } from '../schemas/hardware.ts';
import { type Variant, variantSizes } from './multipliers.ts';

/** Elements along all loops. */
const volumeOf = ({ c, n, h, w }: SimdSizes): number => c * n * h * w;

/** Elements along the loops outside of an operation's parts. */
function blockOf({ outer }: SimdOperation, { c, n }: SimdSizes): number {
  return outer.includes('n') ? c * n : c;
}

/** Elements along the loops inside of an operation's parts. */
function planeOf({ outer }: SimdOperation, { n, h, w }: SimdSizes): number {
  return outer.includes('n') ? h * w : n * h * w;
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
export function partCounts(layer: SimdLayer, sizes: SimdSizes): PartCounts {
  return countsOf(simdOperation(layer.op), layer.tile, sizes);
}

type PartCounts = Readonly<Record<Part['per'], TileCount>>;

function countsOf(row: SimdOperation, tile: SimdSizes, sizes: SimdSizes): PartCounts {
  const blocks = { above: blockOf(row, sizes), below: blockOf(row, tile) };
  // A reduction's tiles are counted over its output: the paper loads one tile of the batch, whatever its size.
  const tiles = row.reduces ? blocks : { above: volumeOf(sizes), below: volumeOf(tile) };
  return { channel: blocks, tile: tiles };
}

/** Cycles of a SIMD layer as the paper computes them, without the other columns. */
export function simdCycles(layer: SimdLayer, hardware: Hardware, variant: Variant): Cycles {
  const row = simdOperation(layer.op);
  const sizes = variantSizes(layer.sizes, layer.tile, variant);
  return cyclesOf(layer, row, sizes, countsOf(row, layer.tile, sizes), hardware);
}

function cyclesOf(
  layer: SimdLayer,
  row: SimdOperation,
  sizes: SimdSizes,
  counts: PartCounts,
  hardware: Hardware,
): Cycles {
  const { tile, window, bits } = layer;
  const lanes = hardware.array.columns;
  const bandwidth = hardware.bitsPerCycle.vmem;
  const wholePlane = planeOf(row, sizes);
  const planePerTile = row.reduces ? wholePlane : planeOf(row, tile);
  /** Vectors of a channel part: one for each K channels, of each image where n is an outer loop. */
  const vectorsPerBlock = ceilDiv(tile.c, lanes) * (row.outer.includes('n') ? tile.n : 1);
  /** Of one tile of each tensor, one after the other. */
  const transferCycles = (operands: readonly Operand[]): number => {
    let cycles = 0;
    for (const operand of operands) {
      cycles += ceilDiv(tensorElements(operand, tile, window) * bits[operand.width], bandwidth);
    }
    return cycles;
  };
  let [tileCycles, channelCycles, stallCycles] = [0, 0, 0];
  for (const part of partsOf(row, layer)) {
    const isTilePart = part.per === 'tile';
    stallCycles += times(transferCycles(part.loads) + transferCycles(part.stores), counts[part.per]); // eq (23)
    if (part.instructions.length === 0) continue;
    const executeCycles = vectorsPerBlock * cyclesPerVector(part, window, hardware.aluCycles); // eqs (21), (22)
    if (isTilePart) tileCycles += planePerTile * executeCycles + simdFillCycles(lanes);
    else channelCycles += executeCycles;
  }
  // Blocks times the cycles of each and, as often as there are tiles in a block, those per tile: rounded up once.
  const perPlane = channelCycles * planePerTile + tileCycles * wholePlane;
  const { above, below } = counts.channel;
  return { computeCycles: ceilQuotient([above, perPlane], [below, planePerTile]), stallCycles };
}

/** All columns of a SIMD layer as the paper computes them. */
export function simdClosedForm(layer: SimdLayer, hardware: Hardware, variant: Variant): Result {
  const row = simdOperation(layer.op);
  const { tile, window, bits } = layer;
  const lanes = hardware.array.columns;
  const sizes = variantSizes(layer.sizes, tile, variant);
  const counts = countsOf(row, tile, sizes);
  // A reduction takes in the whole batch for each c-tile, however the batch is tiled.
  const loaded = row.reduces ? { ...sizes, c: tile.c } : tile;
  const tileBits = (operand: Operand): number => tensorElements(operand, loaded, window) * bits[operand.width];
  const opCounts = noOpCounts();
  let [loadedBits, storedBits, vmem, imm, imem, ops] = [0, 0, 0, 0, 0, 0];
  for (const part of partsOf(row, layer)) {
    const count = counts[part.per];
    for (const operand of part.loads) loadedBits += times(tileBits(operand), count);
    for (const operand of part.stores) {
      if (operand.booked === 'ifmap') loadedBits += times(tileBits(operand), count);
      else storedBits += times(tileBits(operand), count);
    }
    if (part.instructions.length === 0) continue;
    // Elements that the part's instructions are executed on.
    const elements = part.per === 'tile' ? volumeOf(sizes) : blockOf(row, sizes);
    const costs = instructionCosts(part, window, bits, hardware.aluCycles);
    const vectors = (elements / tile.c) * ceilDiv(tile.c, lanes);
    vmem += elements * costs.vmemBits;
    imm += vectors * costs.immBitsPerVector + elements * costs.immBitsPerElement;
    imem += vectors * costs.imemBits;
    ops += elements * costs.ops;
    for (const instruction of part.instructions) {
      opCounts[instruction.alu] += elements * executionsPerElement(instruction, window);
    }
  }
  const { computeCycles, stallCycles } = cyclesOf(layer, row, sizes, counts, hardware);
  return {
    computeCycles,
    stallCycles,
    totalCycles: computeCycles + stallCycles,
    dramBits: { weight: 0, ifmap: loadedBits, psum: 0, ofmap: storedBits, bias: 0 },
    sramBits: { wbuf: 0, ibuf: 0, obuf: 0, bbuf: 0, vmem, imm, imem },
    ops,
    opCounts,
  };
}
