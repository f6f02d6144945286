/** Fast-forward gives the same result as stepping every tile, figure by figure, and steps few tiles. */
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { DramModel } from '../../src/model/dram/model.ts';
import type { Snapshot } from '../../src/model/engine/snapshot.ts';
import type { StateList } from '../../src/model/engine/stateList.ts';
import type { Layer } from '../../src/model/layers/layer.ts';
import { Dispatcher } from '../../src/model/machine/dispatcher.ts';
import { Machine } from '../../src/model/machine/machine.ts';
import { OffChipInterface } from '../../src/model/machine/offChipInterface.ts';
import { ResultStream } from '../../src/model/machine/resultStream.ts';
import { SlotUses } from '../../src/model/machine/slotUses.ts';
import type { SimulatedResult } from '../../src/model/machine/statistics.ts';
import { SIMD_OPERATIONS, type SimdOp } from '../../src/model/operations/simdTable.ts';
import { type Assumptions, HARDWARE, PAPER } from '../../src/model/schedule/assumptions.ts';
import { LoopNest } from '../../src/model/schedule/loopNest.ts';
import type { Hardware } from '../../src/model/schemas/hardware.ts';
import { parseLatency } from '../../src/model/schemas/latency.ts';
import { assumptionSets, type Case, isDefined, saCases, sample, simdCases } from '../support/arbitraries.ts';
import { dramPreset } from '../support/dram.ts';
import {
  hardwarePreset,
  INFERENCE_HARDWARE,
  inferenceLayers,
  TRAINING_HARDWARE,
  trainingLayers,
} from '../support/presets.ts';
import { TINY_HARDWARE, tinyConv } from '../support/tinyMachine.ts';

/** Everything that a run says but how many of its tiles it has jumped over. */
function figures({
  steppedTiles: _,
  jumpedTiles: __,
  ...result
}: SimulatedResult): Omit<SimulatedResult, 'steppedTiles' | 'jumpedTiles'> {
  return result;
}

function stepped(layer: Layer, hardware: Hardware, assumptions: Assumptions): SimulatedResult {
  return new Machine(hardware, { fastForward: false }).run(layer, assumptions);
}

const anyLongSimd = fc
  .constantFrom(...(Object.keys(SIMD_OPERATIONS) as SimdOp[]))
  .chain((op) => simdCases(op, { randomSlots: true, isLong: true }));
const anyLongCase: fc.Arbitrary<Case<Layer>> = fc.oneof(
  { weight: 3, arbitrary: saCases({ randomSlots: true, randomOrder: true, isLong: true }) },
  { weight: 1, arbitrary: saCases({ randomSlots: true, isLong: true }) },
  { weight: 1, arbitrary: anyLongSimd },
);

describe('fast-forward equals stepping in every figure', () => {
  const networks = ['resnet18', 'resnet50'] as const;
  const cases = networks.flatMap((network) => [
    ...INFERENCE_HARDWARE.map((name) => [network, 'inference', name] as const),
    ...TRAINING_HARDWARE.map((name) => [network, 'training', name] as const),
  ]);

  it.each(cases)('%s %s on %s, as the paper assumes and as the hardware does', (network, phase, name) => {
    const hardware = hardwarePreset(name);
    const layers =
      phase === 'inference' ? inferenceLayers(network, hardware) : trainingLayers(network, hardware, 'published');
    for (const assumptions of [PAPER, HARDWARE]) {
      const fast = new Machine(hardware);
      const slow = new Machine(hardware, { fastForward: false });
      for (const layer of layers) {
        expect(figures(fast.run(layer, assumptions)), layer.name).toEqual(figures(slow.run(layer, assumptions)));
      }
    }
  });

  it('on random layers with random slots, bandwidths, loop orders, edge tiles and assumptions', () => {
    let jumped = 0;
    let all = 0;
    fc.assert(
      fc.property(anyLongCase, assumptionSets, ({ hardware, layer }, assumptions) => {
        fc.pre(isDefined({ hardware, layer }, assumptions));
        const fast = new Machine(hardware).run(layer, assumptions);
        jumped += fast.jumpedTiles;
        all += fast.tiles;
        expect(fast.steppedTiles + fast.jumpedTiles).toBe(fast.tiles);
        expect(JSON.stringify(figures(fast))).toBe(JSON.stringify(figures(stepped(layer, hardware, assumptions))));
      }),
      sample(1000),
    );
    // Otherwise the property would say nothing.
    expect(jumped).toBeGreaterThan(all / 2);
  });

  it('on a latency DRAM without jitter', () => {
    const hardware = hardwarePreset('HI1');
    const dram = latency(0);
    const fast = new Machine(hardware, { dram });
    const slow = new Machine(hardware, { dram, fastForward: false });
    for (const layer of inferenceLayers('resnet18', hardware, 4)) {
      expect(figures(fast.run(layer, HARDWARE)), layer.name).toEqual(figures(slow.run(layer, HARDWARE)));
    }
  });
});

