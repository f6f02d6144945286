import seedrandom from 'seedrandom';
import { describe, expect, it } from 'vitest';
import { UNIT_SLIDING } from '../../src/model/layers/layer.ts';
import {
  createPeRegisters,
  type IfmapEntry,
  stepPeRegisters,
} from '../../src/model/machine/cycleStepped/peRegisters.ts';
import { peArrayCase } from '../../src/studies/verify/peArrayCase.ts';
import { type IfmapFeed, runTile, shadowFillingCycles, skewedFeed } from '../../src/studies/verify/steppedPeArray.ts';
import { sample } from '../support/arbitraries.ts';

const { numRuns } = sample(150);

/** Descriptions of the cases that failed, out of `count`. */
function failures(count: number, feed?: IfmapFeed): string[] {
  const random = seedrandom.alea('PE array');
  return Array.from({ length: count }, () => peArrayCase(random, feed)).filter((text) => text !== undefined);
}

describe('the cycle-stepped PE array', () => {
  it('multiplies two vectors with two weight matrices as a hand count does, register by register', () => {
    // Pass 1 has the weights W1 = (1 2 / 3 4), pass 2 has W2 = (5 6 / 7 8); rows are input channels.
    // Both passes take the vectors (1, 10) and (2, 20). Row 1 is one cycle behind row 0.
    const second = [5, 6, 7, 8];
    const array = createPeRegisters(2, 2);
    array.shadow.set([1, 2, 3, 4]);
    const first = (value: number): IfmapEntry => ({ value, startsPass: true });
    const then = (value: number): IfmapEntry => ({ value, startsPass: false });
    const cycles: [IfmapEntry | undefined, IfmapEntry | undefined][] = [
      [first(1), undefined],
      [then(2), first(10)],
      [first(1), then(20)],
      [then(2), first(10)],
      [undefined, then(20)],
      [undefined, undefined],
    ];
    const registers = cycles.map((entries) => {
      const macs = stepPeRegisters(array, entries, (pe) => second[pe]!);
      return { ifmap: [...array.ifmap], weight: [...array.weight], psum: [...array.psum], macs };
    });
    // Registers in the order (row 0: column 0, column 1), (row 1: column 0, column 1).
    expect(registers).toEqual([
      // 1: vector 1 reaches PE00, which takes its weight 1.
      { ifmap: [1, 0, 0, 0], weight: [1, 0, 0, 0], psum: [1, 0, 0, 0], macs: 1 },
      // 2: PE00 has vector 2: 2·1. PE01 has vector 1: 1·2. PE10 adds 10·3 to the 1 from above: 31, out of column 0.
      { ifmap: [2, 1, 10, 0], weight: [1, 2, 3, 0], psum: [2, 2, 31, 0], macs: 3 },
      // 3: PE00 starts pass 2: 1·5. PE01: 2·2. PE10: 2 + 20·3 = 62. PE11: 2 + 10·4 = 42.
      { ifmap: [1, 2, 20, 10], weight: [5, 2, 3, 4], psum: [5, 4, 62, 42], macs: 4 },
      // 4: PE00: 2·5. PE01 starts pass 2: 1·6. PE10 does: 5 + 10·7 = 75. PE11 is still in pass 1: 4 + 20·4 = 84.
      { ifmap: [2, 1, 10, 20], weight: [5, 6, 7, 4], psum: [10, 6, 75, 84], macs: 4 },
      // 5: PE01: 2·6. PE10: 10 + 20·7 = 150. PE11 starts pass 2: 6 + 10·8 = 86.
      { ifmap: [0, 2, 20, 10], weight: [5, 6, 7, 8], psum: [0, 12, 150, 86], macs: 3 },
      // 6: PE11: 12 + 20·8 = 172. Four vectors took 4 + (2 − 1) + (2 − 1) = 6 cycles.
      { ifmap: [0, 0, 0, 20], weight: [5, 6, 7, 8], psum: [0, 0, 0, 172], macs: 1 },
    ]);
  });

  it('adds the passes up below the columns and counts its accesses', () => {
    // The same numbers as a 1×1 conv of 4 input channels (two ic-blocks) on 2 pixels, bias 1000 and 2000.
    const weights = [
      [1, 2],
      [3, 4],
      [5, 6],
      [7, 8],
    ];
    const pixels = [
      [1, 2],
      [10, 20],
      [1, 2],
      [10, 20],
    ];
    const run = runTile(2, 2, {
      sizes: { oc: 2, ic: 4, kh: 1, kw: 1, n: 1, oh: 1, ow: 2 },
      ...UNIT_SLIDING,
      weight: (oc, ic) => weights[ic]![oc]!,
      ifmap: (ic, _n, _ih, iw) => pixels[ic]![iw]!,
      bias: (oc) => 1000 * (oc + 1),
    });
    // Pixel 1: 31 + 75 and 42 + 86; pixel 2: 62 + 150 and 84 + 172.
    expect([...run.ofmap]).toEqual([1106, 2128, 1212, 2256]);
    // 4 vectors: 2 ifmap reads and 4 MACs each; 8 sums come out, 4 of them onto a bias, 4 onto a psum that is read;
    // the 8 weights are taken once each.
    expect(run).toMatchObject({ cycles: 6, passes: 2, vectorsPerPass: 2, macs: 16, wbuf: 16, wbufHeld: 8 });
    expect(run).toMatchObject({ ibuf: 8, bbuf: 4, obuf: 4 + 2 * 4 });
  });

  it('agrees with plain arithmetic, eqs (15) and (16) and the machine on random tiles', () => {
    expect(failures(numRuns)).toEqual([]);
  });
});

