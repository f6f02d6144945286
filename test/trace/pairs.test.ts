/** The layers of two runs on a page: how they are paired, and where the second begins on the ruler. */
import { describe, expect, it } from 'vitest';
import {
  type ListedLayer,
  listedLayers,
  listedPlace,
  pairsOf,
  rulerEnd,
  shiftAt,
} from '../../src/views/trace/page/pairs.ts';
import type { ComparedLayer, LayerFigures, PageLayer } from '../../src/views/trace/pageData.ts';

/** A layer that adds these cycles to its run; where layers overlap it has begun before that. */
function figures(name: string, from: number, to: number, start = from): LayerFigures {
  const time = { start, end: to, unitStart: from, unitEnd: to };
  const cycles = { totalCycles: to - from, computeCycles: to - from, fillCycles: 0, waiting: {} };
  return { layer: { name, op: 'conv', unit: 'SA' }, ...time, ...cycles };
}

/** A has a layer that B has not, and the other way round; B fuses two of A, and begins the last one sooner. */
const layersOfA = [figures('pad', 0, 5), figures('conv', 5, 15), figures('relu', 15, 19), figures('fc', 19, 25, 17)];
const layersOfB = [figures('conv + relu', 0, 8), figures('norm', 8, 11), figures('fc', 11, 18)];
const compared: readonly ComparedLayer[] = [
  { a: 0, causes: { busy: -5 } },
  { a: 1, b: 0, causes: { busy: -2 } },
  { a: 2, b: 0, causes: { vmemLoad: -4 } },
  { a: 3, b: 2, causes: { busy: 2, weight: -1 } },
  { b: 1, causes: { busy: 3 } },
];
const second = { layers: layersOfB, cycles: 18, data: {} };

function listedOf(ofA: readonly LayerFigures[], all: readonly ComparedLayer[], ofB: readonly LayerFigures[]) {
  const layers = ofA as readonly PageLayer[];
  return listedLayers({ layers }, { pairs: pairsOf(all, layers, ofB) });
}

describe('the layers of two runs', () => {
  const listed = listedOf(layersOfA, compared, layersOfB);

  it('are paired, a group of B with the first of its members; those that only B has come last', () => {
    const told = ({ name, pair }: ListedLayer) => [name, pair!.in, pair!.cyclesOfA, pair!.cyclesOfB, pair!.difference];
    expect(listed.map(told)).toEqual([
      ['pad', 'A', 5, 0, -5],
      ['conv', 'both', 10, 8, -2],
      ['relu', 'fused', 4, 0, -4],
      ['fc', 'both', 6, 7, 1],
      ['norm', 'B', 0, 3, 3],
    ]);
  });

  it('begin at the same cycle of the ruler, where either adds to its run', () => {
    const shifts = listed.map((_, place) => shiftAt(second, listed, place));
    // Before any pair both begin at 0. A fused layer goes by its group, one that only B has by what is before it in B.
    expect(shifts).toEqual([0, 5 - 0, 5 - 0, 19 - 11, 5 - 0]);
    expect(shiftAt(second, listed, undefined)).toBe(0);
  });

  it('have a ruler that holds both to their ends, whatever is aligned', () => {
    // B ends at 8 + 18 where fc begins in both at 19.
    expect(rulerEnd(25, second, listed)).toBe(26);
    expect(rulerEnd(40, second, listed)).toBe(40);
    // What has no timeline is not shifted.
    expect(rulerEnd(25, { ...second, data: undefined }, listed)).toBe(25);
    expect(rulerEnd(25, { ...second, cycles: 30, data: undefined }, listed)).toBe(30);
    expect(rulerEnd(25, undefined, listed)).toBe(25);
  });

  it('are found in the table from B’s timeline', () => {
    expect(layersOfB.map((_, place) => listed[listedPlace(place, listed)!]!.name)).toEqual(['conv', 'norm', 'fc']);
    // The other way round A fuses: what B has apart stands at A's group.
    const turned: readonly ComparedLayer[] = [
      { a: 0, b: 1, causes: { busy: 6 } },
      { a: 2, b: 3, causes: { busy: -1 } },
    ];
    const other = listedOf(layersOfB, turned, layersOfA);
    expect(layersOfA.map((_, place) => listedPlace(place, other))).toEqual([undefined, 0, 0, 2]);
  });
});