function latency(jitterCycles: number): DramModel {
  const each = { latencyCycles: 40, jitterCycles, burstBytes: 32, efficiency: 0.9 };
  const interfaces = { weight: each, ifmap: each, psum: each, vmem: each };
  return { kind: 'latency', spec: parseLatency({ name: 'test', model: 'latency', interfaces }, 'test'), seed: '1' };
}

describe('a regular layer', () => {
  // Per tile of 10 positions: compute 10 cycles, ifmap 10, psum 10, each at one bit per cycle and one element per bit.
  const layer = (tiles: number): Layer => tinyConv({ ow: 10 * tiles }, { ow: 10 });

  it('takes what a reader counts: load, compute tile after tile, store', () => {
    // The first ifmap takes cycles 0–10 (weight and bias, a cycle each, meanwhile); from then on a tile is computed every
    // 10 cycles while the next ifmap arrives and the last ofmap leaves; the last store takes 10 more.
    for (const tiles of [10, 1000, 1_000_000]) {
      const { totalCycles, computeCycles, waiting } = new Machine(TINY_HARDWARE).run(layer(tiles), HARDWARE);
      expect(totalCycles).toBe(10 + 10 * tiles + 10);
      expect(computeCycles).toBe(10 * tiles);
      expect([waiting.ifmap, waiting.drain]).toEqual([10, 10]);
    }
  });

  it('steps as many tiles whether it has a thousand of them or a million', () => {
    const steppedOf = (tiles: number): number => new Machine(TINY_HARDWARE).run(layer(tiles), HARDWARE).steppedTiles;
    expect(steppedOf(1000)).toBeLessThan(20);
    expect(steppedOf(1_000_000)).toBe(steppedOf(1000));
  });

  it('steps as many tiles with 10, 100 and 1000 times the batch', () => {
    const hardware = hardwarePreset('HI1');
    const machine = new Machine(hardware);
    const [one, ...more] = [10, 100, 1000, 10_000].map((batch) =>
      inferenceLayers('resnet18', hardware, batch).map((each) => machine.run(each, HARDWARE)),
    );
    const sum = (results: readonly SimulatedResult[], figure: 'tiles' | 'steppedTiles'): number =>
      results.reduce((total, result) => total + result[figure], 0);
    for (const [place, results] of more.entries()) {
      expect(sum(results, 'tiles')).toBeGreaterThan(9 * 10 ** place * sum(one!, 'tiles'));
      expect(sum(results, 'steppedTiles')).toBeLessThan(1.1 * sum(one!, 'steppedTiles'));
    }
  });

  it('is not run again where one like it has run before', () => {
    const machine = new Machine(TINY_HARDWARE);
    const first = machine.run(layer(100), HARDWARE);
    const again = machine.run({ ...layer(100), name: 'another name' }, HARDWARE);
    expect(figures(again)).toEqual(figures(first));
    expect([again.steppedTiles, again.jumpedTiles]).toEqual([0, 100]);
    expect(machine.run(layer(100), PAPER).steppedTiles).toBeGreaterThan(0);
  });
});

