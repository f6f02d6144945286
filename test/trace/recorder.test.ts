import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Layer,
  type SaLayer,
  type SimdSizes,
  UNIT_SLIDING,
  WEIGHT_STATIONARY,
} from '../../src/model/layers/layer.ts';
import { SIMD_OPERATIONS, type SimdOp } from '../../src/model/operations/simdTable.ts';
import type { Assumptions } from '../../src/model/schedule/assumptions.ts';
import type { Hardware } from '../../src/model/schemas/hardware.ts';
import type { Lane } from '../../src/views/trace/lanes.ts';
import { type Flow, type Slice, sliceFields, sliceName } from '../../src/views/trace/slice.ts';
import { assumptionSets, isDefined, saCases, sample, simdCases } from '../support/arbitraries.ts';
import { type MemoryTrace, traceInMemory } from '../support/memoryTrace.ts';
import { hardwarePreset, inferenceLayers, trainingLayers } from '../support/presets.ts';
import { expectAllBits, expectBandwidth, expectExact, expectOrdered } from '../support/traceRules.ts';

/** A 1×1 conv on a 1×1 array: 2 oc-tiles of one channel, 2 images; every tile is one element of 8 bits. */
const hardware: Hardware = {
  ...hardwarePreset('HI3'),
  array: { rows: 1, columns: 1 },
  bits: { weight: 8, ifmap: 8, psum: 8, bias: 8 },
  bitsPerCycle: { weight: 4, ifmap: 8, psum: 8, vmem: 8 },
};
const sizes = { oc: 2, ic: 1, kh: 1, kw: 1, n: 2, oh: 1, ow: 1 };
const conv: SaLayer = {
  unit: 'SA',
  name: 'conv',
  op: 'conv',
  sizes,
  tile: { oc: 1, ic: 1, kh: 1, kw: 1, n: 1, oh: 1, ow: 1 },
  groups: 1,
  ...UNIT_SLIDING,
  loopOrder: WEIGHT_STATIONARY,
  bits: { ifmap: 8, weight: 8, psum: 8, bias: 8 },
};

/** Slices of a lane as `name start–end`. */
function lane({ slices }: MemoryTrace, name: string): string[] {
  return slices.filter((each) => each.lane.name === name).map((each) => `${sliceName(each)} ${each.start}–${each.end}`);
}

