/**
 * The J×K PE array below the tile: its registers move every cycle. An ifmap value enters its row from the left, one
 * cycle later per row (skew), and goes one column to the right a cycle; psums go one row down a cycle, and what leaves
 * the bottom row is added to OBuf. A PE holds its weight; the next pass's waits in a shadow register and takes its
 * place when the first ifmap value of that pass comes by. With it, eq (15) and eq (16) can be counted instead of believed.
 */

/** What enters a row in one cycle. */
export interface IfmapEntry {
  readonly value: number;
  /** The first value of a pass: every PE that it reaches takes over its shadow weight. */
  readonly startsPass: boolean;
}

/** Registers, PE (row, column) at row · columns + column. */
export interface PeRegisters {
  readonly rows: number;
  readonly columns: number;
  readonly weight: Float64Array;
  readonly shadow: Float64Array;
  readonly psum: Float64Array;
  readonly ifmap: Float64Array;
  /** Beside each ifmap register: whether it holds a value, and whether that value starts a pass. */
  readonly holdsIfmap: Uint8Array;
  readonly startsPass: Uint8Array;
}

/** An array with zeros in all registers. */
export function createPeRegisters(rows: number, columns: number): PeRegisters {
  const count = rows * columns;
  return {
    rows,
    columns,
    weight: new Float64Array(count),
    shadow: new Float64Array(count),
    psum: new Float64Array(count),
    ifmap: new Float64Array(count),
    holdsIfmap: new Uint8Array(count),
    startsPass: new Uint8Array(count),
  };
}

/**
 * One clock cycle: `entries` holds what enters each row, if anything. `refill` is told each PE that has taken over its
 * shadow weight and gives the shadow's next one. Returns how many PEs did a MAC.
 */
export function stepPeRegisters(
  array: PeRegisters,
  entries: readonly (IfmapEntry | undefined)[],
  refill: (pe: number) => number,
): number {
  const { rows, columns, weight, shadow, psum, ifmap, holdsIfmap, startsPass } = array;
  let macs = 0;
  // From bottom right to top left, so that a PE still finds what its neighbours held before this cycle.
  for (let row = rows - 1; row >= 0; row--) {
    const first = row * columns;
    for (let pe = first + columns - 1; pe >= first; pe--) {
      const above = row === 0 ? 0 : psum[pe - columns]!;
      psum[pe] = above;
      if (pe > first) {
        holdsIfmap[pe] = holdsIfmap[pe - 1]!;
        startsPass[pe] = startsPass[pe - 1]!;
        ifmap[pe] = ifmap[pe - 1]!;
      } else {
        const entry = entries[row];
        holdsIfmap[pe] = entry === undefined ? 0 : 1;
        startsPass[pe] = entry?.startsPass === true ? 1 : 0;
        ifmap[pe] = entry?.value ?? 0;
      }
      if (holdsIfmap[pe] === 0) continue;
      if (startsPass[pe] === 1) {
        weight[pe] = shadow[pe]!;
        shadow[pe] = refill(pe);
      }
      psum[pe] = above + ifmap[pe]! * weight[pe]!;
      macs++;
    }
  }
  return macs;
}
