/**
 * The figures of one layer, whichever model computed them. The closed form and the simulator fill the same
 * record, so that they can be compared column by column. Bits are bits, cycles are accelerator cycles.
 */

/** Off-chip traffic per tensor, loads and stores together, in bits. SIMD layers book loads as ifmap, stores as ofmap. */
export interface DramBits {
  weight: number;
  ifmap: number;
  psum: number;
  ofmap: number;
  bias: number;
}

/** On-chip accesses per memory, reads and writes together, in bits. `imm` is part of the instruction-memory block. */
export interface SramBits {
  wbuf: number;
  ibuf: number;
  obuf: number;
  bbuf: number;
  vmem: number;
  imm: number;
  imem: number;
}

/** How often each arithmetic operation is executed (not weighted by its cycles). */
export interface OpCounts {
  mac: number;
  add: number;
  sub: number;
  mul: number;
  div: number;
  max: number;
  exp: number;
  invSqrt: number;
  condMove: number;
  min: number;
}

/** How long a layer takes: cycles in which its unit computes, and those in which it waits. */
export interface Cycles {
  readonly computeCycles: number;
  readonly stallCycles: number;
}

/**
 * One layer's figures: the columns of the golden files.
 * `ops` counts 2 per MAC and weights div, exp, invSqrt and condMove by their cycles (MODEL.md §4).
 */
export interface Result {
  computeCycles: number;
  stallCycles: number;
  totalCycles: number;
  dramBits: DramBits;
  sramBits: SramBits;
  ops: number;
  opCounts: OpCounts;
}

/** No traffic yet. */
export const noDramBits = (): DramBits => ({ weight: 0, ifmap: 0, psum: 0, ofmap: 0, bias: 0 });
/** No accesses yet. */
export const noSramBits = (): SramBits => ({ wbuf: 0, ibuf: 0, obuf: 0, bbuf: 0, vmem: 0, imm: 0, imem: 0 });
/** No operations yet. */
export const noOpCounts = (): OpCounts => ({
  mac: 0,
  add: 0,
  sub: 0,
  mul: 0,
  div: 0,
  max: 0,
  exp: 0,
  invSqrt: 0,
  condMove: 0,
  min: 0,
});

/** A result in which nothing has happened. */
export function emptyResult(): Result {
  return {
    computeCycles: 0,
    stallCycles: 0,
    totalCycles: 0,
    dramBits: noDramBits(),
    sramBits: noSramBits(),
    ops: 0,
    opCounts: noOpCounts(),
  };
}

/** Adds every number of `from` to the same place of `into`, whatever the depth; both have the same shape. */
export function addInto<T extends object>(into: T, from: T): void {
  for (const key in into) {
    const [sum, value] = [into[key], from[key]];
    if (typeof value === 'number') into[key] = ((sum as number) + value) as typeof sum;
    else addInto(sum as object, value as object);
  }
}

/** The sum of all entries of a flat record of numbers, e.g. all DRAM bits of a layer. */
export function sumOf(record: DramBits | SramBits | OpCounts): number {
  let sum = 0;
  for (const name in record) sum += record[name as keyof typeof record];
  return sum;
}

/** Every column of a record of figures as `name → value`, e.g. `dramBits.ifmap`: for comparisons and flat files. */
export function columnsOf(figures: object): Map<string, number> {
  const columns = new Map<string, number>();
  for (const [key, value] of Object.entries(figures) as [string, number | Record<string, number>][]) {
    if (typeof value === 'number') {
      columns.set(key, value);
    } else {
      for (const [name, number] of Object.entries(value)) columns.set(`${key}.${name}`, number);
    }
  }
  return columns;
}