describe('the timeline of four tiles', () => {
  // A weight takes 8/4 = 2 cycles and so does its bias; ifmap and psum 1; a compute 1 (no fill on a 1×1 array).
  // Steps (oc, n): (0,0) (0,1) (1,0) (1,1). WBuf has two slots, so both oc-tiles are loaded at once: 0–4 and 4–8.
  const trace = traceInMemory([conv], hardware);

  it('shows weight and bias one after the other, and both oc-tiles back to back', () => {
    expect(lane(trace, 'weight interface')).toEqual([
      'load weight 0–2',
      'load bias 2–4',
      'load weight 4–6',
      'load bias 6–8',
    ]);
  });

  it('shows what the array did and what it waited for, cycle by cycle', () => {
    expect(lane(trace, 'PE array')).toEqual([
      'wait: weight 0–2', // until the first part of the joint transfer is in
      'wait: bias 2–4',
      'compute 4–5', // (0,0)
      'compute 5–6', // (0,1), whose ifmap came at 2
      'wait: bias 6–8',
      'compute 8–9', // (1,0)
      'compute 9–10', // (1,1)
      'wait: drain 10–11',
    ]);
    expect(lane(trace, 'psum interface')).toEqual([
      'store ofmap 5–6',
      'store ofmap 6–7',
      'store ofmap 9–10',
      'store ofmap 10–11',
    ]);
  });

  it('shows each slot from its grant to its release', () => {
    // oc-tile 0 is used by steps 0 and 1, oc-tile 1 by steps 2 and 3.
    expect(lane(trace, 'WBuf slot 0')).toEqual(['hold weight 0–6']);
    expect(lane(trace, 'WBuf slot 1')).toEqual(['hold weight 0–10']);
    // Steps 0 and 2 take slot 0 of IBuf, the latter as soon as step 0 has computed.
    expect(lane(trace, 'IBuf slot 0')).toEqual(['hold ifmap 0–5', 'hold ifmap 5–9']);
    // Slot 0 of OBuf: step 0 until its store ends at 6, then step 2 until 10.
    expect(lane(trace, 'OBuf slot 0')).toEqual(['hold psum 0–6', 'hold psum 6–10']);
  });

  it('names every field of a tile', () => {
    const store = trace.slices.find((each) => each.kind === 'store' && each.step === 3)!;
    expect(sliceFields(store)).toEqual({
      ...{ layer: 'conv', op: 'conv', unit: 'SA', step: 3, oc: 1, n: 1, oh: 0, ow: 0 },
      ...{ tensor: 'ofmap', bits: 8, cycles: 1 },
    });
  });

  it('draws an arrow from every load to its first compute and from every compute to its store', () => {
    // 2 weights, 2 biases, 4 ifmaps; 4 stores.
    const into = (key: string) => trace.flows.filter(({ to }) => to.lane.key === key).length;
    expect([into('pe-array'), into('psum-interface'), trace.flows.length]).toEqual([8, 4, 12]);
  });

  it('counts what buffers hold, what interfaces move and what they still have to do', () => {
    const samples = (name: string) =>
      trace.samples.filter(({ counter }) => counter.name === name).map(({ cycle, value }) => [cycle, value]);
    expect(samples('wbuf occupancy')).toEqual([
      [0, 16],
      [6, 8],
      [10, 0],
    ]);
    expect(samples('weight interface bandwidth asked for')).toEqual([
      [0, 4],
      [8, 0],
    ]);
    expect(samples('weight interface outstanding')).toEqual([
      [0, 2],
      [4, 1],
      [8, 0],
    ]);
  });
});

it('shows weights and biases of the SIMD array in VMem, not in WBuf and BBuf', () => {
  const bits = { input: 8, output: 8, psum: 8, weight: 8, bias: 8 };
  const channels = { c: 4, n: 1, h: 1, w: 1 };
  const depthwise: Layer = {
    ...{ unit: 'SIMD', name: 'depthwise', op: 'depthwise-conv', sizes: channels, tile: { ...channels, c: 1 } },
    window: { kh: 1, kw: 1, ...UNIT_SLIDING },
    bits,
  };
  // Four slots of VMem, one of BBuf: the fourth tile's bias has a slot that BBuf does not have.
  const trace = traceInMemory([depthwise], {
    ...hardware,
    slots: { ...hardware.slots, bbuf: 1, vmem: 4 },
  });
  const held = trace.slices.filter(({ kind }) => kind === 'hold').map(({ lane: { name } }) => name.replace(/ .*/, ''));
  expect(new Set(held)).toEqual(new Set(['VMem']));
});

describe('on random layers', () => {
  const check = ({ hardware: random, layer }: { hardware: Hardware; layer: Layer }, assumptions: Assumptions): void => {
    fc.pre(isDefined({ hardware: random, layer }, assumptions));
    // Twice, so that the second layer begins where the first has ended.
    const trace = traceInMemory([layer, layer], random, assumptions);
    expectExact(trace);
    expectAllBits(trace);
    expectOrdered(trace);
    expectBandwidth(trace, random);
  };

  it('lanes add up to the run, in order, on the SA under any assumptions', () => {
    fc.assert(fc.property(saCases({ randomSlots: true, randomOrder: true }), assumptionSets, check), sample(50));
  });

  it.each(Object.keys(SIMD_OPERATIONS) as SimdOp[])('and on the SIMD array for %s', (op) => {
    fc.assert(fc.property(simdCases(op, { randomSlots: true }), assumptionSets, check), sample(10));
  });
});

