import { afterEach, describe, expect, it, vi } from 'vitest';
import type { SaLayer } from '../../src/model/layers/layer.ts';
import { Machine } from '../../src/model/machine/machine.ts';
import type { TileMove } from '../../src/model/machine/observer.ts';
import { type Assumptions, assumptionsOf, HARDWARE } from '../../src/model/schedule/assumptions.ts';
import { REDUCTION_MASK } from '../../src/model/schedule/loopMasks.ts';
import { LoopNest } from '../../src/model/schedule/loopNest.ts';
import { SaSchedule } from '../../src/model/schedule/saSchedule.ts';
import { saShapes } from '../../src/model/schedule/saTile.ts';
import type { Hardware } from '../../src/model/schemas/hardware.ts';
import { type Corruption, computeTwice, skipMove } from '../../src/studies/verify/corruptions.ts';
import { FunctionalSa } from '../../src/studies/verify/functionalSa.ts';
import { filled, type Tensor, tensorOf } from '../../src/studies/verify/tensor.ts';
import { TINY_HARDWARE, tinyConv } from '../support/tinyMachine.ts';

const KEEP_RESIDENT = assumptionsOf(new Set());

/** Elements that count up from a first one, so that no two tiles are alike. */
function counting(sizes: Tensor['sizes'], first: number): Tensor {
  let next = first;
  return tensorOf(sizes, () => next++);
}

interface Run {
  readonly layer: SaLayer;
  readonly hardware?: Hardware;
  readonly assumptions?: Assumptions;
  readonly corruption?: Corruption;
  readonly operands?: { readonly weight: Tensor; readonly ifmap: Tensor; readonly bias: Tensor };
}

/** Runs a layer with data; returns DRAM's psums after every store, the ofmap being the last, and all moves. */
function run({ layer, hardware = TINY_HARDWARE, assumptions = HARDWARE, corruption = {}, operands }: Run) {
  const shapes = saShapes(layer.sizes, layer);
  const psum = filled(shapes.psum, Number.NaN);
  const observer = new FunctionalSa(layer, hardware, false, {
    weight: operands?.weight ?? counting(shapes.weight, 1),
    ifmap: operands?.ifmap ?? counting(shapes.ifmap, 100),
    bias: operands?.bias ?? counting(shapes.bias, 1000),
    psum,
  });
  const machine = new Machine(hardware);
  const moves: TileMove[] = [];
  const states: number[][] = [];
  const watched = corruption.corrupt?.(observer) ?? observer;
  machine.observe({
    layerStarted: () => {},
    transferRequested: (name, requested, cycle) => {
      moves.push(...requested);
      watched.transferRequested(name, requested, cycle);
    },
    transferStarted: (name, cycle) => watched.transferStarted(name, cycle),
    transferEnded: (name, cycle, firstPartCycle) => {
      const before = [...psum.data];
      watched.transferEnded(name, cycle, firstPartCycle);
      if (psum.data.some((value, place) => !Object.is(value, before[place]))) states.push([...psum.data]);
    },
    computeStarted: (...told) => watched.computeStarted(...told),
    computeEnded: (...told) => watched.computeEnded(...told),
    layerEnded: () => {},
  });
  machine.run(layer, { ...assumptions, ...corruption.assumptions });
  return { ofmap: [...psum.data], states, moves };
}

describe('a conv with real data', () => {
  it('leaves in DRAM, store by store, what a reader counts by hand', () => {
    // One row of 4 inputs, kernel [10, 1], bias 100, three outputs; the kernel in tiles of 1, outputs in tiles of 2.
    const row = (...values: number[]): Tensor => ({ sizes: [1, 1, 1, values.length], data: Float64Array.from(values) });
    const operands = { weight: row(10, 1), ifmap: row(1, 2, 3, 4), bias: row(100) };
    const { states } = run({ layer: tinyConv({ kw: 2, ow: 3 }, { ow: 2 }), operands });
    const none = Number.NaN;
    expect(states).toEqual([
      [110, 120, none], // 100 + 10·1, 100 + 10·2
      [110, 120, 130], // 100 + 10·3
      [112, 123, 130], // + 1·2, + 1·3
      [112, 123, 134], // + 1·4
    ]);
  });

  it('fails when W = 1, A > 1 and a psum may be loaded before its store has ended', () => {
    // One output from four input channels: four visits to one psum tile.
    const layer = tinyConv({ ic: 4 }, {});
    // 1000 + 1·100 + 2·101 + 3·102 + 4·103.
    expect(run({ layer }).ofmap).toEqual([2020]);
    expect(run({ layer, assumptions: { ...HARDWARE, noPsumHazard: true } }).ofmap).toEqual([Number.NaN]);
    // With one slot the next visit waits for the store anyway.
    const hardware = { ...TINY_HARDWARE, slots: { ...TINY_HARDWARE.slots, obuf: 1 } };
    expect(run({ layer, hardware, assumptions: { ...HARDWARE, noPsumHazard: true } }).ofmap).toEqual([2020]);
  });
});

describe('a corrupted run', () => {
  // Two oc × two ic × three kw tiles × three ow tiles: 36 steps.
  const layer = tinyConv({ oc: 2, ic: 2, kw: 3, ow: 6 }, { ow: 2 });
  const right = run({ layer, assumptions: KEEP_RESIDENT });
  const corrupted = (corruption: Corruption): number[] => run({ layer, assumptions: KEEP_RESIDENT, corruption }).ofmap;

  it.each([
    ['weight', 'load', 12], // 2 oc × 2 ic × 3 kw: each is loaded once
    ['bias', 'load', 2],
    ['ifmap', 'load', 36],
    ['psum', 'load', 30], // 6 psum tiles, each visited 6 times, the first time without a load
    ['psum', 'store', 36],
  ] as const)('is wrong whichever %s %s it lacks', (tensor, direction, count) => {
    const concerns = (move: TileMove): boolean => move.tensor === tensor && move.direction === direction;
    expect(right.moves.filter(concerns)).toHaveLength(count);
    for (let place = 0; place < count; place++)
      expect(corrupted(skipMove(concerns, place)), `${direction} ${place}`).not.toEqual(right.ofmap);
  });

  it('is wrong whichever step adds to its psums twice', () => {
    // Of each oc tile's 18 steps the first three start the sums, so doing them twice changes nothing.
    for (const oc of [0, 1])
      for (let step = 3; step < 18; step++)
        expect(corrupted(computeTwice(18 * oc + step)), `step ${step} of oc ${oc}`).not.toEqual(right.ofmap);
  });
});

describe('a machine with a fault of its own', () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  const layer = tinyConv({ ic: 2, kh: 2, oh: 3 }, { oh: 2 });

  it('is caught when it takes two weight tiles for one', () => {
    const right = run({ layer, assumptions: KEEP_RESIDENT });
    const { key } = LoopNest.prototype;
    vi.spyOn(LoopNest.prototype, 'key').mockImplementation(function (this: LoopNest, mask) {
      return key.call(this, mask & ~REDUCTION_MASK);
    });
    const wrong = run({ layer, assumptions: KEEP_RESIDENT });
    expect(wrong.moves.length).toBeLessThan(right.moves.length);
    expect(wrong.ofmap).not.toEqual(right.ofmap);
  });

  it('is caught when it does not see that a psum comes back', () => {
    const few = tinyConv({ ic: 4 }, {});
    const right = run({ layer: few });
    vi.spyOn(SaSchedule.prototype, 'fewestVisitsBetween').mockReturnValue(Number.POSITIVE_INFINITY);
    expect(run({ layer: few }).ofmap).not.toEqual(right.ofmap);
  });
});
