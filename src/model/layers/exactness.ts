/**
 * Figures are whole numbers in doubles, which have one for each up to 2⁵³. Where a figure would pass that it is refused,
 * with the layer's name: beyond, sums lose cycles and a unit's cycles no longer add up.
 */
import { LARGEST_EXACT } from '../schemas/bounds.ts';
import { InputError } from '../schemas/inputError.ts';
import { shownName } from '../schemas/printable.ts';
import type { Result } from './result.ts';

const EXPECTED = `at most ${LARGEST_EXACT} (2⁵³ − 1, up to which figures are exact): a smaller batch, or a smaller layer`;

/** A figure of a layer, or of all layers together, that would pass 2⁵³. */
export class BeyondExactness extends InputError {
  /** `layer` undefined: of all layers together. */
  constructor(layer: string | undefined, figure: string, value: number, file = '') {
    const whose = layer === undefined ? 'all layers' : `layer ${shownName(layer)}`;
    super({ file, path: `${whose}: ${figure}`, value, expected: EXPECTED });
    this.name = 'BeyondExactness';
  }
}

/** Throws a BeyondExactness unless a figure is exact; not a number is none either. */
export function expectExact(layer: string | undefined, figure: string, value: number): void {
  if (!(value <= LARGEST_EXACT)) throw new BeyondExactness(layer, figure, value);
}

/** Throws a BeyondExactness for the first figure of a layer's result, or of all layers' sums, that is beyond 2⁵³. */
export function expectExactResult(layer: string | undefined, result: Result): void {
  const { dramBits: dram, sramBits: sram, opCounts: of } = result;
  const dramBits = dram.weight + dram.ifmap + dram.psum + dram.ofmap + dram.bias;
  const sramBits = sram.wbuf + sram.ibuf + sram.obuf + sram.bbuf + sram.vmem + sram.imm + sram.imem;
  const instructions = of.add + of.sub + of.mul + of.div + of.max + of.exp + of.invSqrt + of.condMove + of.min;
  // These bound all others: each is a sum.
  expectExact(layer, 'totalCycles', result.totalCycles);
  expectExact(layer, 'computeCycles', result.computeCycles);
  expectExact(layer, 'stallCycles', result.stallCycles);
  expectExact(layer, 'dramBits', dramBits);
  expectExact(layer, 'sramBits', sramBits);
  expectExact(layer, 'ops', result.ops);
  expectExact(layer, 'opCounts', of.mac + instructions);
}