/** Things by their lane, in their order. */
function byLane<Thing>(things: readonly Thing[], laneOf: (thing: Thing) => Lane): Map<Lane, Thing[]> {
  const lanes = new Map<Lane, Thing[]>();
  for (const thing of things) {
    const known = lanes.get(laneOf(thing));
    if (known === undefined) lanes.set(laneOf(thing), [thing]);
    else known.push(thing);
  }
  return lanes;
}

describe('arrows of per-channel vectors', () => {
  const ht3 = hardwarePreset('HT3');
  const layers = trainingLayers('resnet18', ht3, 'exact', 2);
  const trace = traceInMemory(layers, ht3);
  const slices = byLane(trace.slices, (each) => each.lane);
  const flows = { from: byLane(trace.flows, ({ from }) => from.lane), to: byLane(trace.flows, ({ to }) => to.lane) };
  const sliceAt = ({ lane, cycle }: Flow['from']): Slice =>
    slices.get(lane)!.find((each) => each.start <= cycle && cycle < each.end)!;
  /** Where the arrows at the tiles of a tensor of an operation come from, or go to: steps from the tile's own. */
  const distances = (op: SimdOp, tensor: string, end: 'from' | 'to'): Set<number> => {
    const tiles = trace.slices.filter((each) => each.traced.layer.op === op && each.tensor === tensor);
    return new Set(
      tiles.map(({ lane, start, step, kind }) => {
        const own = kind === 'load' ? 'from' : 'to';
        const flow = flows[own].get(lane)?.find((each) => sliceAt(each[own]).start === start);
        return flow === undefined ? Number.NaN : sliceAt(flow[end]).step - step;
      }),
    );
  };

  it('go from what a part without instructions loads to the next step that computes', () => {
    for (const tensor of ['mean', 'invStd', 'gamma', 'beta']) {
      expect([tensor, distances('bn-normalise', tensor, 'to')]).toEqual([tensor, new Set([1])]);
    }
    for (const tensor of ['mean', 'invStd']) {
      expect([tensor, distances('bn-grad', tensor, 'to')]).toEqual([tensor, new Set([1])]);
    }
    // γ has instructions of its own.
    expect(distances('bn-grad', 'gamma', 'to')).toEqual(new Set([0]));
  });

  it('come to what such a part stores from the last step that has made it', () => {
    // Behind the T steps of part 1, which add up dγ and dβ, come γ's and the T steps of part 2: 1 + T + 1 steps later.
    const planeTiles = new Set(
      layers
        .filter((layer) => layer.op === 'bn-grad')
        .map(({ sizes, tile }) =>
          (['n', 'h', 'w'] as const).reduce(
            (tiles, dim) => tiles * Math.ceil((sizes as SimdSizes)[dim] / (tile as SimdSizes)[dim]),
            1,
          ),
        ),
    );
    const expected = new Set([...planeTiles].map((tiles) => -(1 + tiles + 1)));
    expect(distances('bn-grad', 'dgamma', 'from')).toEqual(expected);
    expect(distances('bn-grad', 'dbeta', 'from')).toEqual(expected);
    // The sum of a bias gradient is there when its last tile is added.
    expect(distances('reduce-sum', 'sum', 'from')).toEqual(new Set([-1]));
  });

  it('leave no tile that travels without one', () => {
    const moved = trace.slices.filter(({ kind }) => kind === 'load' || kind === 'store');
    expect(trace.flows).toHaveLength(moved.length);
  });
});

describe('whole networks', () => {
  const hi3 = hardwarePreset('HI3');

  it('ResNet-50 on HI3: lanes add up to the run, in order', () => {
    const trace = traceInMemory(inferenceLayers('resnet50', hi3), hi3);
    expectExact(trace);
    expectAllBits(trace);
    expectOrdered(trace);
    expectBandwidth(trace, hi3);
  });
});
