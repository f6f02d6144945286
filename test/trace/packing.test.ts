import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NumberReader, PackedNumbers } from '../../src/views/trace/packing.ts';
import { SamplePacker, unpackCounter } from '../../src/views/trace/pageCounters.ts';
import { LanePacker, unpackLanes } from '../../src/views/trace/pageData.ts';
import { sample } from '../support/arbitraries.ts';
import { traceInMemory } from '../support/memoryTrace.ts';
import { hardwarePreset, inferenceLayers } from '../support/presets.ts';

describe('packed numbers', () => {
  it('take a byte for every seven bits', () => {
    const numbers = new PackedNumbers();
    // 300 = 2 · 128 + 44, low digit first with its top bit set; −1 is packed as 1.
    for (const value of [0, 127, 300]) numbers.add(value);
    numbers.addSigned(-1);
    expect([...numbers.take()]).toEqual([0, 127, 128 + 44, 2, 1]);
  });

  it('come back as they were, up to the largest safe integer', () => {
    const there = (values: readonly number[]): void => {
      const numbers = new PackedNumbers();
      for (const value of values) numbers.add(value);
      const reader = new NumberReader(numbers.take());
      expect(values.map(() => reader.next())).toEqual(values);
      expect(reader.isAtEnd()).toBe(true);
    };
    there([0, 2 ** 53 - 1]);
    fc.assert(fc.property(fc.array(fc.maxSafeNat()), there), sample(50));
    const signed = (value: number): void => {
      const numbers = new PackedNumbers();
      numbers.addSigned(value);
      expect(new NumberReader(numbers.take()).nextSigned()).toBe(value);
    };
    fc.assert(fc.property(fc.integer(), signed), sample(50));
  });
});

describe('the slices in a page', () => {
  it('come back as they were recorded, lane by lane, however they are cut into pieces', () => {
    const hardware = hardwarePreset('HI3');
    const { slices } = traceInMemory(inferenceLayers('resnet18', hardware), hardware);
    const lanes = 1 + Math.max(...slices.map(({ lane }) => lane.index));
    const packers = new Map<number, LanePacker>();
    const pieces: Uint8Array[] = [];
    slices.forEach((slice, place) => {
      const packer = packers.get(slice.lane.index) ?? new LanePacker(slice.lane);
      packers.set(slice.lane.index, packer);
      packer.add(slice, place % 200);
      if (packer.count === 7) pieces.push(packer.take());
    });
    for (const packer of packers.values()) if (packer.count > 0) pieces.push(packer.take());
    const back = unpackLanes(lanes, pieces);
    for (let lane = 0; lane < lanes; lane++) {
      const recorded = slices.filter((slice) => slice.lane.index === lane);
      const { starts, ends, layers, steps, bits } = back[lane]!;
      const unpacked = recorded.map((_, place) => [
        starts[place],
        ends[place],
        layers[place],
        steps[place],
        bits[place],
      ]);
      expect(unpacked).toEqual(recorded.map((each) => [each.start, each.end, each.traced.index, each.step, each.bits]));
    }
  });
});

describe('the counters in a page', () => {
  it('take one number for each step by one: thrice the cycles since the last, and which way', () => {
    const packer = new SamplePacker(5);
    // At 4 up by one (12 + 0), at 10 down by one (18 + 1), at 11 up by 3 (3 + 2, then 3 as signed: 6).
    for (const [cycle, value] of [
      [4, 1],
      [10, 0],
      [11, 3],
    ] as const)
      packer.add(cycle, value);
    expect([...packer.take()]).toEqual([5, 3, 12, 19, 5, 6]);
  });

  it('come back as the stretches in which they are not 0, however they are cut into pieces', () => {
    const step = fc.record({ cycles: fc.integer({ min: 1, max: 1000 }), value: fc.nat({ max: 4 }) });
    const there = (steps: { cycles: number; value: number }[], size: number): void => {
      const [other, packer] = [new SamplePacker(0), new SamplePacker(1)];
      const pieces: Uint8Array[] = [];
      let cycle = 0;
      const stretches: number[][] = [];
      steps.forEach(({ cycles, value }, place) => {
        cycle += cycles;
        packer.add(cycle, value);
        other.add(cycle, 7);
        const next = steps[place + 1];
        if (value !== 0 && next !== undefined) stretches.push([cycle, cycle + next.cycles, value]);
        if (packer.count === size) pieces.push(other.take(), packer.take());
      });
      pieces.push(packer.take());
      const { count, starts, ends, bits } = unpackCounter(1, pieces);
      expect(Array.from({ length: count }, (_, place) => [starts[place], ends[place], bits[place]])).toEqual(stretches);
    };
    fc.assert(fc.property(fc.array(step, { minLength: 1 }), fc.integer({ min: 1, max: 5 }), there), sample(50));
  });
});
