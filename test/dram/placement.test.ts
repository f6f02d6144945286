import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Runs } from '../../src/model/dram/burstWalk.ts';
import { LAYOUTS, type PlacedTile } from '../../src/model/dram/layout.ts';
import { placeTensors } from '../../src/model/dram/placement.ts';
import { NO_WINDOW, type SimdLayer } from '../../src/model/layers/layer.ts';
import { SIMD_OPS } from '../../src/model/operations/simdTable.ts';
import { HARDWARE } from '../../src/model/schedule/assumptions.ts';
import { SimdSchedule } from '../../src/model/schedule/simdSchedule.ts';
import { sample, simdCases } from '../support/arbitraries.ts';
import { dramPreset } from '../support/dram.ts';

const spec = dramPreset('HBM2');

function bitsOf({ runBits, loops }: Runs): number {
  return loops.reduce((bits, { count }) => bits * count, runBits);
}

describe('an update of parameters that are stored wider than they were loaded', () => {
  // 2 channels of 2×2 parameters: 8 elements.
  const layer: SimdLayer = {
    unit: 'SIMD',
    name: 'update',
    op: 'sgd-4d',
    sizes: { c: 2, n: 1, h: 2, w: 2 },
    tile: { c: 2, n: 1, h: 2, w: 2 },
    window: NO_WINDOW,
    bits: { input: 16, output: 32, psum: 32, weight: 1, bias: 1 },
  };
  const load: PlacedTile = { tensor: 'P', step: 0, direction: 'load', bits: 8 * 16, operand: 0 };
  const store: PlacedTile = { tensor: 'P', step: 0, direction: 'store', bits: 8 * 32, operand: 0 };

  it.each(LAYOUTS)('moves all their bits both ways, each width in a place of its own: %s', (layout) => {
    const placement = placeTensors(layer, false, spec, layout);
    expect([bitsOf(placement.runsOf(load)), bitsOf(placement.runsOf(store))]).toEqual([128, 256]);
    expect(placement.runsOf(store).base).toBeGreaterThanOrEqual(placement.runsOf(load).base + 128);
  });

  it('is in place where the widths are equal', () => {
    const placement = placeTensors(
      { ...layer, bits: { input: 32, output: 32, psum: 32, weight: 1, bias: 1 } },
      false,
      spec,
      'nhwc',
    );
    expect(placement.runsOf(store)).toEqual(placement.runsOf({ ...load, bits: 8 * 32 }));
  });
});

describe.each(LAYOUTS)('in the layout %s', (layout) => {
  it('every tile of every SIMD operation is as many bits in memory as move', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...SIMD_OPS).chain((op) => simdCases(op)),
        ({ hardware, layer }) => {
          const placement = placeTensors(layer, false, spec, layout);
          const schedule = new SimdSchedule(layer, hardware, HARDWARE);
          const walk = schedule.walk();
          for (let step = 0; step < schedule.steps; step++) {
            for (const direction of ['load', 'store'] as const) {
              const transfers = direction === 'load' ? walk.step.tile.loads : walk.step.tile.stores;
              transfers.forEach(({ operand: { tensor }, bits }, operand) => {
                expect(bitsOf(placement.runsOf({ tensor, step, direction, bits, operand }))).toBe(bits);
              });
            }
            walk.advance();
          }
        },
      ),
      sample(50),
    );
  });
});

describe('a memory that is too small for a layer', () => {
  const layer: SimdLayer = {
    unit: 'SIMD',
    name: 'relu1',
    op: 'relu',
    sizes: { c: 64, n: 1, h: 1024, w: 1024 },
    tile: { c: 64, n: 1, h: 1, w: 1024 },
    window: NO_WINDOW,
    bits: { input: 32, output: 32, psum: 32, weight: 1, bias: 1 },
  };

  it('is refused by the layer’s name', () => {
    // X and Y are 256 MiB each, Y four rows of 8 channels (64 KiB) further than X would end.
    expect(placeTensors(layer, false, spec, 'tiles').bytes).toBe(2 * 2 ** 28 + 2 ** 16);
    expect(() => placeTensors(layer, false, spec, 'tiles', 2 ** 29)).toThrow(
      'HBM2: got 536936448, expected at most the 536870912 bytes of the memory for its tensors (layer relu1)',
    );
  });
});