describe('every tile is stepped', () => {
  const layer = tinyConv({ ow: 100 }, {});
  const steppedOf = (machine: Machine): number => machine.run(layer, HARDWARE).steppedTiles;

  it('where fast-forward is switched off', () => {
    expect(steppedOf(new Machine(TINY_HARDWARE, { fastForward: false }))).toBe(100);
  });

  it('where transfers jitter', () => {
    expect(steppedOf(new Machine(TINY_HARDWARE, { dram: latency(3) }))).toBe(100);
  });

  it('on banked DRAM', () => {
    const dram: DramModel = { kind: 'banked', spec: dramPreset('HBM2'), layout: 'tiles', sharing: 'shared' };
    expect(steppedOf(new Machine(TINY_HARDWARE, { dram }))).toBe(100);
  });

  it('where somebody watches', () => {
    const machine = new Machine(TINY_HARDWARE);
    const ends: number[] = [];
    machine.observe({
      layerStarted: () => {},
      transferRequested: () => {},
      transferStarted: () => {},
      transferEnded: () => {},
      computeStarted: () => {},
      computeEnded: (step) => ends.push(step),
      layerEnded: () => {},
    });
    expect(steppedOf(machine)).toBe(100);
    expect(ends).toEqual(Array.from({ length: 100 }, (_, step) => step));
  });
});

describe('fast-forward with a fault of its own', () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  type Visit = (this: unknown, state: StateList, ...more: unknown[]) => void;

  /** Has a component show its state with some of the visitor's methods replaced. */
  function distort(prototype: object, change: (state: StateList) => Partial<StateList>): void {
    const visiting = prototype as { listState: Visit };
    const { listState: visit } = visiting;
    vi.spyOn(visiting, 'listState').mockImplementation(function (this: unknown, state, ...more) {
      const plain: StateList = {
        loop: state.loop,
        same: (value) => state.same(value),
        cycle: (value) => state.cycle(value),
        total: (value) => state.total(value),
        totals: (values) => state.totals(values),
        iteration: (value, furthest) => state.iteration(value, furthest),
        pastCycle: (value) => state.pastCycle(value),
        followingIteration: (value, furthest) => state.followingIteration(value, furthest),
      };
      visit.call(this, { ...plain, ...change(state) }, ...more);
    });
  }

  /** Nothing is compared, cycles included. */
  const blind = (state: StateList): Partial<StateList> => ({
    same: () => {},
    cycle: (value) => ((state as Snapshot).isMoving() ? state.cycle(value) : value),
  });

  const faults: [string, () => void][] = [
    ['does not look at the interfaces', () => distort(OffChipInterface.prototype, blind)],
    ['does not look at what the slots hold', () => distort(SlotUses.prototype, blind)],
    ['does not look at the dispatchers', () => distort(Dispatcher.prototype, blind)],
    ['does not look at the slots of results', () => distort(ResultStream.prototype, blind)],
    [
      'jumps into the last iteration of a loop',
      () =>
        distort(LoopNest.prototype, (state) => ({
          iteration: (value, furthest) => state.iteration(value, furthest + 1),
        })),
    ],
  ];

  it.each(faults)('is caught when it %s', (_, put) => {
    put();
    const outcome = fc.check(
      fc.property(anyLongCase, assumptionSets, ({ hardware, layer }, assumptions) => {
        fc.pre(isDefined({ hardware, layer }, assumptions));
        const fast = new Machine(hardware).run(layer, assumptions);
        return JSON.stringify(figures(fast)) === JSON.stringify(figures(stepped(layer, hardware, assumptions)));
      }),
      // Of the first seeds the one by which the last of them is caught soonest.
      { seed: 2, numRuns: 2000, endOnFailure: true },
    );
    expect(outcome.failed).toBe(true);
  });
});
