import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LaneSlices } from '../../src/views/trace/pageData.ts';
import { type Amount, buildPyramid, sliceAt, walkView } from '../../src/views/trace/pyramid.ts';
import { sample } from '../support/arbitraries.ts';

const PAINTS = 3;

interface Piece {
  readonly gap: number;
  readonly cycles: number;
  readonly paint: number;
  readonly bits: number;
}

/** Slices one after another, with gaps. */
function laneOf(pieces: readonly Piece[]): { slices: LaneSlices; paints: Uint8Array } {
  let cycle = 0;
  const starts = pieces.map(({ gap, cycles }) => {
    const start = cycle + gap;
    cycle = start + cycles;
    return start;
  });
  const slices: LaneSlices = {
    count: pieces.length,
    starts: Float64Array.from(starts),
    ends: Float64Array.from(starts, (start, place) => start + pieces[place]!.cycles),
    layers: new Uint32Array(pieces.length),
    whats: new Uint8Array(pieces.length),
    steps: new Float64Array(pieces.length),
    bits: Float64Array.from(pieces, ({ bits }) => bits),
  };
  return { slices, paints: Uint8Array.from(pieces, ({ paint }) => paint) };
}

const pieces = fc.array(
  fc.record({
    gap: fc.nat({ max: 5 }),
    cycles: fc.integer({ min: 1, max: 20 }),
    paint: fc.nat({ max: PAINTS - 1 }),
    bits: fc.nat({ max: 100 }),
  }),
  { minLength: 1, maxLength: 600 },
);

describe('the pyramid', () => {
  it('passes on every cycle of every paint, whatever the resolution', () => {
    const holds = (lane: readonly Piece[], shortest: number, amount: Amount): void => {
      const { slices, paints } = laneOf(lane);
      const cycles = new Array<number>(PAINTS).fill(0);
      let sum = 0;
      const shown = { paints, paintCount: PAINTS, amount };
      walkView(buildPyramid(slices, shown), 0, slices.ends.at(-1)!, shortest, {
        slice: (place) => {
          expect(slices.ends[place]! - slices.starts[place]!).toBeGreaterThanOrEqual(shortest);
          cycles[paints[place]!]! += slices.ends[place]! - slices.starts[place]!;
        },
        cycles: (start, end, paint, amount) => {
          expect(end - start).toBeLessThan(shortest);
          cycles[paint]! += amount;
        },
        amount: (_start, _end, added) => {
          sum += added;
        },
      });
      const total = (pick: (piece: Piece) => number): number => lane.reduce((all, piece) => all + pick(piece), 0);
      expect(cycles).toEqual(cycles.map((_, paint) => total((piece) => (piece.paint === paint ? piece.cycles : 0))));
      // A held tile counts in every cycle, a moved one once; what is moved within a slice is a quotient, so not exact.
      const isHeld = amount === 'held';
      expect(sum).toBeCloseTo(
        total(({ cycles, bits }) => (isHeld ? cycles * bits : bits)),
        6,
      );
    };
    fc.assert(
      fc.property(pieces, fc.integer({ min: 1, max: 20_000 }), fc.constantFrom('held', 'moved'), holds),
      sample(100),
    );
  });

  it('visits a few thousand groups for a thousand pixels over a million slices', () => {
    const count = 1_000_000;
    const { slices, paints } = laneOf(Array.from({ length: count }, () => ({ gap: 0, cycles: 7, paint: 0, bits: 1 })));
    let visits = 0;
    const visit = (): void => void visits++;
    const pyramid = buildPyramid(slices, { paints, paintCount: PAINTS, amount: 'held' });
    // A pixel is 7000 cycles: 1000 slices, so groups of 256 fit and those of 4096 do not. 244 of the latter are whole,
    // 244 · 16 = 3904 visits; the last one has only 576 slices, 4032 cycles, and fits: one more.
    walkView(pyramid, 0, 7 * count, 7000, { slice: visit, cycles: visit, amount: () => {} });
    expect(visits).toBe(3905);
  });

  it('finds the slice at a cycle, and none in a gap', () => {
    // Slices at 2–5 and 6–7.
    const { slices } = laneOf([
      { gap: 2, cycles: 3, paint: 0, bits: 0 },
      { gap: 1, cycles: 1, paint: 0, bits: 0 },
    ]);
    expect([0, 2, 4, 5, 6, 7].map((cycle) => sliceAt(slices, cycle))).toEqual([-1, 0, 0, -1, 1, -1]);
  });
});