describe('the check of the PE array', () => {
  it('notices ifmap that enters all rows at once', () => {
    const unskewed: IfmapFeed = (cycle, _row, vectors, perPass) => skewedFeed(cycle, 0, vectors, perPass);
    // With one row there is no skew, so those cases stay right.
    expect(failures(100, unskewed).length).toBeGreaterThan(60);
    expect(failures(100, unskewed)[0]).toMatch(/result \d+ is .* instead of/);
  });

  it('notices weights that are swapped one cycle early', () => {
    const early: IfmapFeed = (cycle, row, vectors, perPass) => {
      const fed = skewedFeed(cycle, row, vectors, perPass);
      // The last vector of a pass already carries the swap; the tile's very first one still must.
      return fed && { ...fed, startsPass: fed.vector === 0 || (fed.vector + 1) % perPass === 0 };
    };
    expect(failures(100, early).length).toBeGreaterThan(60);
  });

  it('notices a cycle too many in front', () => {
    const late: IfmapFeed = (cycle, row, vectors, perPass) => skewedFeed(cycle - 1, row, vectors, perPass);
    expect(failures(100, late)).toHaveLength(100);
    expect(failures(1, late)[0]).toMatch(/against eqs \(15\) and \(16\): cycles \d+ instead of \d+/);
  });
});

/**
 * Cycles in which no vector enters a column whose weights come from above: a shadow register hands its word down as soon
 * as the one below is free, and is free itself once its PE has swapped. A pass starts when its last word is in row 0.
 */
function steppedFillingCycles(rows: number, passes: number, vectorsPerPass: number): number {
  /** The row that the word in a shadow register is for. */
  const shadow = new Array<number | undefined>(rows).fill(undefined);
  const vectors = passes * vectorsPerPass;
  const swapCycles: number[] = [];
  let words = 0;
  let entered = 0;
  for (let cycle = 0; ; cycle++) {
    const startsPass = entered % vectorsPerPass === 0;
    if (!startsPass || shadow[0] === 0) {
      if (startsPass) swapCycles.push(cycle);
      if (++entered === vectors) return cycle + 1 - vectors;
    }
    // The swap goes down one row a cycle; each PE must find its own word.
    for (const start of swapCycles) {
      const row = cycle - start;
      if (row >= rows) continue;
      expect(shadow[row]).toBe(row);
      shadow[row] = undefined;
    }
    for (let row = rows - 1; row > 0; row--) {
      if (shadow[row] !== undefined || shadow[row - 1] === row - 1) continue;
      shadow[row] = shadow[row - 1];
      shadow[row - 1] = undefined;
    }
    // The bottom row's word comes first.
    shadow[0] ??= rows - 1 - (words++ % rows);
  }
}

describe('real filling of the shadow weights', () => {
  it('takes J cycles a pass, of which a shadow hides as many as the pass before has vectors', () => {
    // 4 rows, 3 passes of 1 vector: 3 · 4 cycles; hidden: 4 for the first, then 4 − 1 each.
    expect(shadowFillingCycles(4, 3, 1)).toEqual({ exposed: 12, hidden: 10 });
    // Passes of 9 vectors hide all but the first.
    expect(shadowFillingCycles(4, 3, 9)).toEqual({ exposed: 12, hidden: 4 });
  });

  it('is what a column takes whose words move down register by register', () => {
    for (let rows = 1; rows <= 5; rows++)
      for (let passes = 1; passes <= 4; passes++)
        for (let vectors = 1; vectors <= 7; vectors++)
          expect(steppedFillingCycles(rows, passes, vectors)).toBe(shadowFillingCycles(rows, passes, vectors).hidden);
  });
});
