/** How tensors can lie in memory, and a block of one as the runs of bits that it is there. */
import { ceilDiv } from '../layers/rounding.ts';
import type { Operand } from '../operations/simdRow.ts';
import type { Four, Region } from '../schedule/region.ts';
import type { DramSpec } from '../schemas/dram.ts';
import type { Runs } from './burstWalk.ts';

/** How tensors lie in memory: each tile in one piece, halos duplicated; or the whole tensor, channels last or first. */
export const LAYOUTS = ['tiles', 'nhwc', 'nchw'] as const;
export type Layout = (typeof LAYOUTS)[number];

/** A tile that is moved: its tensor, the step that identifies it and, on the SIMD array, the operand. */
export interface PlacedTile {
  readonly tensor: string;
  readonly step: number;
  readonly direction: 'load' | 'store';
  readonly bits: number;
  readonly operand?: number;
}

/** Finds the tiles of one layer. */
export interface Placement {
  /** Bytes from the memory's first to the last that a tensor of the layer needs. */
  readonly bytes: number;
  runsOf(tile: PlacedTile): Runs;
}

/** A tensor's place. `order` lists its dimensions as they lie in memory, outermost first. */
export interface TensorPlace {
  readonly base: number;
  readonly shape: Four;
  readonly elementBits: number;
}

/** Gives tensors their bases one after the other, each a few rows further into its bank rotation (CONTROLLER.md). */
export class Allocator {
  private readonly rotationBits: number;
  private readonly staggerBits: number;
  /** Bits up to the end of the last tensor. */
  end = 0;
  private tensors = 0;

  constructor({ organization: org }: DramSpec) {
    const rowBits = 8 * org.accessesPerRow * org.bytesPerAccess * org.channels;
    this.staggerBits = 4 * rowBits;
    this.rotationBits = rowBits * org.bankGroups * org.banksPerGroup;
  }

  place(bits: number): number {
    const base = ceilDiv(this.end, this.rotationBits) * this.rotationBits + this.tensors * this.staggerBits;
    this.tensors++;
    this.end = base + bits;
    return base;
  }
}

/** The dense block of a tensor as runs. */
export function denseRuns({ base, shape, elementBits }: TensorPlace, { from, sizes }: Region, order: Four): Runs {
  let strideBits = elementBits;
  let runBits = elementBits;
  let start = base;
  let isContiguous = true;
  const loops: { count: number; strideBits: number }[] = [];
  for (let place = order.length - 1; place >= 0; place--) {
    const dim = order[place]!;
    const [size, whole] = [sizes[dim]!, shape[dim]!];
    start += from[dim]! * strideBits;
    if (isContiguous) runBits *= size;
    else if (size > 1) loops.unshift({ count: size, strideBits });
    if (size < whole) isContiguous = false;
    strideBits *= whole;
  }
  return { base: start, runBits, loops };
}

/** The regions' dimensions: n, c, h, w on the SA (weights oc, ic, kh, kw); c, n, h, w on the SIMD array. */
export const ORDER: Readonly<Record<'SA' | 'SIMD', Readonly<Record<'nhwc' | 'nchw', Four>>>> = {
  SA: { nchw: [0, 1, 2, 3], nhwc: [0, 2, 3, 1] },
  SIMD: { nchw: [1, 0, 2, 3], nhwc: [1, 2, 3, 0] },
};

export function wholeBursts(bits: number, spec: DramSpec): number {
  const burstBits = 8 * spec.organization.bytesPerAccess;
  return ceilDiv(bits, burstBits) * burstBits;
}

/** The dimensions of the SIMD array's tensors. */
export type SimdDim = 'c' | 'n' | 'h' | 'w';

/** The loops that a tensor depends on, outermost first. */
export function dimsOf({ dims }: Operand): readonly SimdDim[] {
  return (['c', 'n', 'h', 'w'] as const).filter((dim) => dims.includes(dim));
}
